//! Any bytes as network.json: parents before children, rates in range, and the tree keeps every node.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pleach_graph::text::RawText;
use pleach_graph::{Limit, Problems, Rate, Tree, network_json};

fuzz_target!(|bytes: &[u8]| {
    let raw = RawText::document(bytes);
    let decoded = raw.decode();
    let mut problems = Problems::default();
    let nodes = network_json::read(&decoded.text, "network.json", &mut problems);
    let built = pleach_csv::read_bytes(b"", Some(bytes), None, None);
    assert_eq!(nodes.is_err(), built.is_err());
    let (Ok(nodes), Ok((network, _))) = (nodes, built) else { return };
    for (index, node) in nodes.iter().enumerate() {
        assert!(node.parent.is_none_or(|parent| parent < index), "a parent comes before its children");
        for limit in [node.capacity.down, node.capacity.up] {
            assert!(limit == Limit::NONE || limit.rate().is_some_and(|rate| rate <= Rate::MAX));
        }
        assert!(network.find(&node.id).is_some(), "`{}` is in the network", node.id);
    }
    let tree = Tree::grow(&network, network.top());
    assert_eq!(tree.places().len(), network.node_count(), "every node has a place");
});
