//! The stages that are measured, one line each, and how a stage is run.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use pleach::load::load;
use pleach_graph::{Census, NodeIndex, Policy, Tree, stored};

use crate::export;
use crate::floors::{self, Durability};
use crate::graph::{ParentsBy, build};
use crate::measure::{Measure, Series};
use crate::rules;
use crate::subject::Subject;

/// Something that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// What it does, in a few words; unique.
    pub name: &'static str,
    /// The stage that does the least that could do the job.
    pub floor: Option<&'static str>,
    /// Where it is run.
    pub process: Process,
    /// What it may take, by number of customers.
    pub goals: &'static [Goal],
    /// One run.
    pub run: fn(&Subject) -> Result<Measure>,
}

/// Where a stage is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// Again and again in one process, after one run that does not count: what a daemon would see.
    Warm,
    /// Each run in a new process, page faults and all, which is weighed: what a command would see.
    Fresh,
    /// Each run is a whole process, from its start to its end, with everything in it.
    Whole,
}

/// What a stage may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// At this many customers.
    pub customers: usize,
    /// The median's limit.
    pub time: Duration,
    /// The median's limit, in bytes.
    pub memory: Option<u64>,
}

/// Every stage, in the order they are listed in; a floor stands before what stands on it.
pub const STAGES: &[Stage] = &[
    Stage {
        name: "floor: petgraph build",
        floor: None,
        process: Process::Fresh,
        goals: &[],
        run: |subject| {
            let network = subject.network();
            Ok(Measure::weighed(|| floors::petgraph_build(network))?)
        },
    },
    Stage {
        name: "floor: petgraph search",
        floor: None,
        process: Process::Warm,
        goals: &[],
        run: |subject| {
            let graph = subject.floor_graph();
            Ok(Measure::of(|| floors::petgraph_search(graph, NodeIndex::new(0))))
        },
    },
    Stage {
        name: "floor: write both files",
        floor: None,
        process: Process::Warm,
        goals: &[],
        run: |subject| write_floor(subject, Durability::Handed),
    },
    Stage {
        name: "floor: write both files, fsync",
        floor: None,
        process: Process::Warm,
        goals: &[],
        run: |subject| write_floor(subject, Durability::Synced),
    },
    Stage {
        name: "floor: rows by the csv crate alone",
        floor: Some("floor: write both files"),
        process: Process::Warm,
        goals: &[],
        run: |subject| {
            let (network, folder) = (subject.network(), subject.folder()?);
            timed(|| floors::write_csv(network, folder).map_err(Into::into))
        },
    },
    Stage {
        name: "build, parents by index",
        floor: Some("floor: petgraph build"),
        process: Process::Fresh,
        goals: BUILD_GOALS,
        run: |subject| weighed_build(subject, ParentsBy::Index),
    },
    Stage {
        name: "build, parents by id",
        floor: Some("floor: petgraph build"),
        process: Process::Fresh,
        goals: BUILD_GOALS,
        run: |subject| weighed_build(subject, ParentsBy::Id),
    },
    Stage {
        name: "no joins, no overrides",
        floor: None,
        process: Process::Warm,
        goals: NO_RULES_GOALS,
        run: |subject| Ok(rules::none(subject.network())),
    },
    Stage {
        name: "join by name, 1000 overrides",
        floor: None,
        process: Process::Warm,
        goals: RULES_GOALS,
        run: |subject| rules::by_name(subject.network()),
    },
    Stage {
        name: "read the files and build",
        floor: Some("floor: petgraph build"),
        process: Process::Warm,
        goals: &[],
        run: |subject| {
            let config = subject.config()?;
            timed(|| load(&config.csv).map(drop).map_err(Into::into))
        },
    },
    Stage {
        name: "write the graph as lines",
        floor: None,
        process: Process::Warm,
        goals: WRITE_GRAPH_GOALS,
        run: |subject| {
            let (graph, mut lines) = (subject.graph(), Vec::with_capacity(subject.stored()?.len()));
            timed(|| stored::write(graph, &mut lines).map_err(Into::into))
        },
    },
    Stage {
        name: "read the graph's lines",
        floor: None,
        process: Process::Warm,
        goals: READ_GRAPH_GOALS,
        run: |subject| {
            let lines = subject.stored()?;
            timed(|| stored::read(lines).map(drop).map_err(Into::into))
        },
    },
    Stage {
        name: "tree at the top",
        floor: Some("floor: petgraph search"),
        process: Process::Warm,
        goals: ROOT_GOALS,
        run: |subject| {
            let graph = subject.graph();
            Ok(Measure::of(|| Tree::grow(graph, graph.top())))
        },
    },
    Stage {
        name: "tree at another root",
        floor: Some("floor: petgraph search"),
        process: Process::Warm,
        goals: ROOT_GOALS,
        run: |subject| {
            let graph = subject.graph();
            let last_site = NodeIndex::new(subject.network().sites().len());
            Ok(Measure::of(|| Tree::grow(graph, last_site)))
        },
    },
    Stage {
        name: "census",
        floor: None,
        process: Process::Warm,
        goals: &[],
        run: |subject| {
            let graph = subject.graph();
            Ok(Measure::of(|| Census::take(graph, &Policy::default())))
        },
    },
    Stage {
        name: "census, what 64 ignored add",
        floor: None,
        process: Process::Warm,
        goals: IGNORING_GOALS,
        run: export::ignoring,
    },
    Stage {
        name: "tree and both files",
        floor: Some("floor: write both files"),
        process: Process::Warm,
        goals: FILES_GOALS,
        run: |subject| write_exported(subject, Durability::Handed),
    },
    Stage {
        name: "tree and both files, fsync",
        floor: Some("floor: write both files, fsync"),
        process: Process::Warm,
        goals: &[],
        run: |subject| write_exported(subject, Durability::Synced),
    },
    Stage {
        name: "tree, both files, manifest, fsync",
        floor: Some("floor: write both files, fsync"),
        process: Process::Warm,
        goals: &[],
        run: |subject| {
            let (survey, folder) = (subject.survey(), subject.emptied_out()?);
            timed(|| export::publish(&export::all_files(survey)?, &folder))
        },
    },
    Stage {
        name: "whole process",
        floor: Some("floor: write both files"),
        process: Process::Whole,
        goals: PROCESS_GOALS,
        run: |subject| {
            let folder = subject.out()?;
            weighed_process(|| export::whole_process(subject, &folder))
        },
    },
    Stage {
        name: "whole process, `pleach export`",
        floor: Some("floor: write both files, fsync"),
        process: Process::Whole,
        goals: &[],
        run: |subject| {
            let folder = subject.out()?;
            weighed_process(|| export::verb(subject, &folder))
        },
    },
];

