//! `pleach export`.

use std::fs;

use crate::harness::{Folder, HEADER};

#[test]
fn three_files_for_a_shaper() {
    let folder = Folder::with_circuits(2);
    folder
        .pleach(&["export"])
        .code(0)
        .stdout(
            "2 circuits read = 2 shaped + 0 quarantined + 0 left out by rule
pleach-out/default: 2 circuits, 2 nodes; wrote network.json, ShapedDevices.csv, manifest.json
",
        )
        .quiet();
    assert_eq!(
        folder.files("pleach-out"),
        [
            "pleach-out/default/",
            "pleach-out/default/ShapedDevices.csv",
            "pleach-out/default/manifest.json",
            "pleach-out/default/network.json"
        ]
    );
    assert!(folder.read("pleach-out/default/network.json").starts_with("{\n  \"Tower A\": {\n"));
}

#[test]
fn the_manifest_is_right() {
    let folder = Folder::with_circuits(2);
    folder.pleach(&["export"]).code(0);
    let sums = folder.sh(
        "cd pleach-out/default && for f in network.json ShapedDevices.csv; do sha256sum < $f | cut -d' ' -f1; done",
    );
    for sum in sums.stdout.lines() {
        assert!(folder.read("pleach-out/default/manifest.json").contains(sum), "{sum}");
    }
}

#[test]
fn unchanged_files_are_not_touched() {
    let folder = Folder::with_circuits(2);
    folder.pleach(&["export"]).code(0);
    let before = folder.fingerprint("pleach-out");
    folder.pleach(&["export"]).code(0).stdout(
        "2 circuits read = 2 shaped + 0 quarantined + 0 left out by rule
pleach-out/default: 2 circuits, 2 nodes; unchanged
",
    );
    assert_eq!(folder.fingerprint("pleach-out"), before);
}

#[test]
fn only_what_changed_is_replaced() {
    let folder = Folder::with_circuits(2);
    folder.pleach(&["export"]).code(0);
    folder.write_circuits(3);
    folder.pleach(&["export"]).code(0).stdout(
        "3 circuits read = 3 shaped + 0 quarantined + 0 left out by rule
pleach-out/default: 3 circuits, 2 nodes; wrote ShapedDevices.csv, manifest.json
",
    );
}

fn with_a_quarantined_row() -> Folder {
    let folder = Folder::with_circuits(1);
    folder
        .write("ShapedDevices.csv", folder.read("ShapedDevices.csv") + "c200,Nora,d200,Router,Tower B,,,,5,5,50,50,\n");
    folder
}

const NO_ADDRESS: &str = "error no-address: 1
  ShapedDevices.csv line 3 (csv:circuit:c200): circuit `Nora` has no usable address and is not shaped
    hint: give one of its devices an address

problems: 1 error
";

#[test]
fn a_quarantined_subscriber_is_exit_code_3() {
    with_a_quarantined_row()
        .pleach(&["export"])
        .code(3)
        .stdout(
            "2 circuits read = 1 shaped + 1 quarantined + 0 left out by rule
pleach-out/default: 1 circuit, 2 nodes; wrote network.json, ShapedDevices.csv, manifest.json
",
        )
        .stderr(NO_ADDRESS);
}

#[test]
fn strict_writes_nothing() {
    let folder = with_a_quarantined_row();
    let before = folder.files("");
    let rest = "read from ShapedDevices.csv, nodes.csv
2 circuits read = 1 shaped + 1 quarantined + 0 left out by rule
pleach: nothing is written: `--strict` takes errors and warnings for a failure
hint: correct them, or leave `--strict` out
";
    folder.pleach(&["export", "--strict"]).code(3).stdout("").stderr(&(NO_ADDRESS.to_owned() + rest));
    assert_eq!(folder.files(""), before);
}

#[test]
fn json_says_the_same() {
    let report = with_a_quarantined_row().pleach(&["export", "--json"]).code(3).quiet().json();
    assert_eq!(report["ended"], "written");
    assert_eq!(report["counts"]["quarantined"], 1);
    assert_eq!(report["problems"][0]["code"], "no-address");
    let folder = &report["shapers"][0]["folders"][0];
    assert_eq!(folder["folder"], "pleach-out/default");
    assert_eq!(folder["written"], serde_json::json!(["network.json", "ShapedDevices.csv", "manifest.json"]));
}

