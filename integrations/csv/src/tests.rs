//! Whole networks from small files: who ends where, and what is said about it.

use pleach_graph::{Code, NetworkGraph, NodeId, NodeIndex, Parent, Problem};
use proptest::prelude::*;

use crate::{ReadError, read_bytes};

const HEADER: &str = "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,Download Min Mbps,\
                      Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment,sqm\n";
const NODES: &str =
    "Site Name,Download Mbps,Upload Mbps,Parent Site Name,type\nTower,1000,500,,\nAP,200,100,Tower,ap\n";

struct Read {
    network: NetworkGraph,
    problems: Vec<Problem>,
}

impl Read {
    fn of(rows: &str, json: Option<&str>, nodes: Option<&str>, links: Option<&str>) -> Self {
        let rows = format!("{HEADER}{rows}");
        let (network, problems) =
            read_bytes(rows.as_bytes(), json.map(str::as_bytes), nodes.map(str::as_bytes), links.map(str::as_bytes))
                .expect("no file is refused");
        Self { network, problems: problems.into_sorted() }
    }

    fn with_nodes(rows: &str) -> Self {
        Self::of(rows, None, Some(NODES), None)
    }

    /// Code and line of each problem.
    fn codes(&self) -> Vec<(Code, u32)> {
        self.problems.iter().map(|problem| (problem.code, problem.line.unwrap_or(0))).collect()
    }

    fn find(&self, id: &str) -> NodeIndex {
        self.network.find(&id.parse().expect("an id")).unwrap_or_else(|| panic!("no {id}"))
    }

    fn parent(&self, id: &str) -> &str {
        match self.network.node(self.find(id)).parent() {
            Parent::Node(parent) => self.network.node(parent).id.as_str(),
            Parent::Unknown => "unknown",
            Parent::Unstated => "unstated",
        }
    }

    /// The prefixes of a device, as text.
    fn prefixes(&self, id: &str) -> Vec<String> {
        let device = self.network.node(self.find(id)).device().expect("a device");
        device.claims.iter().map(|claim| claim.prefix.to_string()).collect()
    }

    fn set_aside(&self) -> Vec<(&str, Code)> {
        self.network
            .set_aside()
            .iter()
            .map(|aside| (aside.id.as_ref().map_or("-", |id| id.as_str()), aside.code))
            .collect()
    }
}

#[test]
fn a_small_network() {
    let read = Read::with_nodes(
        "1,Jones,d1,cpe,AP,aa,\"10.0.0.1, 10.0.0.2\",fd::1,1,2,100,20,hi,cake\n1,Jones,d2,,AP,,10.0.0.3,,1,2,100,20,,\n2,,d3,,,,fd::2,,,,5,5,,\n",
    );
    assert_eq!(read.codes(), []);
    assert_eq!(read.network.circuits().len(), 2);
    assert_eq!(read.prefixes("csv:device:d1"), ["10.0.0.1", "10.0.0.2", "fd::1"]);
    assert_eq!(read.prefixes("csv:device:d3"), ["fd::2"], "IPv6 in the IPv4 column");
    assert_eq!(read.parent("csv:device:d2"), "csv:circuit:1");
    assert_eq!(read.parent("csv:circuit:1"), "csv:node:AP");
    assert_eq!(read.parent("csv:circuit:2"), "pleach:top:internet");
    assert_eq!(read.parent("csv:node:AP"), "csv:node:Tower");
    let client = read.network.node(read.find("csv:circuit:1"));
    assert_eq!((client.name.as_str(), client.origin.line), ("Jones", 2));
    assert_eq!(read.network.documents()[client.origin.document as usize], "ShapedDevices.csv");
    assert_eq!(client.client().expect("a client").sqm.to_string(), "cake");
    let ap = read.network.node(read.find("csv:node:AP"));
    assert_eq!((ap.kind.as_str(), ap.origin.line), ("access point", 3));
    assert_eq!(read.network.documents()[ap.origin.document as usize], "nodes.csv");
}

