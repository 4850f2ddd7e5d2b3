//! Any bytes as a program of builder calls; then the tree at every node of what it builds keeps the laws of trees.
#![no_main]

mod laws;
mod program;

use libfuzzer_sys::fuzz_target;
use pleach_graph::Tree;

fuzz_target!(|bytes: &[u8]| {
    let (network, problems) = program::run(bytes);
    let (again, same_problems) = program::run(bytes);
    assert_eq!(problems.into_sorted(), same_problems.into_sorted(), "the same input has the same problems");
    laws::assert_joined(&network);
    for (root, _) in network.nodes() {
        let tree = Tree::grow(&network, root);
        laws::assert_tree(&network, &tree);
        laws::assert_same(&tree, &Tree::grow(&again, root));
    }
});
