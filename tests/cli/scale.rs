//! Input of a size that no network has.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::harness::{Folder, circuits};

/// How long a run may take, on a slow machine and without optimisation: far more than it does, far less than hanging.
const PATIENCE: Duration = Duration::from_mins(2);

#[test]
fn a_chain_of_100_000_sites() {
    const SITES: usize = 100_000;
    let folder = Folder::with_circuits(1);
    let mut nodes = "Site Name,Download Mbps,Upload Mbps,Parent Site Name\nS0,1000,1000,\n".to_owned();
    for site in 1..SITES {
        let _ = writeln!(nodes, "S{site},1000,1000,S{}", site - 1);
    }
    folder.write("nodes.csv", nodes);
    let last = format!("S{}", SITES - 1);
    folder.write("ShapedDevices.csv", circuits(1).replace("Tower B", &last));
    for arguments in [
        &["check"][..],
        &["export"],
        &["graph"],
        &["graph", "--format", "dot"],
        &["explain", "c100"],
        &["export", "--root", &last],
    ] {
        let start = Instant::now();
        let run = folder.pleach(arguments).code(0);
        assert!(start.elapsed() < PATIENCE, "{arguments:?} took {:?}", start.elapsed());
        assert!(!run.stdout.is_empty());
    }
    let network = folder.read("pleach-out/default/network.json");
    assert_eq!(network.matches("downloadBandwidthMbps").count(), SITES);
    folder.pleach(&["check", "--nodes", "pleach-out/default/network.json", "--csv", "ShapedDevices.csv"]).code(0);
}

#[test]
fn a_line_of_a_gigabyte_is_set_aside_in_little_memory() {
    let folder = Folder::with_circuits(3);
    let script = "
        mkfifo huge.csv
        { cat ShapedDevices.csv; printf 'c900,'; head -c 1000000000 /dev/zero | tr '\\0' x
          printf '\\nc901,Last,d901,Router,Tower B,,100.64.9.1,,5,5,50,50,\\n'; } >huge.csv &
        ulimit -v 400000 # KiB, with the debugging information of the program
        $PLEACH check --csv huge.csv --nodes nodes.csv";
    let start = Instant::now();
    let run = folder.sh(script).code(3).stdout(
        "error long-line: 1
  huge.csv line 5 (csv:circuit:c900): the line is longer than 1 MiB and is set aside
    hint: see whether line breaks were lost when the file was made

read from huge.csv, nodes.csv
problems: 1 error
5 circuits read = 4 shaped + 1 quarantined + 0 left out by rule
shaper default  at pleach:top:internet: 4 circuits, 2 nodes
",
    );
    run.quiet();
    assert!(start.elapsed() < PATIENCE, "took {:?}", start.elapsed());
}
