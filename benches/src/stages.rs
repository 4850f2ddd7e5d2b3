//! The stages that are measured, one line each, and how a stage is run.

use std::cell::OnceCell;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use petgraph::graph::UnGraph;
use pleach_graph::{NetworkGraph, NodeIndex, Tree};
use tempfile::TempDir;

use crate::floors::{self, Durability};
use crate::graph::{ParentsBy, build};
use crate::measure::{Measure, Series};
use crate::network::Network;

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
}

/// What a stage may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// At this many customers.
    pub customers: usize,
    /// The median's limit.
    pub time: Duration,
}

/// Every stage, in the order they are listed in; a floor stands before what stands on it.
pub const STAGES: &[Stage] = &[
    Stage {
        name: "floor: petgraph build",
        floor: None,
        process: Process::Fresh,
        goals: &[],
        run: |subject| Ok(Measure::weighed(|| floors::petgraph_build(&subject.network))?),
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
        name: "floor: write bytes",
        floor: None,
        process: Process::Warm,
        goals: &[],
        run: |subject| write_floor(subject, Durability::None),
    },
    Stage {
        name: "floor: write, fsync, rename",
        floor: None,
        process: Process::Warm,
        goals: &[],
        run: |subject| write_floor(subject, Durability::Replace),
    },
    Stage {
        name: "floor: csv crate rows",
        floor: Some("floor: write bytes"),
        process: Process::Warm,
        goals: &[],
        run: |subject| timed(|| floors::write_csv(&subject.network, subject.folder()?.path()).map_err(Into::into)),
    },
    Stage {
        name: "build, parents by index",
        floor: Some("floor: petgraph build"),
        process: Process::Fresh,
        goals: BUILD_GOALS,
        run: |subject| Ok(Measure::weighed(|| build(&subject.network, ParentsBy::Index))?),
    },
    Stage {
        name: "build, parents by id",
        floor: Some("floor: petgraph build"),
        process: Process::Fresh,
        goals: BUILD_GOALS,
        run: |subject| Ok(Measure::weighed(|| build(&subject.network, ParentsBy::Id))?),
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
            let last_site = NodeIndex::new(subject.network.sites().len());
            Ok(Measure::of(|| Tree::grow(graph, last_site)))
        },
    },
];

/// Less than a third of what the whole process may take: it reads and writes as well.
const BUILD_GOALS: &[Goal] = &[
    Goal { customers: 100_000, time: Duration::from_millis(40) },
    Goal { customers: 1_000_000, time: Duration::from_millis(600) },
];
const ROOT_GOALS: &[Goal] = &[Goal { customers: 100_000, time: Duration::from_millis(20) }];

/// What is measured: the network, and what stages make of it once and share.
#[derive(Debug)]
pub struct Subject {
    /// The network.
    pub network: Network,
    graph: OnceCell<NetworkGraph>,
    floor_graph: OnceCell<UnGraph<u64, u64>>,
    rows: OnceCell<Vec<u8>>,
    folder: OnceCell<TempDir>,
}

impl Subject {
    /// The generated network of so many customers.
    pub fn new(customers: usize) -> Self {
        Self {
            network: Network::generate(customers),
            graph: OnceCell::new(),
            floor_graph: OnceCell::new(),
            rows: OnceCell::new(),
            folder: OnceCell::new(),
        }
    }

    /// The network's graph.
    pub fn graph(&self) -> &NetworkGraph {
        self.graph.get_or_init(|| build(&self.network, ParentsBy::Index).0)
    }

    fn floor_graph(&self) -> &UnGraph<u64, u64> {
        self.floor_graph.get_or_init(|| floors::petgraph_build(&self.network))
    }

    /// The rows of the network, ready to be written.
    fn rows(&self) -> &[u8] {
        self.rows.get_or_init(|| {
            let mut rows = Vec::new();
            crate::files::write_rows(&self.network, &mut rows).expect("invariant: writing to memory succeeds");
            rows
        })
    }

    /// A folder to write into, removed at the end.
    pub fn folder(&self) -> Result<&TempDir> {
        if self.folder.get().is_none() {
            let made = tempfile::tempdir().context("cannot make a folder to write into")?;
            return Ok(self.folder.get_or_init(|| made));
        }
        self.folder.get().context("invariant: the folder was just there")
    }
}

/// Times what may fail.
fn timed(work: impl FnOnce() -> Result<()>) -> Result<Measure> {
    let mut outcome = Ok(());
    let measure = Measure::of(|| outcome = work());
    outcome.map(|()| measure)
}

fn write_floor(subject: &Subject, durability: Durability) -> Result<Measure> {
    let (rows, folder) = (subject.rows(), subject.folder()?.path());
    timed(|| floors::write_bytes(rows, folder, durability).map_err(Into::into))
}

/// The stage of this name.
pub fn find(name: &str) -> Option<&'static Stage> {
    STAGES.iter().find(|stage| stage.name == name)
}

/// Runs a stage so many times.
pub fn run_stage(stage: &Stage, subject: &Subject, runs: usize) -> Result<Series> {
    let run = || match stage.process {
        Process::Warm => (stage.run)(subject),
        Process::Fresh => spawn_child(stage, subject.network.customer_count()),
    };
    if stage.process == Process::Warm {
        run()?;
    }
    (0..runs).map(|_| run()).collect::<Result<Vec<_>>>().map(Series::new)
}

/// Runs a stage once, in this process, and prints nanoseconds, then bytes, for the process that started this one.
pub fn run_child(name: &str, customers: usize) -> Result<()> {
    let stage = find(name).with_context(|| format!("there is no stage `{name}`"))?;
    let measure = (stage.run)(&Subject::new(customers))?;
    println!("{} {}", measure.time.as_nanos(), measure.memory.unwrap_or(0));
    Ok(())
}

fn spawn_child(stage: &Stage, customers: usize) -> Result<Measure> {
    let own = std::env::current_exe().context("cannot find this program to start it again")?;
    let output = Command::new(own).args(["child", stage.name, "--customers", &customers.to_string()]).output()?;
    if !output.status.success() {
        bail!("stage `{}` failed: {}", stage.name, String::from_utf8_lossy(&output.stderr).trim());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(str::parse::<u64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(nanos)), Some(Ok(bytes))) => {
            Ok(Measure { time: Duration::from_nanos(nanos), memory: (bytes > 0).then_some(bytes) })
        }
        _ => bail!("stage `{}` printed `{}` instead of two numbers", stage.name, text.trim()),
    }
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
        let subject = Subject::new(200);
        for stage in STAGES {
            let measure = (stage.run)(&subject).expect(stage.name);
            assert_eq!(measure.memory.is_some(), stage.process == Process::Fresh, "{}", stage.name);
        }
    }
}
