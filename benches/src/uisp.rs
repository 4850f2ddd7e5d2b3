//! Whole syncs of a fake UISP: each a process of its own, from its start to both files on disk.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use pleach_fake_uisp::{Bodies, Credentials, Fake, Network, Options, Size};
use pleach_fault::Faults;

use crate::measure::{Measure, Series};
use crate::sync::run_sync;

/// What a sync of 50 000 clients may take.
const GOAL_CLIENTS: usize = 50_000;

/// What any of them may take, in bytes.
const MEMORY_GOAL: u64 = 400 << 20;

/// Measures syncs from bodies of both sizes, which are made before the clock starts, and prints medians.
pub fn measure_uisp(clients: usize, runs: usize) -> Result<()> {
    for (size, goal) in [(Size::Small, 1_000), (Size::Faithful, 3_000)] {
        let options = Options { clients, size, ..Options::default() };
        let fake = Fake::new(Bodies::prepare(&Network::generate(&options)));
        let server = fake.start(Faults::none())?;
        let lab = Lab::new(&server.url())?;
        let [mut first, mut unchanged, mut replay] = [const { Vec::new() }; 3];
        for _ in 0..runs {
            lab.reset()?;
            first.push(run_sync(&lab.folder(), &[])?);
            unchanged.push(run_sync(&lab.folder(), &[])?);
            let snapshot = lab.kept_snapshot()?;
            lab.reset()?;
            replay.push(run_sync(&lab.folder(), &["--from-snapshot", &snapshot])?);
        }
        println!("{clients} clients from a fake UISP, {size} bodies, {runs} runs each");
        report("first request to both files", first, Some(Duration::from_millis(goal)), clients);
        report("the same answers again", unchanged, None, clients);
        let replay_goal = (size == Size::Small).then_some(Duration::from_millis(600));
        report("replay into an empty state folder", replay, replay_goal, clients);
    }
    Ok(())
}

fn report(name: &str, runs: Vec<Measure>, goal: Option<Duration>, clients: usize) {
    let series = Series::new(runs);
    let (median, memory) = (series.median(), series.memory().unwrap_or_default());
    let verdict = goal.filter(|_| clients == GOAL_CLIENTS).map_or_else(String::new, |goal| {
        let said = |is_met| if is_met { "met" } else { "MISSED" };
        let (time, weight) = (said(median <= goal), said(memory <= MEMORY_GOAL));
        format!("  {} ms {time}, {} MiB {weight}", goal.as_millis(), MEMORY_GOAL >> 20)
    });
    let (min, max) = (series.min().as_millis(), series.max().as_millis());
    println!("  {name:<34} {:>6} ms  ({min} – {max})  {:>4} MiB{verdict}", median.as_millis(), memory >> 20);
}

/// A folder with a configuration that leads to the fake.
struct Lab(tempfile::TempDir);

impl Lab {
    fn new(url: &str) -> Result<Self> {
        let lab = Self(tempfile::tempdir()?);
        fs::create_dir(lab.0.path().join("out"))?;
        let text = format!(
            "state = \"state\"\n[uisp]\nurl = \"{url}\"\ntoken = \"{}\"\n[[shaper]]\nname = \"main\"\npublish = \"out\"\n",
            Credentials::TOKEN
        );
        fs::write(lab.0.path().join("pleach.toml"), text)?;
        Ok(lab)
    }

    fn folder(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    /// Forgets all runs; the files that were published go too.
    fn reset(&self) -> Result<()> {
        for name in ["state", "out"] {
            let folder = self.0.path().join(name);
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
        }
        Ok(fs::create_dir(self.0.path().join("out"))?)
    }

    /// The snapshot of the only generation, at a place where it survives the next reset.
    fn kept_snapshot(&self) -> Result<String> {
        let mut names = fs::read_dir(self.0.path().join("state/snapshots"))?;
        let from = names.next().context("no snapshot was kept")??.path();
        let to = self.0.path().join("kept.tar");
        fs::copy(from, &to)?;
        Ok(to.display().to_string())
    }
}
