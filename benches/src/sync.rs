//! Whole syncs of a network kept in CSV files: each a process of its own, from its start to its end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::files::write_files;
use crate::measure::{Measure, Series};
use crate::network::Network;

/// One customer in so many has another rate in the second version of the files.
const ONE_CHANGED_IN: usize = 100;

/// What a sync of 100 000 circuits may take.
const GOALS: [(&str, Option<Duration>); 4] = [
    ("first", None),
    ("unchanged", Some(Duration::from_millis(350))),
    ("changed", Some(Duration::from_millis(600))),
    ("replay of another snapshot", Some(Duration::from_millis(400))),
];

/// What any of them may take, in bytes.
const MEMORY_GOAL: u64 = 200 << 20;

/// The number of customers that the goals are about.
const GOAL_CUSTOMERS: usize = 100_000;

/// A folder with two versions of the files, and a state folder.
struct Lab {
    folder: tempfile::TempDir,
}

/// Measures syncs, and prints medians.
pub fn measure_sync(customers: usize, runs: usize) -> Result<()> {
    let lab = Lab::new(customers)?;
    let mut times: [Vec<Measure>; 4] = [const { Vec::new() }; 4];
    for round in 0..runs {
        lab.reset()?;
        lab.choose(0)?;
        times[0].push(lab.sync(&[])?);
        times[1].push(lab.sync(&[])?);
        lab.choose(1)?;
        times[2].push(lab.sync(&[])?);
        let first = lab.first_snapshot()?;
        times[3].push(lab.sync(&["--from-snapshot", &first])?);
        if round == 0 {
            lab.say_sizes()?;
        }
    }
    println!("{customers} circuits from CSV, {runs} runs each");
    for ((name, goal), runs) in GOALS.into_iter().zip(times) {
        let series = Series::new(runs);
        let memory = series.memory().unwrap_or_default();
        let goal = goal.filter(|_| customers == GOAL_CUSTOMERS);
        let verdict = goal.map_or_else(String::new, |goal| {
            let time = if series.median() <= goal { "met" } else { "MISSED" };
            let weight = if memory <= MEMORY_GOAL { "met" } else { "MISSED" };
            format!("  {} ms {time}, {} MiB {weight}", goal.as_millis(), MEMORY_GOAL >> 20)
        });
        let (median, min, max) = (series.median().as_millis(), series.min().as_millis(), series.max().as_millis());
        println!("{name:<28} {median:>6} ms  ({min} – {max})  {:>4} MiB{verdict}", memory >> 20);
    }
    Ok(())
}

/// The process that is measured: a sync in a folder. Prints the most memory that it had.
pub fn sync_child(folder: &Path, arguments: &[String]) -> Result<()> {
    let config = folder.join("pleach.toml").display().to_string();
    let fixed = ["pleach", "sync", "--config", &config, "--quiet"].map(str::to_owned);
    let code = pleach::cli::main(fixed.into_iter().chain(arguments.iter().cloned()).map(Into::into));
    let memory = Measure::of_process(|| ())?.memory.unwrap_or_default();
    println!("{memory}");
    // 3: some of a generated network are not shaped, as they should not be.
    if ![std::process::ExitCode::SUCCESS, std::process::ExitCode::from(3)].contains(&code) {
        bail!("the sync failed");
    }
    Ok(())
}

/// Runs a sync in a folder, as a process of its own.
pub(crate) fn run_sync(folder: &Path, arguments: &[&str]) -> Result<Measure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("sync-child").arg(folder).arg("--").args(arguments);
    let began = Instant::now();
    let output = command.output()?;
    let time = began.elapsed();
    if !output.status.success() {
        bail!("a sync failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let memory = String::from_utf8(output.stdout)?.trim().parse().context("no memory was printed")?;
    Ok(Measure { time, cpu: Duration::ZERO, memory: Some(memory) })
}

impl Lab {
    fn new(customers: usize) -> Result<Self> {
        let lab = Self { folder: tempfile::tempdir()? };
        let network = Network::generate(customers);
        for version in ["0", "1"] {
            fs::create_dir(lab.path(version))?;
            write_files(&network, &lab.path(version))?;
        }
        let rows = lab.path("1").join(crate::files::SUBSCRIBERS_FILE);
        let text = fs::read_to_string(&rows)?;
        let changed: String = text.lines().enumerate().map(changed_row).collect();
        fs::write(rows, changed)?;
        fs::create_dir(lab.path("out"))?;
        let text = "state = \"state\"\n[csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"network.json\"\n\
                    [[shaper]]\nname = \"main\"\npublish = \"out\"\n";
        fs::write(lab.path("pleach.toml"), text)?;
        Ok(lab)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn reset(&self) -> Result<()> {
        let state = self.path("state");
        if state.exists() {
            fs::remove_dir_all(state)?;
        }
        Ok(())
    }

    /// Puts a version of the files in place.
    fn choose(&self, version: usize) -> Result<()> {
        for name in [crate::files::NETWORK_FILE, crate::files::SUBSCRIBERS_FILE] {
            fs::copy(self.path(&version.to_string()).join(name), self.path(name))?;
        }
        Ok(())
    }

    fn sync(&self, arguments: &[&str]) -> Result<Measure> {
        run_sync(self.folder.path(), arguments)
    }

    fn first_snapshot(&self) -> Result<String> {
        let manifest = fs::read_to_string(self.path("state/generations/1/manifest.json"))?;
        let name = manifest.split("\"snapshot\": \"").nth(1).and_then(|rest| rest.split('"').next());
        Ok(self.path("state/snapshots").join(name.context("no snapshot")?).display().to_string())
    }

    /// What a generation and its snapshot take on disk.
    fn say_sizes(&self) -> Result<()> {
        let size = |path: &Path| fs::metadata(path).map(|data| data.len() >> 10);
        let graph = size(&self.path("state/generations/1/graph.jsonl.zst"))?;
        let snapshot = size(Path::new(&self.first_snapshot()?))?;
        println!("on disk: network {graph} KiB, snapshot {snapshot} KiB");
        Ok(())
    }
}

/// Every hundredth customer's download goes from 50 to 60 Mbit/s and the like: the last but two cell.
fn changed_row((at, line): (usize, &str)) -> String {
    if at == 0 || at % ONE_CHANGED_IN != 0 {
        return format!("{line}\n");
    }
    let mut cells: Vec<String> = line.rsplitn(4, ',').map(str::to_owned).collect();
    if let Ok(rate) = cells[2].trim_matches('"').parse::<u64>() {
        cells[2] = (rate + 10).to_string();
    }
    cells.reverse();
    format!("{}\n", cells.join(","))
}
