//! Where whole syncs of an API are measured: a folder with a configuration, and a state folder that is forgotten in between.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::measure::{Measure, Series};

/// What any sync of an API may take, in bytes.
const MEMORY_GOAL: u64 = 400 << 20;

/// Prints the median of `runs`, and whether `goal` is met.
pub(crate) fn report(name: &str, runs: Vec<Measure>, goal: Option<Duration>) {
    let series = Series::new(runs);
    let (median, memory) = (series.median(), series.memory().unwrap_or_default());
    let verdict = goal.map_or_else(String::new, |goal| {
        let said = |is_met| if is_met { "met" } else { "MISSED" };
        let (time, weight) = (said(median <= goal), said(memory <= MEMORY_GOAL));
        format!("  {} ms {time}, {} MiB {weight}", goal.as_millis(), MEMORY_GOAL >> 20)
    });
    let (min, max) = (series.min().as_millis(), series.max().as_millis());
    println!("  {name:<34} {:>6} ms  ({min} – {max})  {:>4} MiB{verdict}", median.as_millis(), memory >> 20);
}

/// The folder.
pub(crate) struct Lab(tempfile::TempDir);

impl Lab {
    /// One whose configuration names this source.
    pub(crate) fn new(source: &str) -> Result<Self> {
        let lab = Self(tempfile::tempdir()?);
        fs::create_dir(lab.0.path().join("out"))?;
        let text = format!("state = \"state\"\n{source}\n[[shaper]]\nname = \"main\"\npublish = \"out\"\n");
        fs::write(lab.0.path().join("pleach.toml"), text)?;
        Ok(lab)
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    /// Forgets all runs; the files that were published go too.
    pub(crate) fn reset(&self) -> Result<()> {
        // What is known of a source stays: numbers that may only grow, with which requests are signed.
        let (state, sources) = (self.0.path().join("state"), self.0.path().join("sources"));
        let has_sources = state.join("sources").exists();
        if has_sources {
            fs::rename(state.join("sources"), &sources)?;
        }
        for folder in [&state, &self.0.path().join("out")] {
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
        }
        if has_sources {
            fs::create_dir(&state)?;
            fs::rename(&sources, state.join("sources"))?;
        }
        Ok(fs::create_dir(self.0.path().join("out"))?)
    }

    /// The snapshot of the only generation, at a place where it survives the next reset.
    pub(crate) fn kept_snapshot(&self) -> Result<String> {
        let mut names = fs::read_dir(self.0.path().join("state/snapshots"))?;
        let from = names.next().context("no snapshot was kept")??.path();
        let to = self.0.path().join("kept.tar");
        fs::copy(from, &to)?;
        Ok(to.display().to_string())
    }
}
