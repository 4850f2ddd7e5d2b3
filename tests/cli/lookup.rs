//! `pleach lookup`.

use crate::harness::Folder;

#[test]
fn an_address_of_a_circuit() {
    let folder = Folder::started();
    folder
        .pleach(&["lookup", "100.64.2.5"])
        .code(0)
        .stdout("100.64.2.5 is in 100.64.2.0/29: circuit csv:circuit:1003 (Corner Shop)\n")
        .quiet();
    folder
        .pleach(&["lookup", "2001:db8:1:200::7"])
        .code(0)
        .stdout("2001:db8:1:200::7 is in 2001:db8:1:200::/56: circuit csv:circuit:1001 (Doe, Jane)\n");
}

#[test]
fn an_ipv4_address_in_ipv6_clothes() {
    let run = Folder::started().pleach(&["lookup", "::ffff:100.64.1.2"]).code(0);
    run.stdout("::ffff:100.64.1.2 is in 100.64.1.2: circuit csv:circuit:1001 (Doe, Jane)\n");
}

#[test]
fn an_address_of_nobody() {
    Folder::started().pleach(&["lookup", "8.8.8.8"]).code(1).stdout("8.8.8.8 is in no shaped prefix\n").quiet();
}

#[test]
fn the_wider_ones_are_named() {
    let folder = Folder::with_circuits(2);
    let rows = folder.read("ShapedDevices.csv") + "all,Everybody,all,Router,,,0.0.0.0/0,,,,1.5,0.5,\n";
    folder.write("ShapedDevices.csv", rows);
    folder.pleach(&["lookup", "100.64.0.1"]).code(0).stdout(
        "100.64.0.1 is in 100.64.0.1: circuit csv:circuit:c100 (Customer 100)
  also in 0.0.0.0/0: circuit csv:circuit:all (Everybody), which is wider and does not count
",
    );
    folder
        .pleach(&["lookup", "8.8.8.8"])
        .code(0)
        .stdout("8.8.8.8 is in 0.0.0.0/0: circuit csv:circuit:all (Everybody)\n");
}

#[test]
fn as_json() {
    let folder = Folder::started();
    let found = folder.pleach(&["lookup", "100.64.2.5", "--json"]).code(0).json();
    assert_eq!(found["matched"]["circuit"], "csv:circuit:1003");
    assert_eq!(found["matched"]["prefix"], "100.64.2.0/29");
    let nothing = folder.pleach(&["lookup", "8.8.8.8", "--json"]).code(1).json();
    assert!(nothing["matched"].is_null());
}

#[test]
fn not_an_address() {
    Folder::started().pleach(&["lookup", "100.64.1"]).code(2).stdout("").stderr(
        "error: invalid value '100.64.1' for '<ADDRESS>': invalid IP address syntax

For more information, try '--help'.
",
    );
}