/// Less than a third of what the whole process may take: it reads and writes as well.
const BUILD_GOALS: &[Goal] = &[Goal::new(100_000, 40), Goal::new(1_000_000, 600)];
const WRITE_GRAPH_GOALS: &[Goal] = &[Goal::new(100_000, 120)];
const READ_GRAPH_GOALS: &[Goal] = &[Goal::new(100_000, 150)];
/// Nothing that can be measured.
const NO_RULES_GOALS: &[Goal] = &[Goal::new(100_000, 1)];
const RULES_GOALS: &[Goal] = &[Goal::new(100_000, 20)];
const ROOT_GOALS: &[Goal] = &[Goal::new(100_000, 20)];
const IGNORING_GOALS: &[Goal] = &[Goal::new(100_000, 3)];
const FILES_GOALS: &[Goal] = &[Goal::new(100_000, 60), Goal::new(1_000_000, 900)];
const PROCESS_GOALS: &[Goal] =
    &[Goal::new(100_000, 150).within_mebibytes(120), Goal::new(1_000_000, 2_000).within_mebibytes(1_229)];

impl Goal {
    const fn new(customers: usize, millis: u64) -> Self {
        Self { customers, time: Duration::from_millis(millis), memory: None }
    }

    const fn within_mebibytes(self, most: u64) -> Self {
        Self { memory: Some(most << 20), ..self }
    }
}

/// Times what may fail.
fn timed(work: impl FnOnce() -> Result<()>) -> Result<Measure> {
    let mut outcome = Ok(());
    let measure = Measure::of(|| outcome = work());
    outcome.map(|()| measure)
}

