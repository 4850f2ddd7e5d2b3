//! The examples of the generic source are true: each is synced as it stands in the manual.

use std::path::Path;
use std::process::Command;

use crate::harness::Folder;

/// The folder of an example, and a folder to publish to.
fn example(name: &str) -> Folder {
    let folder = Folder::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples").join(name);
    for entry in std::fs::read_dir(&from).expect("an example") {
        let path = entry.expect("listed").path();
        std::fs::copy(&path, folder.join(path.file_name().expect("a name"))).expect("copied");
    }
    std::fs::create_dir(folder.join("out")).expect("made");
    folder
}

/// The cells of the published rows that say who gets what: circuit, parent, IPv4, IPv6, maximum rates.
fn rows(folder: &Folder) -> Vec<String> {
    let text = folder.read("out/ShapedDevices.csv");
    let cells = |line: &str| {
        let cells: Vec<String> = line.trim_matches('"').split("\",\"").map(str::to_owned).collect();
        [1, 4, 6, 7, 10, 11].map(|at| cells.get(at).map_or("", String::as_str).to_owned()).join("|")
    };
    text.lines().skip(1).map(cells).collect()
}

#[test]
fn a_shell_command() {
    let folder = example("shell");
    folder.pleach(&["sync"]).code(0);
    assert_eq!(
        rows(&folder),
        [
            "garcia||| 2001:db8:5::/56|500|500".replace("| ", "|"),
            "jones||100.64.0.1||100|20".into(),
            "smith||100.64.0.2||50|10".into()
        ]
    );
    let run = folder.pleach(&["config", "test"]).code(0);
    assert!(run.stdout.contains("3 circuits, 0 sites and access points, 0 problems"), "{}", run.stdout);
}

#[test]
fn a_script_in_the_words_of_operators() {
    let folder = example("python");
    let run = folder.pleach(&["sync"]).code(0);
    assert!(run.stdout.contains("3 circuits read = 2 shaped"), "{}", run.stdout);
    assert_eq!(
        rows(&folder),
        [
            "Jones|B North|100.64.1.1|2001:db8:1::/56|100|20",
            "Smith|Tower B|100.64.1.2||50|10",
            "Smith|Tower B|100.64.1.3||50|10"
        ]
    );
    let network = folder.read("out/network.json");
    assert!(network.contains("\"B North\""), "{network}");
}

#[test]
fn a_query_of_radius_mapped_by_configuration_alone() {
    let folder = example("radius");
    let made = Command::new("sqlite3").arg("radius.db").arg(".read radius.sql").current_dir(folder.path()).status();
    assert!(made.expect("there is sqlite3: scripts/install-test-tools").success());
    folder.pleach(&["sync"]).code(0);
    assert_eq!(
        rows(&folder),
        ["jones||100.64.2.1|2001:db8:21::/56|100|20", "smith||100.64.2.2||50|10", "smith||100.64.2.3||50|10"]
    );
    // The database is away: nothing is changed, and the message says whose fault it is.
    std::fs::remove_file(folder.join("radius.db")).expect("removed");
    let run = folder.pleach(&["sync"]).code(1);
    assert!(run.stderr.contains("source `radius`") && run.stderr.contains("radius.db"), "{}", run.stderr);
    assert_eq!(rows(&folder).len(), 3);
}
