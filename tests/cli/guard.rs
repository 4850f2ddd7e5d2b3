//! The guard: an export that would drop many circuits is refused.

use crate::harness::Folder;

const REFUSED: &str = "read from ShapedDevices.csv, nodes.csv
150 circuits read = 150 shaped + 0 quarantined + 0 left out by rule
pleach: refused: 50 of the 200 circuits in `pleach-out/default/ShapedDevices.csv` would vanish: `c250`, `c251`, `c252`, `c253`, `c254`, …
hint: nothing is written; if that is meant, `--accept-changes` writes it
";

#[test]
fn refuses_and_leaves_the_old_files() {
    let folder = Folder::with_circuits(200);
    folder.pleach(&["export"]).code(0);
    let before = folder.fingerprint("pleach-out");
    folder.write_circuits(150);
    folder.pleach(&["export"]).code(4).stdout("").stderr(REFUSED);
    assert_eq!(folder.fingerprint("pleach-out"), before);
    let report = folder.pleach(&["export", "--json"]).code(4).json();
    assert_eq!(report["ended"], "not-written-guard");
    assert_eq!(report["shapers"][0]["folders"][0]["guard"]["previous"], 200);
    assert_eq!(folder.fingerprint("pleach-out"), before);
}

#[test]
fn accepts_what_is_meant() {
    let folder = Folder::with_circuits(200);
    folder.pleach(&["export"]).code(0);
    folder.write_circuits(150);
    folder.pleach(&["export", "--accept-changes"]).code(0).quiet();
    assert_eq!(folder.read("pleach-out/default/ShapedDevices.csv").lines().count(), 151);
    folder.pleach(&["export"]).code(0);
}

#[test]
fn a_tenth_or_ten_may_go() {
    let folder = Folder::with_circuits(200);
    folder.pleach(&["export"]).code(0);
    folder.write_circuits(180);
    folder.pleach(&["export"]).code(0);
    let folder = Folder::with_circuits(20);
    folder.pleach(&["export"]).code(0);
    folder.write_circuits(10);
    folder.pleach(&["export"]).code(0);
    folder.write_circuits(0);
    folder.pleach(&["export"]).code(4).stderr(
        "read from ShapedDevices.csv, nodes.csv
0 circuits read = 0 shaped + 0 quarantined + 0 left out by rule
pleach: refused: no circuit is left to shape
hint: nothing is written; if that is meant, `--accept-changes` writes it
",
    );
    folder.pleach(&["export", "--accept-changes"]).code(0);
}

#[test]
fn the_folder_of_a_reader_is_guarded_too() {
    let folder = Folder::with_circuits(5);
    folder.write("pleach.toml", folder.read("pleach.toml") + "[[shaper]]\nname = \"main\"\npublish = \"lqos\"\n");
    folder.write("lqos/ShapedDevices.csv", crate::harness::circuits(100));
    let before = folder.fingerprint("lqos");
    let run = folder.pleach(&["export"]).code(4);
    assert!(
        run.stderr.contains("pleach: refused: 95 of the 100 circuits in `lqos/ShapedDevices.csv`"),
        "{}",
        run.stderr
    );
    assert_eq!(folder.fingerprint("lqos"), before);
    assert!(!folder.join("pleach-out").exists(), "no shaper's files are replaced if one is refused");
}