/// The same of what a process does from its start to its end.
fn weighed_process(work: impl FnOnce() -> Result<()>) -> Result<Measure> {
    let mut outcome = Ok(());
    let measure = Measure::of_process(|| outcome = work())?;
    outcome.map(|()| measure)
}

fn weighed_build(subject: &Subject, by: ParentsBy) -> Result<Measure> {
    let network = subject.network();
    Ok(Measure::weighed(|| build(network, by))?)
}

fn write_floor(subject: &Subject, durability: Durability) -> Result<Measure> {
    let (contents, folder) = (subject.exported()?, subject.folder()?);
    timed(|| export::replace_both(contents, folder, durability))
}

fn write_exported(subject: &Subject, durability: Durability) -> Result<Measure> {
    let (survey, folder) = (subject.survey(), subject.folder()?);
    timed(|| export::replace_both(&export::contents(survey)?, folder, durability))
}

/// The stage of this name.
pub fn find(name: &str) -> Option<&'static Stage> {
    STAGES.iter().find(|stage| stage.name == name)
}

/// Runs each stage so many times: in rounds, so that whatever else the machine does meanwhile meets all of them alike.
pub fn run_stages(stages: &[&Stage], subject: &Subject, runs: usize) -> Result<Vec<Series>> {
    for stage in stages.iter().filter(|stage| stage.process == Process::Warm) {
        (stage.run)(subject)?;
    }
    let mut series = vec![Vec::with_capacity(runs); stages.len()];
    for _ in 0..runs {
        for (stage, series) in stages.iter().zip(&mut series) {
            series.push(match stage.process {
                Process::Warm => (stage.run)(subject)?,
                Process::Fresh | Process::Whole => spawn_child(stage, subject)?,
            });
        }
    }
    Ok(series.into_iter().map(Series::new).collect())
}

/// Runs a stage once, in this process, and prints what was measured for the process that started this one.
pub fn run_child(name: &str, subject: &Subject) -> Result<()> {
    let stage = find(name).with_context(|| format!("there is no stage `{name}`"))?;
    let measure = (stage.run)(subject)?;
    println!("{} {} {}", measure.time.as_nanos(), measure.cpu.as_nanos(), measure.memory.unwrap_or(0));
    Ok(())
}

fn spawn_child(stage: &Stage, subject: &Subject) -> Result<Measure> {
    let own = std::env::current_exe().context("cannot find this program to start it again")?;
    let mut child = Command::new(own);
    child.args(["child", stage.name, "--customers", &subject.customers().to_string()]);
    if stage.process == Process::Whole {
        child.arg("--inputs").arg(subject.inputs()?);
        subject.emptied_out()?;
    }
    let start = Instant::now();
    let output = child.output()?;
    let whole = start.elapsed();
    if !output.status.success() {
        bail!("stage `{}` failed: {}", stage.name, String::from_utf8_lossy(&output.stderr).trim());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    let numbers: Result<Vec<u64>, _> = last.split_whitespace().map(str::parse).collect();
    let Ok([time, cpu, memory]) = numbers.as_deref() else {
        bail!("stage `{}` printed `{last}` instead of three numbers", stage.name)
    };
    let time = if stage.process == Process::Whole { whole } else { Duration::from_nanos(*time) };
    Ok(Measure { time, cpu: Duration::from_nanos(*cpu), memory: (*memory > 0).then_some(*memory) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_floors_stand_first() {
        for (position, stage) in STAGES.iter().enumerate() {
            assert!(STAGES[..position].iter().all(|before| before.name != stage.name), "{}", stage.name);
            let floor_is_before = |floor| STAGES[..position].iter().any(|before| before.name == floor);
            assert!(stage.floor.is_none_or(floor_is_before), "{}", stage.name);
        }
    }

    #[test]
    fn every_stage_runs() {
        let subject = Subject::new(200, None);
        for stage in STAGES {
            subject.emptied_out().expect("a folder");
            let measure = (stage.run)(&subject).expect(stage.name);
            assert_eq!(measure.memory.is_some(), stage.process != Process::Warm, "{}", stage.name);
        }
    }
}
