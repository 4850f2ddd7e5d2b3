//! A network.json that is none.

use crate::harness::Folder;

#[track_caller]
fn refuses(json: &str, stderr: &str) {
    let folder = Folder::with_circuits(1);
    folder.write("network.json", json);
    folder.pleach(&["check", "--nodes", "network.json"]).code(1).stdout("").stderr(stderr);
}

#[test]
fn no_json() {
    refuses("Site,Down\n", "pleach: cannot use `network.json`: line 1, column 1: not JSON: malformed json\n");
    refuses("{\n  \"a\" 1}", "pleach: cannot use `network.json`: line 2, column 7: not JSON: missing colon\n");
}

#[test]
fn a_list() {
    refuses(
        "\n [1]",
        "pleach: cannot use `network.json`: line 2, column 2: array stands where an object of nodes is expected, such as `{}`\n",
    );
}

#[test]
fn cut_off() {
    refuses(
        "{\n  \"Tower A\": {\n    \"downloadBandwidthMbps\": 10",
        "pleach: cannot use `network.json`: line 3, column 32: not JSON: incomplete document\n",
    );
    refuses("", "pleach: cannot use `network.json`: line 1, column 1: not JSON: incomplete document\n");
}
