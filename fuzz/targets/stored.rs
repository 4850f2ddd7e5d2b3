//! Any bytes as what a generation keeps: what is read as a network keeps the laws of networks and trees, and is written as
//! it was read; so are problems.
#![no_main]

#[path = "network/laws.rs"]
mod laws;

use libfuzzer_sys::fuzz_target;
use pleach_graph::{Census, NetworkGraph, Policy, Tree, stored};

/// Nodes of which trees are grown: at every node, which is quadratic.
const MOST_NODES: usize = 64;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(problems) = stored::read_problems(bytes) {
        let mut written = Vec::new();
        stored::write_problems(&problems, &mut written).expect("memory can be written");
        assert_eq!(stored::read_problems(&written[..]).expect("what is written can be read"), problems);
    }
    let Ok(network) = stored::read(bytes) else { return };
    let lines = written(&network);
    let again = stored::read(lines.as_bytes()).expect("what is written can be read");
    assert_eq!(written(&again), lines, "the same network is written as the same bytes");
    laws::assert_joined(&network);
    let counts = Census::take(&network, &Policy::default()).counts();
    assert_eq!(counts.read, counts.shaped + counts.quarantined + counts.left_out);
    if network.node_count() <= MOST_NODES {
        for (root, _) in network.nodes() {
            let tree = Tree::grow(&network, root);
            laws::assert_tree(&network, &tree);
            laws::assert_same(&tree, &Tree::grow(&again, root));
        }
    }
});

fn written(network: &NetworkGraph) -> String {
    let mut bytes = Vec::new();
    stored::write(network, &mut bytes).expect("memory can be written");
    String::from_utf8(bytes).expect("lines are UTF-8")
}
