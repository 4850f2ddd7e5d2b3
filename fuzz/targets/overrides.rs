//! Any text as a file of overrides: what is refused says where, and what is accepted is put over a network, twice as once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pleach_graph::overrides;
use pleach_graph::{Capacity, NetworkGraph, NodeId, Rate};

fuzz_target!(|text: &str| {
    let overrides = match overrides::parse(text, "overrides.toml") {
        Ok(overrides) => overrides,
        Err(error) => {
            let lines = u32::try_from(text.split('\n').count()).expect("a short text");
            assert!(error.line <= lines, "line {} of {lines}", error.line);
            assert!(!error.message.is_empty() && error.to_string().contains("overrides.toml"));
            return;
        }
    };
    let lines: Vec<u32> = overrides.entries().iter().map(|entry| entry.line).collect();
    assert!(lines.is_sorted(), "entries stand in the order of their lines");
    assert_eq!(made(&overrides, 1), made(&overrides, 2));
});

/// The network and its problems after the overrides have been applied so many times.
fn made(overrides: &overrides::Overrides, times: usize) -> String {
    let id = |text: &str| -> NodeId { text.parse().expect("an id") };
    let mut network = NetworkGraph::builder();
    network.site(id("a:s:1"), "One").at_top().capacity(Capacity::from_mbit(10, 10));
    network.site(id("a:s:2"), "Two").parent(id("a:s:1"));
    network.access_point(id("a:p:1"), "AP").parent(id("a:s:2"));
    network.client(id("a:c:1"), "Jones").parent(id("a:p:1")).plan(Rate::from_mbit(10), Rate::from_mbit(2));
    network.device(id("a:d:1"), "CPE").parent(id("a:c:1")).addresses("10.0.0.1");
    network.link(id("a:l:1"), id("a:s:1"), id("a:s:2"), Capacity::from_mbit(100, 50));
    let now = "2026-06-01T12:00:00Z".parse().expect("a time");
    let applied: Vec<_> = (0..times).map(|_| overrides.apply(&mut network, now)).collect();
    let (network, problems) = network.build();
    let nodes: Vec<_> = network.nodes().map(|(index, node)| (node, network.stated_reasons(index).count())).collect();
    let links: Vec<_> = network.links().map(|link| (network.ends(link), network.link(link))).collect();
    format!("{:?} {nodes:?} {links:?} {:?}", applied.last(), problems.into_sorted())
}
