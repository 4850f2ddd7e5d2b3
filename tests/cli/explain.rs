//! `pleach explain`.

use crate::harness::Folder;

#[test]
fn a_circuit() {
    let folder = Folder::started();
    let expected = "circuit Doe, Jane (csv:circuit:1001)
  read from   ShapedDevices.csv line 3
  fate        shaped
  download    10 Mbit/s to 100 Mbit/s: the stated maximum, the stated minimum
  upload      2 Mbit/s to 20 Mbit/s: the stated maximum, the stated minimum
  device      csv:device:D1001, ShapedDevices.csv line 3
    100.64.1.2
    2001:db8:1:200::/56

seen by shaper main
  parent in files  AP North
  ceiling down     150 Mbit/s: set by the sector of `AP North`
  ceiling up       50 Mbit/s: set by the sector of `AP North`
  path
    Tower A   the root
    AP North  sector 150 Mbit/s down, 50 Mbit/s up; cost 1; the only path (csv:node:AP North)

no problems
";
    for subject in ["1001", "100.64.1.2", "2001:db8:1:200::1", "Doe, Jane", "csv:circuit:1001", "csv:device:D1001"] {
        folder.pleach(&["explain", subject]).code(0).stdout(expected).quiet();
    }
}

#[test]
fn a_node() {
    Folder::started().pleach(&["explain", "Tower B"]).code(0).stdout(
        "site Tower B (csv:node:Tower B)
  read from   nodes.csv line 4

seen by shaper main
  parent in files  none, at the top
  ceiling down     450 Mbit/s: set by the link to `Tower B`
  ceiling up       450 Mbit/s: set by the link to `Tower B`
  path
    Tower A  the root
    Tower B  link 450 Mbit/s down, 450 Mbit/s up; cost 222; the only path (csv:link:Tower A|Tower B|450|450)

no problems
",
    );
}

#[test]
fn as_json() {
    let facts = Folder::started().pleach(&["explain", "1001", "--json"]).code(0).quiet().json();
    assert_eq!(facts["id"], "csv:circuit:1001");
    assert_eq!(facts["shapers"][0]["parent_in_files"], "AP North");
}

#[test]
fn nobody_of_that_name() {
    let folder = Folder::started();
    folder.pleach(&["explain", "Doe, Jan"]).code(2).stdout("").stderr(
        "pleach: there is no node `Doe, Jan` in the network; did you mean `Doe, Jane`?
hint: name a Circuit ID, an IP address, the name of a customer or node, or a typed id
",
    );
    folder.pleach(&["explain", "8.8.8.8"]).code(1).stdout("").stderr(
        "pleach: 8.8.8.8 is in no shaped prefix
hint: `pleach check` lists the rows and addresses that were set aside
",
    );
}

#[test]
fn a_circuit_that_was_set_aside() {
    let folder = Folder::with_circuits(1);
    let rows = folder.read("ShapedDevices.csv") + "c7,Fred,d7,Router,Tower B,,100.64.9.1,,5,5,fast,50,\n";
    folder.write("ShapedDevices.csv", rows);
    let expected = "circuit set aside c7 (csv:circuit:c7)

problems
error bad-rate: 1
  ShapedDevices.csv line 3, Download Max Mbps (csv:circuit:c7): rate `fast` is not a rate such as `100`, `2.5G` or `500 kbit/s`; the row is set aside
    hint: write Mbit/s as a number, such as `100` or `59.5`, or leave the cell blank
";
    for subject in ["c7", "csv:circuit:c7"] {
        folder.pleach(&["explain", subject]).code(0).stdout(expected).quiet();
    }
}

#[test]
fn an_address_that_is_never_shaped() {
    let folder = Folder::with_circuits(1);
    let rows = "all,Everybody,all,,,,0.0.0.0/0,,,,1.5,0.5,\nc7,Fred,d7,Router,Tower B,,\"192.168.172.1, 100.64.9.1\",,1,1,50,50,\n";
    folder.write("ShapedDevices.csv", folder.read("ShapedDevices.csv") + rows);
    let run = folder.pleach(&["explain", "c7"]).code(0);
    let devices = "  device      csv:device:d7, ShapedDevices.csv line 4
    100.64.9.1
      wins over 0.0.0.0/0: circuit csv:circuit:all (Everybody)
    192.168.172.1 is set aside; it is in 192.168.172.0/24: bypass, passes unshaped
";
    assert!(run.stdout.contains(devices), "{}", run.stdout);
}
