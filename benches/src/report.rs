//! The aligned table that a measurement ends in.

use std::fmt::Write;
use std::time::Duration;

use pleach_graph::{Claim, Client, Device, Link, Node, Place};

use crate::measure::Series;
use crate::stages::{Goal, Stage};

/// A measured stage.
#[derive(Debug)]
pub struct Row {
    /// Which.
    pub stage: &'static Stage,
    /// Its runs.
    pub series: Series,
}

/// One line per stage: medians, the spread, memory, how far from the floor, whether the goal is met.
pub fn table(rows: &[Row], customers: usize) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{:<36} {:>11}  {:>23}  {:>11}  {:>10}  {:>7}  goal",
        "stage", "median", "fastest – slowest", "cpu", "memory", "× floor"
    );
    for Row { stage, series } in rows {
        let median = series.median();
        let spread = format!("{} – {}", millis(series.min()), millis(series.max()));
        let memory = series.memory().map_or_else(String::new, mebibytes);
        let floor = rows.iter().find(|row| Some(row.stage.name) == stage.floor);
        let ratio = floor.map_or_else(String::new, |floor| {
            format!("{:.1}", median.as_secs_f64() / floor.series.median().as_secs_f64().max(f64::MIN_POSITIVE))
        });
        let goal = stage.goals.iter().find(|goal| goal.customers == customers);
        let goal = goal.map_or_else(String::new, |goal| verdict(goal, series));
        let (name, median, cpu) = (stage.name, millis(median), millis(series.cpu()));
        let line = format!("{name:<36} {median:>11}  {spread:>23}  {cpu:>11}  {memory:>10}  {ratio:>7}  {goal}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// What a stage may take, and whether it does.
fn verdict(goal: &Goal, series: &Series) -> String {
    let said = |is_met| if is_met { "met" } else { "MISSED" };
    let mut text = format!("{} {}", millis(goal.time), said(series.median() <= goal.time));
    if let Some((most, taken)) = goal.memory.zip(series.memory()) {
        let _ = write!(text, ", {} {}", mebibytes(most), said(taken <= most));
    }
    text
}

/// What the records of a graph weigh, in bytes.
pub fn sizes() -> String {
    let sizes = [
        ("Node", size_of::<Node>()),
        ("Client", size_of::<Client>()),
        ("Device", size_of::<Device>()),
        ("Claim", size_of::<Claim>()),
        ("Link", size_of::<Link>()),
        ("Place", size_of::<Place>()),
    ];
    let list: Vec<String> = sizes.iter().map(|(name, size)| format!("{name} {size}")).collect();
    format!("bytes per record: {}", list.join(", "))
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn mebibytes(bytes: u64) -> String {
    format!("{}.{} MiB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Measure;
    use crate::stages::{STAGES, find};

    #[test]
    fn says_the_ratio_to_the_floor_and_whether_the_goal_is_met() {
        let series = |millis| {
            Series::new(vec![Measure {
                time: Duration::from_millis(millis),
                cpu: Duration::ZERO,
                memory: Some(3 << 19),
            }])
        };
        let stage = find("tree at the top").expect("a stage");
        let floor = find("floor: petgraph search").expect("a stage");
        let rows = [Row { stage: floor, series: series(4) }, Row { stage, series: series(10) }];
        let text = table(&rows, 100_000);
        let line = text.lines().nth(2).expect("a header and two lines");
        for part in ["10.00 ms", "1.5 MiB", "2.5", "20.00 ms met"] {
            assert!(line.contains(part), "`{part}` in `{line}`");
        }
        assert!(!table(&rows, 7).contains("met"), "no goal is stated for 7 customers");
        assert!(STAGES.len() > 2);
    }
}