#[test]
fn every_circuit_is_counted_once() {
    let read = Read::with_nodes(
        "1,a,d1,,AP,,10.0.0.1,,1,1,5,5,,\n1,a,d2,,AP,,10.0.0.2,,1,1,bad,5,,\n2,b,d3,,AP,,10.0.0.3,,1,1,-5,5,,\n\
         2,b\n,c,d4,,AP,,10.0.0.4,,1,1,5,5,,\n,c,d5,,AP,,10.0.0.5,,1,1,5,5,,\n\"#9\",d,d6,,AP,,10.0.0.6,,1,1,5,5,,\n\
         \"#9\",d,d7,,AP,,10.0.0.7,,1,1,5,5,,\n#10,a comment\nbroken\n",
    );
    assert_eq!(read.network.circuits().len(), 1);
    assert_eq!(
        read.set_aside(),
        [
            ("-", Code::MissingCircuitId),
            ("-", Code::MissingCircuitId),
            ("-", Code::ShortRow),
            ("csv:circuit:2", Code::BadRate),
            ("csv:circuit:#9", Code::CommentCircuitId),
        ]
    );
    assert_eq!(
        read.codes(),
        [
            (Code::MissingCircuitId, 6),
            (Code::MissingCircuitId, 7),
            (Code::CommentCircuitId, 8),
            (Code::CommentCircuitId, 9),
            (Code::BadRate, 3),
            (Code::BadRate, 4),
            (Code::ShortRow, 5),
            (Code::ShortRow, 11),
        ]
    );
}

#[test]
fn rows_that_disagree_are_named_once_a_field() {
    let read = Read::with_nodes(
        "1,,d1,,,,10.0.0.1,,,1,,5,,\n1,Jones,d2,,AP,,10.0.0.2,,2,1,5,5,,cake\n\
         1,Smith,d3,,Tower,,10.0.0.3,,2,1,6,5,,none\n1,Smith,d4,,Tower,,10.0.0.4,,2,1,6,7,,none\n",
    );
    let found: Vec<_> = read.problems.iter().map(|p| (p.line, p.field.as_deref(), p.value.as_deref())).collect();
    assert_eq!(
        found,
        [
            (Some(4), Some("Circuit Name"), Some("Smith")),
            (Some(4), Some("Download Max Mbps"), Some("6")),
            (Some(4), Some("Parent Node"), Some("Tower")),
            (Some(4), Some("sqm"), Some("none")),
            (Some(5), Some("Upload Max Mbps"), Some("7")),
        ]
    );
    assert!(read.problems.iter().all(|problem| problem.code == Code::RowsDisagree));
    assert_eq!(
        read.problems[0].message,
        "circuit `1` has the Circuit Name `Jones` in line 3 and `Smith` in line 4; the first is used"
    );
    let client = read.network.node(read.find("csv:circuit:1"));
    let plan = client.client().expect("a client").plan;
    assert_eq!((client.name.as_str(), read.parent("csv:circuit:1")), ("Jones", "csv:node:AP"));
    assert_eq!(
        [plan.down.min, plan.down.max].map(|rate| rate.map(|rate| rate.mbit().to_string())),
        [Some("2".into()), Some("5".into())]
    );
}

#[test]
fn copies_and_device_ids() {
    let row = "1,a,d1,x,AP,m,10.0.0.1,,1,1,5,5,c,\n";
    let read =
        Read::with_nodes(&format!("{row}{row}1,a,d1,x,AP,m,10.0.0.9,,1,1,5,5,c,\n2,b,d1,x,AP,n,10.0.0.2,,1,1,5,5,,\n"));
    assert_eq!(read.codes(), [(Code::DuplicateDeviceId, 5), (Code::DuplicateRow, 3)]);
    assert_eq!(read.prefixes("csv:device:d1"), ["10.0.0.1", "10.0.0.9"]);
    assert_eq!(read.prefixes("csv:device:2/d1"), ["10.0.0.2"]);

    let rows = ["3,c,,,AP,m1,10.0.1.1,,1,1,5,5,,\n", "3,c,,,AP,,10.0.1.2,,1,1,5,5,,\n", "3,c,,box,AP,,,,1,1,5,5,,\n"];
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let read = Read::with_nodes(&order.map(|at| rows[at]).concat());
        assert_eq!(read.codes(), []);
        assert_eq!(read.prefixes("csv:device:3/m1"), ["10.0.1.1"]);
        assert_eq!(read.prefixes("csv:device:3/10.0.1.2"), ["10.0.1.2"]);
        assert!(read.prefixes("csv:device:3/box").is_empty());
    }
}

