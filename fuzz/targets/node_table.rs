//! Any bytes as a node table: every node has a place in the tree, each row is a node or has a problem.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pleach_graph::{Code, Tree};

fuzz_target!(|bytes: &[u8]| {
    let (network, problems) = pleach_csv::read_bytes(b"", None, Some(bytes), None).expect("a table is always read");
    let tree = Tree::grow(&network, network.top());
    for (index, node) in network.nodes() {
        assert!(tree.place_of(index).is_some(), "`{}` has a place", node.id);
        let text = node.id.as_str();
        assert!(index == network.top() || !node.id.raw().is_empty(), "`{text}` has an id");
        assert!(!node.name.is_empty(), "`{text}` has a name");
    }
    let orphans = tree.places().len() - network.node_count();
    let unknown = problems.as_slice().iter().filter(|problem| problem.code == Code::UnknownParent).count();
    assert!(
        orphans == usize::from(unknown > 0 && tree.orphans_place().is_some_and(|p| tree.at(p).kind.node().is_none()))
    );
});
