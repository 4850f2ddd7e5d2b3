//! The format as it stands in files, and what is no such file.

use super::*;
use crate::node::{Assignment, Origin, PlanRate, Position};
use crate::{Aspect, Capacity, Code, Limit, NetworkGraph, NodeId, Parent, Prefix, Problem, Rate, Table};

fn id(text: &str) -> NodeId {
    text.parse().expect("an id")
}

fn prefix(text: &str) -> Prefix {
    Prefix::parse(text).expect("a prefix").prefix
}

/// A network with one of everything.
fn network() -> NetworkGraph {
    let mut net = NetworkGraph::builder();
    let document = net.document("uisp sites.json");
    let half = Capacity { down: Limit::of(Rate::from_bit(59_765_625)), up: Limit::NONE };
    let position = Position::new(52.1, -7.25);
    net.site(id("uisp:site:12"), "Tower A").at_top().capacity(Capacity::from_mbit(1000, 500)).position(position);
    net.site(id("uisp:site:13"), "13").unknown_parent("Tower Z").virtual_site().origin(Origin { document, line: 0 });
    net.access_point(id("uisp:ap:a\"b"), "AP").capacity(half);
    net.client(id("crm:service:7"), "Jones")
        .parent(id("uisp:site:12"))
        .plan_rates(
            PlanRate { min: None, max: Some(Rate::from_mbit(100)) },
            PlanRate { min: Some(Rate::from_mbit(2)), max: Some(Rate::from_mbit(20)) },
        )
        .sqm("cake/fq_codel".parse().expect("a pair"))
        .lost_address()
        .because(Aspect::Parent, "the router that the service names")
        .origin(Origin { document, line: 31 });
    net.device(id("uisp:device:9"), "CPE")
        .parent(id("crm:service:7"))
        .prefix(prefix("2001:db8:5::/56"), Assignment::Dhcp)
        .prefix(prefix("100.64.1.5"), Assignment::Static)
        .mac("00:00:5e:00:53:af")
        .comment("on the roof");
    net.link(id("noc:link:1"), id("uisp:site:12"), id("uisp:ap:a\"b"), Capacity::from_mbit(300, 200)).cost(20);
    net.set_aside(Some(id("crm:service:8")), Code::BadRate);
    net.set_aside(None, Code::MissingCircuitId);
    net.bypass(prefix("10.9.0.0/16"));
    net.build().0
}

const LINES: &str = r#"{"pleach":"network","format":1,"nodes":6,"links":1,"set_aside":2,"bypass":1,"reasons":1}
{"documents":["uisp sites.json"]}
{"site":"pleach:top:internet","name":"Internet"}
{"site":"uisp:site:12","name":"Tower A","parent":"pleach:top:internet","capacity_bit":[1000000000,500000000],"position":[52.1,-7.25]}
{"site":"uisp:site:13","parent":"unknown","origin":[0,0],"virtual":true}
{"access_point":"uisp:ap:a\"b","name":"AP","capacity_bit":[59765625,null]}
{"client":"crm:service:7","name":"Jones","parent":"uisp:site:12","origin":[0,31],"max_bit":[100000000,20000000],"min_bit":[null,2000000],"sqm":"cake/fq_codel","lost_address":true}
{"device":"uisp:device:9","name":"CPE","parent":"crm:service:7","static":["100.64.1.5"],"dhcp":["2001:db8:5::/56"],"mac":"00:00:5e:00:53:af","comment":"on the roof"}
{"link":"noc:link:1","from":"uisp:site:12","to":"uisp:ap:a\"b","cost":20,"capacity_bit":[300000000,200000000]}
{"set_aside":"bad-rate","id":"crm:service:8"}
{"set_aside":"missing-circuit-id"}
{"bypass":"10.9.0.0/16"}
{"reason":"the router that the service names","of":"crm:service:7","about":"parent"}
"#;