#[test]
fn addresses_are_set_aside_one_by_one() {
    let read = Read::with_nodes("1,a,d1,,AP,,\"10.0.0.300, 10.0.0.1/24\",fd::1/129 fd::5,1,1,5,5,,\n");
    let found: Vec<_> =
        read.problems.iter().map(|p| (p.code, p.line, p.field.as_deref(), p.value.as_deref())).collect();
    assert_eq!(
        found,
        [
            (Code::BadAddress, Some(2), Some("IPv4"), Some("10.0.0.300")),
            (Code::BadAddress, Some(2), Some("IPv6"), Some("fd::1/129")),
            (Code::HostBits, Some(2), Some("IPv4"), Some("10.0.0.1/24")),
        ]
    );
    assert_eq!(read.prefixes("csv:device:d1"), ["10.0.0.1", "fd::5"]);
}

#[test]
fn what_no_subscriber_has_is_set_aside_but_the_catch_all() {
    let read =
        Read::with_nodes("1,a,d1,,AP,,0.0.0.0/1,\"8000::/1, fd::5\",1,1,5,5,,\n2,b,d2,,AP,,0.0.0.0/0,::/0,1,1,5,5,,\n");
    assert_eq!(read.codes(), [(Code::BadAddress, 2), (Code::BadAddress, 2)]);
    assert_eq!(read.prefixes("csv:device:d1"), ["fd::5"]);
    assert_eq!(read.prefixes("csv:device:d2"), ["0.0.0.0/0", "::/0"]);
}

#[test]
fn parents_by_id_name_and_relay() {
    let json = r#"{"Tower":{"id":"uisp:site:7","active_attachment_name":"Radio","children":{"AP":{"type":"ap"}}},"B":{"children":{"Twin":{}}},"C":{"children":{"Twin":{}}}}"#;
    let rows = "1,Relay One,d1,Box,uisp:site:7,,10.0.0.1,,1,1,5,5,,\n2,x,d2,,7,,10.0.0.2,,1,1,5,5,,\n\
                3,x,d3,,Radio,,10.0.0.3,,1,1,5,5,,\n4,,d4,,csv:circuit:1,,10.0.0.4,,1,1,5,5,,\n\
                5,,d5,,Relay One,,10.0.0.5,,1,1,5,5,,\n6,,d6,,Box,,10.0.0.6,,1,1,5,5,,\n\
                7,,d7,,Twin,,10.0.0.7,,1,1,5,5,,\n8,Gone,d8,Gone,Gone,,10.0.0.8,,1,1,5,5,,\n9,,d9,,NONE,,10.0.0.9,,1,1,5,5,,\n";
    let read = Read::of(rows, Some(json), None, None);
    let parents: Vec<_> = (1..=9).map(|n| read.parent(&format!("csv:circuit:{n}"))).collect();
    assert_eq!(
        parents,
        [
            "uisp:site:7",
            "uisp:site:7",
            "uisp:site:7",
            "csv:circuit:1",
            "csv:circuit:1",
            "csv:device:d1",
            "csv:node:B/Twin",
            "unknown",
            "pleach:top:internet",
        ]
    );
    assert_eq!(read.codes(), [(Code::UnknownParent, 9), (Code::AmbiguousParent, 8)]);
}

#[test]
fn parent_node_id_comes_before_the_name() {
    let header = HEADER.replace("Parent Node,", "Parent Node,Parent Node ID,");
    let text = format!("{header}1,a,d1,,Tower,AP,,10.0.0.1,,1,1,5,5,,\n2,b,d2,,Tower,gone,,10.0.0.2,,1,1,5,5,,\n");
    let (network, problems) = read_bytes(text.as_bytes(), None, Some(NODES.as_bytes()), None).expect("a network");
    let read = Read { network, problems: problems.into_sorted() };
    assert_eq!([read.parent("csv:circuit:1"), read.parent("csv:circuit:2")], ["csv:node:AP", "csv:node:Tower"]);
    assert_eq!(read.codes(), []);
}

