//! Writes the network Pleach is measured on, and measures.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
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
    /// Run one stage once, for `run`
    #[command(hide = true)]
    Child {
        stage: String,
        #[arg(long)]
        customers: usize,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().verb {
        Verb::Generate { customers, out, ignored } => {
            std::fs::create_dir_all(&out).with_context(|| format!("cannot make the folder `{}`", out.display()))?;
            let network = Network::generate(customers);
            pleach_bench::write_files(&network, &out)
                .and_then(|()| if ignored > 0 { pleach_bench::write_ignored(ignored, &out) } else { Ok(()) })
                .with_context(|| format!("cannot write into `{}`", out.display()))
        }
        Verb::Run { customers, runs, stage } => run(customers, runs, stage.as_deref().unwrap_or_default()),
        Verb::Child { stage, customers } => pleach_bench::run_child(&stage, customers),
    }
}

fn run(customers: usize, runs: usize, wanted: &str) -> Result<()> {
    let chosen: Vec<_> = STAGES.iter().filter(|stage| stage.name.contains(wanted)).collect();
    if chosen.is_empty() || runs == 0 {
        let names: Vec<_> = STAGES.iter().map(|stage| format!("`{}`", stage.name)).collect();
        bail!("nothing to run: the stages are {}", names.join(", "));
    }
    let is_floor = |name| chosen.iter().any(|stage| stage.floor == Some(name));
    let subject = Subject::new(customers);
    let mut rows = Vec::new();
    for stage in STAGES.iter().filter(|stage| stage.name.contains(wanted) || is_floor(stage.name)) {
        eprintln!("running {runs} × {}", stage.name);
        rows.push(Row { stage, series: pleach_bench::run_stage(stage, &subject, runs)? });
    }
    println!("{customers} customers, {runs} runs each");
    println!("{}", pleach_bench::sizes());
    print!("{}", pleach_bench::table(&rows, customers));
    Ok(())
}