fn written(network: &NetworkGraph) -> String {
    let mut bytes = Vec::new();
    write(network, &mut bytes).expect("memory can be written");
    String::from_utf8(bytes).expect("UTF-8")
}

/// The lines with a header of no counts.
fn read_lines(lines: &[&str]) -> Result<NetworkGraph, StoredError> {
    let text = format!("{{\"pleach\":\"network\",\"format\":1}}\n{}\n", lines.join("\n"));
    read(text.as_bytes())
}

const TOP: &str = r#"{"site":"pleach:top:internet","name":"Internet"}"#;

#[test]
fn one_of_everything_stands_in_a_line_of_its_own() {
    assert_eq!(written(&network()), LINES);
    assert_eq!(written(&read(LINES.as_bytes()).expect("it was just written")), LINES);
}

#[test]
fn what_an_older_file_lacks_is_unstated_and_what_a_newer_one_adds_is_passed_over() {
    let network = read_lines(&[
        TOP,
        "",
        r#"{"weather":"rain","format":9}"#,
        r#"{"also":["crm:client:7"],"client":"crm:service:7","parent":"pleach:top:internet","max_bit":[null,5]}"#,
    ])
    .expect("both are read");
    let client = network.node(network.find(&id("crm:service:7")).expect("a client"));
    assert_eq!((client.name.as_str(), client.origin), ("7", Origin::default()));
    let plan = client.client().expect("a client").plan;
    assert_eq!((plan.down, plan.up.max), (PlanRate::default(), Some(Rate::from_bit(5))));
    assert_eq!(network.links().len(), 1, "its parent's");
    assert!(network.documents().is_empty());
}