#[test]
fn without_nodes_the_network_is_flat_and_says_so_once() {
    let rows = "1,a,d1,,AP,,10.0.0.1,,1,1,5,5,,\n2,b,d2,,,,10.0.0.2,,1,1,5,5,,\n3,c,d3,,B,,10.0.0.3,,1,1,5,5,,\n";
    for json in [None, Some("{}")] {
        let read = Read::of(rows, json, None, None);
        assert_eq!(read.codes(), [(Code::ParentsIgnored, 0)]);
        assert!(read.problems[0].message.contains(" 2 Parent Node cells"), "{}", read.problems[0].message);
        assert_eq!(read.parent("csv:circuit:1"), "pleach:top:internet");
    }
    assert_eq!(Read::of("2,b,d2,,none,,10.0.0.2,,1,1,5,5,,\n", None, None, None).codes(), []);
}

#[test]
fn the_node_table() {
    let nodes = "name;download;upload;parent;Type;ID;lat;lon\nTower;1000,5;;;;;52,5;5\nTower;1000,5;;;;;52,5;5\n\
                 S;5;0;Tower;sector;;91;0\nS;fast;5;Hill;;;;\nHill;;;Relay;;uisp:site:9;;\nHill2;;;Nowhere;;uisp:site:9;;\n\
                 ;1;1;;;;;\nSelf;;;Self;;;;\n";
    let read = Read::of("1,Relay,d1,,Tower,,10.0.0.1,,1,1,5,5,,\n", None, Some(nodes), None);
    assert_eq!(
        read.codes(),
        [
            (Code::DuplicateId, 7),
            (Code::BadNode, 8),
            (Code::ParentCycle, 9),
            (Code::BadCapacity, 4),
            (Code::BadCapacity, 5),
            (Code::DuplicateRow, 3),
            (Code::BadPosition, 4),
        ]
    );
    assert_eq!(read.parent("csv:node:Tower/S"), "csv:node:Tower");
    assert_eq!(read.parent("csv:node:Hill/S"), "uisp:site:9");
    assert_eq!(read.parent("uisp:site:9"), "csv:circuit:1", "an access point behind a customer");
    let tower = read.network.node(read.find("csv:node:Tower"));
    assert_eq!(
        format!("{:?}", tower.kind),
        "Site(Site { capacity: Capacity { down: 1.0005 Gbit/s, up: no limit }, is_virtual: false, position: Some(Position { latitude: 52.5, longitude: 5.0 }) })"
    );

    let headerless = Read::of("", None, Some("Tower,1000,500,\nAP,100,50,Tower\n"), None);
    assert_eq!((headerless.codes(), headerless.parent("csv:node:AP")), (vec![], "csv:node:Tower"));
}

#[test]
fn the_links_table() {
    let links = "from,to,download,upload,cost,id\nTower,AP,100,50,7,\nTower,AP,100,50,7,\nTower,csv:node:AP,100,50,7,second\n\
                 Tower,AP,1,1,1,second\nTower,Gone,1,1,,\n,AP,1,1,,\nTower,AP,x,0,0,\n";
    let read = Read::of("", None, Some(NODES), Some(links));
    assert_eq!(
        read.codes(),
        [
            (Code::DuplicateId, 5),
            (Code::BadLink, 6),
            (Code::BadLink, 7),
            (Code::BadCapacity, 8),
            (Code::BadCapacity, 8),
            (Code::BadCapacity, 8),
            (Code::DuplicateRow, 3),
        ]
    );
    let mut ids: Vec<_> = read.network.links().map(|link| read.network.link_id(link).as_str().to_owned()).collect();
    ids.sort();
    assert_eq!(ids, ["csv:link:Tower|AP|100|50|7", "csv:link:Tower|AP||", "csv:link:second", "csv:node:Tower"]);
    let headerless = Read::of("", None, Some(NODES), Some("Tower,AP,100,50,7\n"));
    assert_eq!((headerless.codes(), headerless.network.links().len()), (vec![], 2));
}

