//! Writes the network Pleach is measured on, and measures.

use std::iter::once;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use pleach_bench::kernel::{self, Sizes};
use pleach_bench::overlay;
use pleach_bench::{Network, Row, STAGES, Subject};

/// Writes the network Pleach is measured on, and measures
#[derive(Parser)]
#[command(name = "pleach-bench")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Write network.json and ShapedDevices.csv
    Generate {
        /// How many customers, each with one device
        #[arg(long, default_value_t = 100_000)]
        customers: usize,
        /// The folder to write into; made if it is not there
        #[arg(long)]
        out: PathBuf,
        /// Write a list of so many prefixes to ignore, too
        #[arg(long, default_value_t = 0)]
        ignored: usize,
    },
    /// Measure, and print medians
    Run {
        /// How many customers, each with one device
        #[arg(long, default_value_t = 100_000)]
        customers: usize,
        /// How often each stage is run
        #[arg(long, default_value_t = 11)]
        runs: usize,
        /// Only the stages whose name contains this, and their floors
        #[arg(long)]
        stage: Option<String>,
    },
    /// Measure the eBPF classifier, and print medians (needs root)
    Classifier {
        /// How many prefixes are in the device map
        #[arg(long, default_value_t = 100_000)]
        prefixes: usize,
        /// How often each figure is taken
        #[arg(long, default_value_t = 9)]
        rounds: usize,
    },
    /// Measure the planner and the kernel border, in a network namespace; takes root
    Kernel {
        /// How many circuits
        #[arg(long, default_value_t = 10_000)]
        circuits: usize,
        /// How many transmit queues
        #[arg(long, default_value_t = 16)]
        queues: u16,
        /// How often each stage is run
        #[arg(long, default_value_t = 7)]
        runs: usize,
        /// The namespace is this one
        #[arg(long, hide = true)]
        here: bool,
    },
    /// Measure the throughput of committed tunnels beside the same by hand, and print medians (needs root and iperf3)
    Overlay {
        /// How many rounds of four runs
        #[arg(long, default_value_t = 7)]
        rounds: usize,
        /// How long a run is measured, in seconds
        #[arg(long, default_value_t = 2)]
        seconds: u32,
    },
    /// Measure the commit of an overlay of forty hosts beside its bare requests, in a network namespace; takes root
    Commit {
        /// How many rounds of two commits and twice the requests
        #[arg(long, default_value_t = 25)]
        rounds: usize,
        /// The namespace is this one
        #[arg(long, hide = true)]
        here: bool,
    },
    /// Measure whole syncs of a network kept in CSV files, and print medians
    Sync {
        /// How many circuits
        #[arg(long, default_value_t = 100_000)]
        customers: usize,
        /// How often each is run
        #[arg(long, default_value_t = 7)]
        runs: usize,
    },
    /// Measure whole syncs of a fake UISP, from bodies of both sizes, and print medians
    Uisp {
        /// How many clients
        #[arg(long, default_value_t = 50_000)]
        clients: usize,
        /// How often each is run
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
    /// Measure whole syncs of a fake Splynx, and print medians and how many requests they take
    Splynx {
        /// How many services
        #[arg(long, default_value_t = 50_000)]
        services: u64,
        /// How often each is run
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
    /// Measure whole syncs of JSON lines from a file, and print medians
    Records {
        /// How many circuits, each with a device
        #[arg(long, default_value_t = 100_000)]
        circuits: usize,
        /// How often each is run
        #[arg(long, default_value_t = 7)]
        runs: usize,
    },
    /// Run one sync, for `sync`, `uisp` and `splynx`
    #[command(hide = true)]
    SyncChild {
        folder: PathBuf,
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Run `pleach` itself with these arguments, for `overlay`
    #[command(hide = true)]
    Command {
        #[arg(last = true)]
        arguments: Vec<std::ffi::OsString>,
    },
    /// Run one stage once, for `run`
    #[command(hide = true)]
    Child {
        stage: String,
        #[arg(long)]
        customers: usize,
        #[arg(long)]
        inputs: Option<PathBuf>,
    },
}

fn main() -> Result<ExitCode> {
    let done = match Arguments::parse().verb {
        Verb::Generate { customers, out, ignored } => {
            std::fs::create_dir_all(&out).with_context(|| format!("cannot make the folder `{}`", out.display()))?;
            let network = Network::generate(customers);
            pleach_bench::write_files(&network, &out)
                .and_then(|()| if ignored > 0 { pleach_bench::write_ignored(ignored, &out) } else { Ok(()) })
                .with_context(|| format!("cannot write into `{}`", out.display()))
        }
        Verb::Run { customers, runs, stage } => run(customers, runs, stage.as_deref().unwrap_or_default()),
        Verb::Classifier { prefixes, rounds } => pleach_bench::measure_classifier(prefixes, rounds),
        Verb::Kernel { circuits, queues, runs, here: true } => kernel::run(Sizes { circuits, queues, runs }),
        Verb::Kernel { circuits, queues, runs, here: false } => {
            let arguments = ["kernel", "--here", "--circuits", &circuits.to_string(), "--queues", &queues.to_string()];
            let mut arguments: Vec<String> = arguments.map(str::to_owned).into();
            arguments.extend(["--runs".to_owned(), runs.to_string()]);
            kernel::in_namespace(&arguments)
        }
        Verb::Overlay { rounds, seconds } => overlay::measure_throughput(rounds, seconds),
        Verb::Commit { rounds, here: true } => overlay::commit::run(rounds),
        Verb::Commit { rounds, here: false } => {
            kernel::in_namespace(&["commit", "--here", "--rounds", &rounds.to_string()].map(str::to_owned))
        }
        Verb::Sync { customers, runs } => pleach_bench::measure_sync(customers, runs),
        Verb::Uisp { clients, runs } => pleach_bench::measure_uisp(clients, runs),
        Verb::Splynx { services, runs } => pleach_bench::measure_splynx(services, runs),
        Verb::Records { circuits, runs } => pleach_bench::measure_records(circuits, runs),
        Verb::Command { arguments } => return Ok(pleach::cli::main(once("pleach".into()).chain(arguments))),
        Verb::SyncChild { folder, arguments } => pleach_bench::sync_child(&folder, &arguments),
        Verb::Child { stage, customers, inputs } => pleach_bench::run_child(&stage, &Subject::new(customers, inputs)),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn run(customers: usize, runs: usize, wanted: &str) -> Result<()> {
    let chosen: Vec<_> = STAGES.iter().filter(|stage| stage.name.contains(wanted)).collect();
    if chosen.is_empty() || runs == 0 {
        let names: Vec<_> = STAGES.iter().map(|stage| format!("`{}`", stage.name)).collect();
        bail!("nothing to run: the stages are {}", names.join(", "));
    }
    let is_floor = |name| chosen.iter().any(|stage| stage.floor == Some(name));
    let stages: Vec<_> = STAGES.iter().filter(|stage| stage.name.contains(wanted) || is_floor(stage.name)).collect();
    let before = load_average();
    let series = pleach_bench::run_stages(&stages, &Subject::new(customers, None), runs)?;
    println!("{customers} customers, {runs} runs each; load average {before} before, {} after", load_average());
    println!("{}", pleach_bench::sizes());
    let rows: Vec<Row> = stages.into_iter().zip(series).map(|(stage, series)| Row { stage, series }).collect();
    print!("{}", pleach_bench::table(&rows, customers));
    Ok(())
}

/// How many processes wanted a CPU during the last minute: what they took is missing from the measurements.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}