#[test]
fn lines_may_stand_in_another_order() {
    let network = read_lines(&[
        TOP,
        r#"{"device":"x:d:1","parent":"x:c:2"}"#,
        r#"{"client":"x:c:2","parent":"x:c:1","cost":7}"#,
        r#"{"client":"x:c:1","parent":"pleach:top:internet"}"#,
    ])
    .expect("parents may come later");
    let ids: Vec<&str> = network.nodes().map(|(_, node)| node.id.as_str()).collect();
    assert_eq!(ids, ["pleach:top:internet", "x:c:1", "x:c:2", "x:d:1"], "each circuit's nodes are together");
    assert_eq!(network.circuits().devices(1), [network.find(&id("x:d:1")).expect("a device")]);
    let child = network.find(&id("x:c:2")).expect("a client");
    assert_eq!(network.node(child).parent(), Parent::Node(network.find(&id("x:c:1")).expect("a client")));
    let costs: Vec<u64> = network.links().map(|link| network.link(link).cost()).collect();
    assert_eq!(costs, [1, 7, 1], "of the link to its parent");
    assert!(written(&network).contains(r#"{"client":"x:c:2","parent":"x:c:1","cost":7}"#));
}

#[test]
fn damage_is_said_with_its_line() {
    const SITE: &str = r#"{"site":"x:s:1","parent":"pleach:top:internet"}"#;
    for (lines, expected) in [
        (&[TOP, SITE, "{\"site\":\"x:s:"][..], "line 4: column 13: EOF while parsing a string"),
        (&[TOP, SITE, "nonsense"], "line 4: column 2: expected ident"),
        (&[TOP, r#"{"site":"x:s"}"#], "line 3: `x:s` is not of the form `source:table:id`"),
        (
            &[TOP, r#"{"site":"X:s:1"}"#],
            "line 3: `X` is not a source or table name: lower-case letters, digits, `-` and `_` only",
        ),
        (&[TOP, r#"{"site":7}"#], "line 3: column 9: invalid type: integer `7`, expected a string"),
        (&[TOP, SITE, SITE], "line 4: `x:s:1` is there for the second time"),
        (&[TOP, TOP], "line 3: `pleach:top:internet` is there for the second time"),
        (&[SITE, TOP], "line 2: the first node is `x:s:1`, not the top of the network"),
        (
            &[r#"{"device":"pleach:top:internet"}"#],
            "line 2: the first node is `pleach:top:internet`, not the top of the network",
        ),
        (
            &[r#"{"site":"pleach:top:internet","parent":"x:s:1"}"#],
            "line 2: the top of the network has the parent `x:s:1`",
        ),
        (&[TOP, r#"{"site":"x:s:1","client":"x:c:1"}"#], "line 3: it is a `site` and a `client` at once"),
        (&[TOP, r#"{"site":"x:s:1","parent":"x:s:2"}"#, SITE], "line 4: `x:s:1` is there for the second time"),
        (
            &[TOP, r#"{"site":"x:s:2","parent":"x:s:3"}"#, SITE],
            "line 3: it has the parent `x:s:3`, which the file does not hold",
        ),
        (&[TOP, r#"{"site":"x:s:1","parent":"x:s:1"}"#], "line 3: the parents of `x:s:1` lead back to it"),
        (
            &[TOP, SITE, r#"{"device":"x:s:2","parent":"x:s:3"}"#, r#"{"device":"x:s:3","parent":"x:s:2"}"#],
            "line 4: the parents of `x:s:2` lead back to it",
        ),
        (&[TOP, SITE, r#"{"link":"x:l:1","from":"x:s:1"}"#], "line 4: link `x:l:1` has no `from` or no `to`"),
        (
            &[TOP, SITE, r#"{"link":"x:l:1","from":"x:s:1","to":"x:s:1"}"#],
            "line 4: link `x:l:1` leads from a node to itself",
        ),
        (
            &[TOP, r#"{"link":"x:l:1","from":"pleach:top:internet","to":"x:s:1"}"#, SITE],
            "line 3: it names `x:s:1`, which no line before it holds",
        ),
        (
            &[
                TOP,
                SITE,
                r#"{"link":"x:l:1","from":"pleach:top:internet","to":"x:s:1"}"#,
                r#"{"link":"x:l:1","from":"x:s:1","to":"pleach:top:internet"}"#,
            ],
            "line 5: `x:l:1` is there for the second time",
        ),
        (
            &[TOP, r#"{"reason":"because","of":"x:s:1","about":"name"}"#],
            "line 3: it names `x:s:1`, which no line before it holds",
        ),
        (&[TOP, SITE, r#"{"reason":"because","of":"x:s:1"}"#], "line 4: the reason has no `of` or no `about`"),
        (&[TOP, r#"{"device":"x:d:1","static":["10.0.0.1/8"]}"#], "line 3: column 41: `10.0.0.1/8` has host bits set"),
        (
            &[TOP, r#"{"client":"x:c:1","sqm":"red"}"#],
            "line 3: column 30: `red` is not `cake`, `fq_codel`, `none` or a pair such as `cake/fq_codel`",
        ),
        (
            &[TOP, r#"{"client":"x:c:1","max_bit":[-1,0]}"#],
            "line 3: column 31: invalid value: integer `-1`, expected u64",
        ),
        (
            &[TOP, r#"{"site":"x:s:1","also":["y:s:1"]}"#, r#"{"site":"y:s:1"}"#],
            "line 4: `y:s:1` is there for the second time",
        ),
        (
            &[TOP, r#"{"site":"x:s:1","also":["pleach:top:internet"]}"#],
            "line 3: `pleach:top:internet` is there for the second time",
        ),
        (&[], "nodes: the first line says 1, and 0 are there; the file was cut off or changed"),
    ] {
        assert_eq!(read_lines(lines).expect_err("damaged").to_string(), expected, "{lines:?}");
    }
}

#[test]
fn a_file_that_is_cut_off_or_no_network_is_refused() {
    let error = |text: &str| read(text.as_bytes()).expect_err("refused").to_string();
    let no_header = "the first line does not say that this is a `network` file of Pleach";
    assert_eq!(error(""), no_header);
    assert_eq!(error("\u{feff}{\"site\":1}"), no_header);
    assert_eq!(error(&LINES.replace("network", "problems")), no_header);
    assert_eq!(error(&LINES.replacen("\"format\":1,", "", 1)), no_header);
    let newer = "the file has format 2, and this Pleach reads up to 1; read it with the Pleach that wrote it";
    assert_eq!(error(&LINES.replacen("\"format\":1,", "\"format\":2,", 1)), newer);
    // Cut between any two lines: what comes last is one short.
    let ends: Vec<usize> = LINES.match_indices('\n').map(|(at, _)| at + 1).collect();
    let whole = LINES.lines().count();
    for (lines, end) in (1..).zip(&ends[..whole - 1]) {
        assert!(read(&LINES.as_bytes()[..*end]).is_err(), "cut after {lines} lines");
    }
    let cut = error(&LINES[..ends[whole - 2]]);
    assert_eq!(cut, "reasons: the first line says 1, and 0 are there; the file was cut off or changed");
}

#[test]
fn a_file_without_line_breaks_is_not_read_to_its_end() {
    let endless = std::io::BufReader::new(std::io::repeat(b' '));
    let error = read(endless).expect_err("it has no end");
    assert_eq!(error.to_string(), "line 1: it is longer than 64 MiB");
}

#[test]
fn a_chain_of_many_nodes_is_read_whatever_its_order() {
    const LONG: usize = 100_000;
    let mut net = NetworkGraph::builder();
    let table = Table::new("x", "d").expect("a table");
    for number in 0..LONG {
        net.device(table.id(&number.to_string()), "").parent(table.id(&(number + 1).to_string()));
    }
    net.site(table.id(&LONG.to_string()), "");
    let (network, _) = net.build();
    let text = written(&network);
    assert_eq!(written(&read(text.as_bytes()).expect("read")), text);
}

#[test]
fn problems_read_back() {
    let problems = [
        Problem::new(Code::BadRate, "`fast` is not a rate")
            .at("ShapedDevices.csv", 7)
            .field("Download Max")
            .value("fast")
            .record(&id("csv:circuit:1"))
            .hint("write a number"),
        Problem::new(Code::ParentsIgnored, ""),
    ];
    let mut bytes = Vec::new();
    write_problems(&problems, &mut bytes).expect("memory can be written");
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert!(
        text.starts_with("{\"pleach\":\"problems\",\"format\":1,\"problems\":2}\n{\"code\":\"bad-rate\","),
        "{text}"
    );
    assert_eq!(read_problems(text.as_bytes()).expect("read"), problems);
    let cut = text.lines().take(2).collect::<Vec<_>>().join("\n");
    let cut = read_problems(cut.as_bytes()).expect_err("cut off").to_string();
    assert_eq!(cut, "problems: the first line says 2, and 1 are there; the file was cut off or changed");
    let no_code = text.replace("\"code\"", "\"kind\"");
    let no_code = read_problems(no_code.as_bytes()).expect_err("damaged").to_string();
    assert!(no_code.starts_with("line 2: ") && no_code.ends_with("missing field `code`"), "{no_code}");
}

#[test]
fn a_code_of_another_version_stays_in_the_message() {
    let text = "{\"pleach\":\"problems\",\"format\":1}\n{\"code\":\"too-quiet\",\"line\":3,\"message\":\"nothing is heard\"}\n";
    let problems = read_problems(text.as_bytes()).expect("read");
    assert_eq!(problems, [Problem::new(Code::Unlisted, "`too-quiet`: nothing is heard").at("", 3)]);
    let mut again = Vec::new();
    write_problems(&problems, &mut again).expect("memory can be written");
    assert_eq!(read_problems(&again[..]).expect("read"), problems, "once more, and it stays so");
    let network = read_lines(&[TOP, r#"{"set_aside":"too-quiet","id":"x:c:1"}"#]).expect("read");
    assert_eq!(network.set_aside()[0].code, Code::Unlisted);
}
