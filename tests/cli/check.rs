//! `pleach check`.

use std::fmt::Write as _;

use crate::harness::{Folder, HEADER};

/// A row without an address, one whose rate is no number, two that are well.
fn with_bad_rows() -> Folder {
    let folder = Folder::with_circuits(2);
    let bad = "c200,Nora,d200,Router,Tower B,,,,5,5,50,50,\nc201,Fred,d201,Router,Tower B,,100.64.9.1,,5,5,fast,50,\n";
    folder.write("ShapedDevices.csv", folder.read("ShapedDevices.csv") + bad);
    folder
}

#[test]
fn reports_every_problem_and_a_sum() {
    with_bad_rows()
        .pleach(&["check"])
        .code(3)
        .stdout(
            "error no-address: 1
  ShapedDevices.csv line 4 (csv:circuit:c200): circuit `Nora` has no usable address and is not shaped
    hint: give one of its devices an address
error bad-rate: 1
  ShapedDevices.csv line 5, Download Max Mbps (csv:circuit:c201): rate `fast` is not a rate such as `100`, `2.5G` or `500 kbit/s`; the row is set aside
    hint: write Mbit/s as a number, such as `100` or `59.5`, or leave the cell blank

read from ShapedDevices.csv, nodes.csv
problems: 2 errors
4 circuits read = 2 shaped + 2 quarantined + 0 left out by rule
shaper default  at pleach:top:internet: 2 circuits, 2 nodes
",
        )
        .quiet();
}

/// This many circuits, none of which has an address.
fn without_addresses(count: usize) -> String {
    let mut text = HEADER.to_owned();
    for n in 0..count {
        let _ = writeln!(text, "c{n},Nora {n},d{n},Router,,,,,5,5,50,50,");
    }
    text
}

#[test]
fn five_problems_of_a_kind_then_a_count() {
    let folder = Folder::new();
    folder.write("ShapedDevices.csv", without_addresses(8));
    let run = folder.pleach(&["check", "--csv", "ShapedDevices.csv"]).code(3);
    assert!(run.stdout.starts_with("error no-address: 8\n"), "{}", run.stdout);
    assert!(run.stdout.contains("  … and 3 more; `--json` lists them all\n"), "{}", run.stdout);
    assert_eq!(run.stdout.matches("hint: give one of its devices an address").count(), 1, "a hint is given once");
}

#[test]
fn json_says_the_same() {
    let report = with_bad_rows().pleach(&["check", "--json"]).code(3).quiet().json();
    assert_eq!(report["counts"], serde_json::json!({"read": 4, "shaped": 2, "quarantined": 2, "left_out": 0}));
    assert_eq!(report["documents"], serde_json::json!(["ShapedDevices.csv", "nodes.csv"]));
    assert_eq!(report["shapers"][0]["circuits"], 2);
    let problem = &report["problems"][1];
    assert_eq!((&problem["code"], &problem["line"]), (&"bad-rate".into(), &5.into()));
    assert_eq!((&problem["field"], &problem["value"]), (&"Download Max Mbps".into(), &"fast".into()));
}

#[test]
fn a_warning_is_a_failure_only_if_asked() {
    let folder = Folder::with_circuits(1);
    folder.write("ShapedDevices.csv", HEADER.to_owned() + "c1,Ann,d1,Router,Tower B,,100.64.0.1,,,,,,\n");
    folder.pleach(&["check"]).code(0);
    folder.pleach(&["check", "--strict"]).code(3);
}

#[test]
fn parents_in_a_circle() {
    let folder = Folder::with_circuits(1);
    let nodes =
        "Site Name,Download Mbps,Upload Mbps,Parent Site Name\nTower A,900,900,Tower B\nTower B,500,400,Tower A\n";
    folder.write("nodes.csv", nodes);
    folder.pleach(&["check"]).code(0).stdout(
        "warning parent-cycle: 1
  nodes.csv line 2 (csv:node:Tower A): parents form a cycle, `Tower A` under `Tower B` under `Tower A`; `Tower A` now hangs from the top
    hint: give `Tower A` its real parent, or leave it empty

read from ShapedDevices.csv, nodes.csv
problems: 1 warning
1 circuit read = 1 shaped + 0 quarantined + 0 left out by rule
shaper default  at pleach:top:internet: 1 circuit, 2 nodes
",
    );
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = Folder::new();
    folder.write("ShapedDevices.csv", without_addresses(5000));
    for script in [
        "$PLEACH check --csv ShapedDevices.csv | true; echo ${PIPESTATUS[0]}",
        "$PLEACH check --csv ShapedDevices.csv --json | head -1 >/dev/null; echo ${PIPESTATUS[0]}",
        "$PLEACH completions bash | true; echo ${PIPESTATUS[0]}",
        "$PLEACH graph --csv ShapedDevices.csv --clients | head -1 >/dev/null; echo ${PIPESTATUS[0]}",
    ] {
        folder.sh(script).stdout("0\n").quiet();
    }
}

#[test]
fn a_pipe_with_a_reader_gets_the_exit_code() {
    let folder = with_bad_rows();
    let run = folder.sh("$PLEACH check | cat; echo ${PIPESTATUS[0]}");
    assert!(run.stdout.ends_with("2 nodes\n3\n"), "{}", run.stdout);
}

#[test]
fn two_files_without_a_configuration() {
    let folder = Folder::new();
    folder.write("net/ShapedDevices.csv", crate::harness::circuits(3));
    folder.write("net/network.json", r#"{"Tower B": {"downloadBandwidthMbps": 500, "uploadBandwidthMbps": 500}}"#);
    folder.pleach(&["check", "--csv", "net/ShapedDevices.csv", "--nodes", "net/network.json"]).code(0).stdout(
        "read from net/ShapedDevices.csv, net/network.json
problems: none
3 circuits read = 3 shaped + 0 quarantined + 0 left out by rule
shaper default  at pleach:top:internet: 3 circuits, 1 node
",
    );
}
