use proptest::prelude::*;

use super::*;
use crate::capacity::{Capacity, Limit};
use crate::node::Position;
use crate::problem::{Code, Problems};
use crate::rate::Rate;

fn nodes(text: &str) -> (Vec<JsonNode>, Vec<(Code, Option<u32>)>) {
    let mut problems = Problems::default();
    let nodes = read(text, "network.json", &mut problems).expect("JSON");
    (nodes, problems.into_sorted().into_iter().map(|problem| (problem.code, problem.line)).collect())
}

fn ids(nodes: &[JsonNode]) -> Vec<&str> {
    nodes.iter().map(|node| node.id.as_str()).collect()
}

#[test]
fn a_tree_with_all_keys() {
    let (nodes, problems) = nodes(
        r#"{
 "Tower": { "downloadBandwidthMbps": "1000.5", "uploadBandwidthMbps": 500, "latitude": "52.1", "longitude": 5,
  "id": "uisp:site:a", "type": "Site", "name": "x",
  "aux": { "AP lost": { "downloadBandwidthMbps": 1 } }, "meta": [[{}]],
  "children": {
   " '=AP ": { "type": "Access Point", "id": "7", "active_attachment_name": "Radio 7" },
   "V": { "virtual": true }, "W": { "type": "VIRTUAL" }, "X": { "virtual": "true", "id": 12 } } } }"#,
    );
    assert_eq!(problems, []);
    assert_eq!(ids(&nodes), ["uisp:site:a", "csv:node:7", "csv:node:V", "csv:node:W", "csv:node:X"]);
    assert_eq!(nodes[0].capacity, Capacity::of(Rate::from_bit(1_000_500_000), Rate::from_mbit(500)));
    assert_eq!(nodes[0].position, Position::new(52.1, 5.0));
    assert_eq!((nodes[1].name.as_str(), nodes[1].attachment.as_str(), nodes[1].line), ("=AP", "Radio 7", 6));
    let types: Vec<_> = nodes.iter().map(|node| node.node_type).collect();
    assert_eq!(types, [NodeType::Site, NodeType::AccessPoint, NodeType::Virtual, NodeType::Virtual, NodeType::Site]);
    assert!(nodes[1..].iter().all(|node| node.parent == Some(0)));
}

#[test]
fn an_empty_object_is_a_flat_network() {
    assert_eq!(nodes(" {} \n"), (vec![], vec![]));
}

#[test]
fn shared_names_go_by_their_path_and_twins_by_their_order() {
    let (nodes, problems) = nodes(
        r#"{"A":{"children":{"AP":{}}},"B":{"children":{"AP":{},"One":{}}},"T":{},"T":{"children":{"AP":{"id":"9"}}}}"#,
    );
    assert_eq!(problems, []);
    assert_eq!(
        ids(&nodes),
        [
            "csv:node:A",
            "csv:node:A/AP",
            "csv:node:B",
            "csv:node:B/AP",
            "csv:node:One",
            "csv:node:T",
            "csv:node:T#2",
            "csv:node:9"
        ]
    );
    assert_eq!(nodes[7].parent, Some(6));
}

#[test]
fn bad_values_become_unknown_and_are_reported() {
    let (nodes, problems) = nodes(
        "{\"A\":{\"downloadBandwidthMbps\":-1,\n\"uploadBandwidthMbps\":\"NaN\"},\n\"B\":{\"downloadBandwidthMbps\":0,\n\
         \"uploadBandwidthMbps\":[1]},\n\"C\":{\"downloadBandwidthMbps\":null,\"latitude\":91,\"longitude\":0},\n\
         \"D\":{\"latitude\":\"north\"},\n\"E\":5,\n\"F\":{\"children\":[1]},\"G\":{\"children\":null}}",
    );
    assert!(nodes.iter().all(|node| node.capacity.down == Limit::NONE && node.capacity.up == Limit::NONE));
    assert!(nodes.iter().all(|node| node.position.is_none()));
    let expected = [
        (Code::BadNode, 7),
        (Code::BadNode, 8),
        (Code::BadCapacity, 1),
        (Code::BadCapacity, 2),
        (Code::BadCapacity, 3),
        (Code::BadCapacity, 4),
        (Code::BadPosition, 5),
        (Code::BadPosition, 6),
    ];
    assert_eq!(problems, expected.map(|(code, line)| (code, Some(line))));
}

#[test]
fn what_is_no_network_is_an_error_with_its_place() {
    for (text, expected) in [
        ("", "line 1, column 1: not JSON: incomplete document"),
        ("[]", "line 1, column 1: array stands where an object of nodes is expected, such as `{}`"),
        ("\n 5", "line 2, column 2: number stands where an object of nodes is expected, such as `{}`"),
        ("{\"a\":{}", "line 1, column 8: not JSON: incomplete document"),
        ("{\"a\":{}}\n{}", "line 2, column 1: not JSON: trailing data"),
        ("{\"a\"\n {}}", "line 2, column 2: not JSON: missing colon"),
        ("hello", "line 1, column 1: not JSON: malformed json"),
    ] {
        let error = read(text, "network.json", &mut Problems::default()).expect_err(text);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn any_depth() {
    const DEPTH: usize = 100_000;
    let text = ["{\"a\":{\"children\":".repeat(DEPTH), "{}".to_owned(), "}}".repeat(DEPTH)].concat();
    let (nodes, problems) = nodes(&text);
    assert_eq!((nodes.len(), problems.len()), (DEPTH, 0));
    let mut distinct = ids(&nodes);
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), DEPTH);
    assert!(nodes.iter().all(|node| node.id.as_str().len() < 100));
    let unknown = format!("{{\"a\":{{\"x\":{}1{}}}}}", "[".repeat(DEPTH), "]".repeat(DEPTH));
    assert_eq!(read(&unknown, "n", &mut Problems::default()).map(|nodes| nodes.len()), Ok(1));
}

proptest! {
    #[test]
    fn no_text_panics(text in "(\\{|\\}|\"a\":|\"children\":|\"id\":|\"latitude\":|,|\\[|\\]|1|-|\"|null|\\PC){0,40}") {
        let _ = read(&text, "n", &mut Problems::default());
    }
}
