//! Which nodes are lost, and which only got new ids.

use super::topology;
use crate::{Capacity, NetworkGraph, Table};

/// Access points by name and tower, with towers by name under the top.
fn network(towers: &[&str], access_points: &[(&str, &str)]) -> NetworkGraph {
    let table = |name| Table::new("test", name).expect("two words");
    let (site, access_point) = (table("site"), table("ap"));
    let mut net = NetworkGraph::builder();
    for name in towers {
        net.site(site.id(name), name);
    }
    for (name, tower) in access_points {
        net.access_point(access_point.id(name), name).parent(site.id(tower));
    }
    net.build().0
}

/// The ids of what is lost of five towers and access points at most.
fn lost(before: &NetworkGraph, after: &NetworkGraph) -> Vec<String> {
    let sources = topology::nodes(before, after);
    sources.into_values().flat_map(|counted| counted.lost.first).map(|named| named.id.to_string()).collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn as_many_of_a_kind_as_are_new_under_a_parent_only_got_new_ids() {
    let before = network(&["a", "b"], &[("1", "a"), ("2", "a"), ("3", "b")]);
    let lost = |towers: &[_], access_points: &[_]| lost(&before, &network(towers, access_points));
    assert_eq!(lost(&["a", "b"], &[("s1", "a"), ("s2", "a"), ("s3", "b")]), NOTHING);
    assert_eq!(lost(&["a", "b"], &[("s1", "a"), ("s2", "a"), ("s3", "a")]), ["test:ap:3"], "not under its parent");
    assert_eq!(lost(&["a", "b"], &[("s1", "a"), ("3", "b")]), ["test:ap:2"], "one is new, and two are gone");
    assert_eq!(lost(&["a", "c"], &[("1", "a"), ("2", "a"), ("3", "c")]), NOTHING, "the tower got another id");
    assert_eq!(lost(&["a", "c"], &[("1", "a"), ("2", "a"), ("s3", "c")]), NOTHING, "and what hangs from it as well");
    assert_eq!(lost(&["a", "b", "c"], &[("1", "a"), ("2", "a")]), ["test:ap:3"], "a tower is no access point");
    assert_eq!(lost(&["a", "b"], &[("2", "a"), ("1", "b"), ("3", "b")]), ["test:ap:1"], "it moved");
    assert_eq!(lost(&["a", "b"], &[("2", "a"), ("1", "b"), ("s3", "b")]), ["test:ap:1"], "beside one with a new id");
}

#[test]
fn a_link_to_a_node_with_a_new_id_is_there_still() {
    let towers = |names: &[&str], links: &[[&str; 2]]| {
        let table = |name| Table::new("test", name).expect("two words");
        let mut net = NetworkGraph::builder();
        for name in names {
            net.site(table("site").id(name), name);
        }
        for [first, second] in links {
            let id = table("link").id(&format!("{first}-{second}"));
            net.link(id, table("site").id(first), table("site").id(second), Capacity::NONE);
        }
        net.build().0
    };
    let before = towers(&["a", "b", "c"], &[["a", "b"], ["b", "c"]]);
    let lost = |names: &[_], links: &[_]| {
        let sources = topology::links(&before, &towers(names, links));
        sources.into_values().map(|counted| counted.lost.count).sum::<usize>()
    };
    assert_eq!(lost(&["a", "b", "d"], &[["a", "b"], ["b", "d"]]), 0, "c is d now");
    assert_eq!(lost(&["a", "d", "e"], &[["a", "d"], ["d", "e"]]), 0, "and b is another one, too");
    assert_eq!(lost(&["a", "b", "d"], &[["a", "b"], ["a", "d"]]), 1, "d hangs from a, and c hung from b");
    assert_eq!(lost(&["a", "b", "c", "d"], &[["a", "b"], ["b", "d"]]), 1, "c is there, without its link");
}