#[test]
fn a_node_with_a_circuits_id_keeps_it_and_the_circuit_is_counted() {
    let json = r#"{"Odd":{"id":"csv:circuit:1"}}"#;
    let row = "1,a,d1,,,,10.0.0.1,,1,1,5,5,,\n1,a,d2,,,,10.0.0.2,,1,1,5,5,,\n";
    let read = Read::of(row, Some(json), None, None);
    assert_eq!(read.set_aside(), [("csv:circuit:1", Code::DuplicateId)]);
}

#[test]
fn a_chain_of_100_000_sites() {
    const DEPTH: usize = 100_000;
    let json = ["{\"a\":{\"children\":".repeat(DEPTH), "{}".to_owned(), "}}".repeat(DEPTH)].concat();
    let read = Read::of("1,x,d,,a,,10.0.0.1,,1,1,5,5,,\n", Some(&json), None, None);
    assert_eq!(read.codes(), [(Code::AmbiguousParent, 2)]);
    assert_eq!(read.network.node_count(), DEPTH + 3);
}

#[test]
fn invalid_json_names_file_line_and_column() {
    let error = read_bytes(b"", Some(b"{\n \"a\" 1}"), None, None).expect_err("not JSON");
    assert_eq!(error.to_string(), "cannot use `network.json`");
    let ReadError::Json { source, .. } = error;
    assert_eq!(source.to_string(), "line 2, column 6: not JSON: missing colon");
}

#[test]
fn an_encoding_is_noted_once_a_file() {
    let (_, problems) =
        read_bytes(b"1,Jos\xE9,d,\xE9,,,10.0.0.1,,1,1,1,1,\n2,\xE9,e,,,,10.0.0.2,,1,1,1,1,\n", None, None, None)
            .expect("a network");
    assert_eq!(problems.as_slice().iter().map(|p| (p.code, p.line)).collect::<Vec<_>>(), [(Code::Encoding, Some(1))]);
}

proptest! {
    #[test]
    fn no_bytes_panic(rows: Vec<u8>, json: Vec<u8>, nodes: Vec<u8>, links: Vec<u8>) {
        let _ = read_bytes(&rows, Some(&json), Some(&nodes), Some(&links));
    }

    /// Read = in the graph + set aside, whatever the rows hold.
    #[test]
    fn every_circuit_id_ends_somewhere(
        rows in proptest::collection::vec(
            ("(|#|1|2|3|4)", "(|d|e)", "(|AP|Tower|x|1|none)", "(|m)", "(|10\\.0\\.0\\.[1-4]|10\\.0\\.0\\.0/2[0-9]|z)", "(|1|-1|NaN|0)", "(|\n|\",)"),
            0..12,
        ),
    ) {
        let lines: Vec<String> = rows.iter()
            .map(|(circuit, device, parent, mac, ip, rate, end)| {
                format!("\"{circuit}\",n{device},{device},{mac},{parent},{mac},{ip},,1,1,{rate},5,{end},\n")
            })
            .collect();
        let text = lines.concat();
        let read = Read::with_nodes(&text);
        let mut ids: Vec<&str> = rows.iter().map(|row| row.0.as_str()).filter(|id| !id.is_empty()).collect();
        ids.sort_unstable();
        ids.dedup();
        let circuits = read.network.circuits().clients().iter().map(|&client| read.network.node(client).id.raw());
        let aside = read.network.set_aside().iter().filter_map(|aside| aside.id.as_ref()).map(NodeId::raw);
        let mut found: Vec<&str> = circuits.chain(aside).collect();
        found.sort_unstable();
        prop_assert_eq!(&ids, &found);
        let nameless = rows.iter().filter(|row| row.0.is_empty()).count();
        prop_assert!(read.network.set_aside().iter().filter(|aside| aside.id.is_none()).count() >= nameless);
    }
}
