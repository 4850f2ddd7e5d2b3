//! `pleach init`.

use crate::harness::Folder;

#[test]
fn writes_a_network_that_check_passes() {
    let folder = Folder::new();
    folder
        .pleach(&["init", "my net"])
        .code(0)
        .stdout(
            "wrote my net/pleach.toml
wrote my net/ShapedDevices.csv
wrote my net/nodes.csv
wrote my net/links.csv
next: edit them, then `pleach check` and `pleach export` in that folder
",
        )
        .quiet();
    folder
        .pleach(&["check", "--strict", "--config", "my net/pleach.toml"])
        .code(0)
        .stdout(
            "read from my net/ShapedDevices.csv, my net/nodes.csv, my net/links.csv
problems: none
3 circuits read = 3 shaped + 0 quarantined + 0 left out by rule
shaper main  at csv:node:Tower A: 3 circuits, 3 nodes
",
        )
        .quiet();
}

#[test]
fn overwrites_nothing() {
    let folder = Folder::started();
    let before = folder.fingerprint("");
    folder.pleach(&["init"]).code(1).stdout("").stderr(
        "pleach: `.` holds pleach.toml, ShapedDevices.csv, nodes.csv, links.csv already, and nothing is overwritten
hint: name another folder: `pleach init DIR`
",
    );
    assert_eq!(folder.fingerprint(""), before);
}

#[test]
fn one_file_in_the_way_is_enough() {
    let folder = Folder::new();
    folder.write("nodes.csv", "mine");
    folder.pleach(&["init"]).code(1).stderr(
        "pleach: `.` holds nodes.csv already, and nothing is overwritten
hint: name another folder: `pleach init DIR`
",
    );
    assert_eq!(folder.files(""), ["nodes.csv"]);
}

#[test]
fn a_file_where_the_folder_should_be() {
    let folder = Folder::new();
    folder.write("here", "");
    folder
        .pleach(&["init", "here/net"])
        .code(1)
        .stderr("pleach: cannot make `here/net`: Not a directory (os error 20)\n");
}