#[test]
fn a_folder_of_a_reader() {
    let folder = Folder::with_circuits(2);
    let config = folder.read("pleach.toml") + "[[shaper]]\nname = \"main\"\npublish = \"lqos\"\n";
    folder.write("pleach.toml", config);
    fs::create_dir(folder.join("lqos")).expect("made");
    folder.pleach(&["export"]).code(0).stdout(
        "2 circuits read = 2 shaped + 0 quarantined + 0 left out by rule
pleach-out/main: 2 circuits, 2 nodes; wrote network.json, ShapedDevices.csv, manifest.json
lqos: published `main`; wrote network.json, ShapedDevices.csv
",
    );
    assert_eq!(folder.files("lqos"), ["lqos/ShapedDevices.csv", "lqos/network.json"]);
    assert_eq!(folder.read("lqos/ShapedDevices.csv"), folder.read("pleach-out/main/ShapedDevices.csv"));
    folder.pleach(&["export"]).code(0).stdout(
        "2 circuits read = 2 shaped + 0 quarantined + 0 left out by rule
pleach-out/main: 2 circuits, 2 nodes; unchanged
lqos: published `main`; unchanged
",
    );
}

#[test]
fn a_reader_of_the_shapers_own_folder() {
    let folder = Folder::with_circuits(2);
    let config = folder.read("pleach.toml") + "[[shaper]]\nname = \"main\"\npublish = \"pleach-out/main\"\n";
    folder.write("pleach.toml", config);
    fs::create_dir_all(folder.join("pleach-out/main")).expect("made");
    folder.pleach(&["export"]).code(0).quiet();
    let files = ["ShapedDevices.csv", "manifest.json", "network.json"].map(|name| format!("pleach-out/main/{name}"));
    assert_eq!(folder.files("pleach-out/main"), files);
}

#[test]
fn two_shapers_each_with_its_nearest() {
    let folder = Folder::new();
    folder.write(
        "pleach.toml",
        r#"
[csv]
shaped_devices = "ShapedDevices.csv"
nodes = "nodes.csv"
[[shaper]]
name = "a"
root = "Tower A"
scope = "nearest"
[[shaper]]
name = "b"
root = "Tower B"
scope = "nearest"
"#,
    );
    folder.write(
        "nodes.csv",
        "Site Name,Download Mbps,Upload Mbps,Parent Site Name\nTower A,900,900,\nTower B,500,400,Tower A\n",
    );
    let rows = "1,Ann,d1,,Tower A,,100.64.0.1,,5,5,50,50,\n2,Ben,d2,,Tower B,,100.64.0.2,,5,5,50,50,\n3,Cid,d3,,Tower B,,100.64.0.3,,5,5,50,50,\n";
    folder.write("ShapedDevices.csv", HEADER.to_owned() + rows);
    let run = folder.pleach(&["export"]).code(0);
    run.stdout(
        "3 circuits read = 3 shaped + 0 quarantined + 0 left out by rule
pleach-out/a: 1 circuit, 1 node; wrote network.json, ShapedDevices.csv, manifest.json
pleach-out/b: 2 circuits, 1 node; wrote network.json, ShapedDevices.csv, manifest.json
circuits in one shaper: 3, in several: 0, in none: 0
",
    );
    let snapshot = |shaper| {
        let manifest = folder.read(&format!("pleach-out/{shaper}/manifest.json"));
        let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
        manifest["snapshot"].to_string()
    };
    assert_eq!(snapshot("a"), snapshot("b"), "both are of one network");
}

#[test]
fn roots_named_on_the_command_line() {
    let folder = Folder::with_circuits(2);
    folder.pleach(&["export", "--root", "Tower A", "--root", "csv:node:Tower B", "--out", "x y"]).code(0).stdout(
        "2 circuits read = 2 shaped + 0 quarantined + 0 left out by rule
x y/Tower-A: 2 circuits, 1 node; wrote network.json, ShapedDevices.csv, manifest.json
x y/Tower-B: 2 circuits, 1 node; wrote network.json, ShapedDevices.csv, manifest.json
circuits in one shaper: 0, in several: 2, in none: 0
",
    );
}

#[test]
fn a_symlinked_folder_stays_one() {
    let folder = Folder::with_circuits(1);
    fs::create_dir(folder.join("real")).expect("made");
    std::os::unix::fs::symlink("real", folder.join("out")).expect("linked");
    folder.pleach(&["export", "--out", "out"]).code(0);
    assert!(folder.join("out").is_symlink());
    assert!(folder.join("real/default/manifest.json").exists());
}

#[test]
fn nobody_reads_what_it_says() {
    let folder = with_a_quarantined_row();
    folder.sh("$PLEACH export 2>&1 | true; echo ${PIPESTATUS[0]}").stdout("3\n");
    assert!(folder.join("pleach-out/default/manifest.json").exists(), "files are written all the same");
    folder.write_circuits(2);
    folder.sh("$PLEACH export >&- 2>&-").code(0);
    assert!(folder.read("pleach-out/default/ShapedDevices.csv").contains("c101"));
}
