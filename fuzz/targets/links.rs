//! Any bytes as a links table over a small network: links lead from node to node, and a tree grows at each of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pleach_graph::Tree;

const NODES: &[u8] = b"Site Name,Download Mbps,Upload Mbps,Parent Site Name,type\n\
    A,100,50,,site\nB,40,,A,site\nC,20,10,B,ap\nD,,,A,virtual\nE,5,5,C,site\nE2,1,1,Nowhere,site\n";
const CIRCUITS: &[u8] = b"1,Jones,d1,,E,,10.0.0.1,,1,1,10,10,\n2,Ng,d2,,Jones,,10.0.0.2,,1,1,10,10,\n";

fuzz_target!(|bytes: &[u8]| {
    let read = pleach_csv::read_bytes(CIRCUITS, None, Some(NODES), Some(bytes));
    let (network, _) = read.expect("a table is always read");
    for link in network.links() {
        let (first, second) = network.ends(link);
        assert_ne!(first, second, "`{}` leads from a node to itself", network.link_id(link));
    }
    for (root, _) in network.nodes() {
        let tree = Tree::grow(&network, root);
        for place in tree.places() {
            let above = place.parent.map(|parent| tree.at(parent).ceiling);
            assert!(above.is_none_or(|above| place.ceiling.down <= above.down && place.ceiling.up <= above.up));
        }
        let used = tree.places().iter().filter(|place| place.link.is_some()).count();
        assert!(used + tree.standby_links().count() <= network.links().len());
    }
});
