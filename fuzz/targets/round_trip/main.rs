//! Any bytes as an operator's files: the count adds up, and what is written reads back and writes again the same.
#![no_main]

mod files;

use files::Files;
use libfuzzer_sys::fuzz_target;
use pleach_graph::{
    AddressPolicy, Capacity, Census, Dialect, NetworkGraph, NeverShape, NodeIndex, Policy, Projection, Rate, Tree,
    View, ViewOptions, network_json, shaped_devices,
};

fuzz_target!(|bytes: &[u8]| {
    let files = Files::split(bytes);
    let Ok((network, _)) = files.read() else { return };
    let policy = policy(files.option(0));
    let dialect = Dialect::ALL[usize::from(files.option(1)) % Dialect::ALL.len()];
    let projections = [Projection::Full, Projection::ApSite, Projection::ApOnly, Projection::Flat];
    let projection = projections[usize::from(files.option(2)) % projections.len()];
    let root = NodeIndex::new(usize::from(files.option(3)) % network.node_count());
    let [json, csv] = write(&network, &policy, dialect, projection, root);

    let (again, problems) = pleach_csv::read_bytes(&csv, Some(&json), None, None).expect("what is written can be read");
    let written_again = write(&again, &policy, dialect, Projection::Full, again.top());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let why = || format!("{problems:?}");
    assert_eq!(text(&json), text(&written_again[0]), "network.json {}", why());
    assert_eq!(text(&csv), text(&written_again[1]), "ShapedDevices.csv {}", why());
});

fn policy(option: u8) -> Policy {
    let never_shape = if option.is_multiple_of(2) { NeverShape::BuiltIn } else { NeverShape::Off };
    Policy { addresses: AddressPolicy::new([], [], never_shape), ..Policy::default() }
}

fn write(
    network: &NetworkGraph,
    policy: &Policy,
    dialect: Dialect,
    projection: Projection,
    root: NodeIndex,
) -> [Vec<u8>; 2] {
    let census = Census::take(network, policy);
    let counts = census.counts();
    assert_eq!(counts.read, counts.shaped + counts.quarantined + counts.left_out);
    let tree = Tree::grow(network, root);
    let uplink = Capacity::of(Rate::from_mbit(1000), Rate::from_bit(50_000));
    let virtual_nodes = dialect.virtual_nodes();
    let view = View::new(&tree, &census, &ViewOptions { projection, virtual_nodes, uplink, ..ViewOptions::default() });
    let (mut json, mut csv) = (Vec::new(), Vec::new());
    network_json::write(&view, dialect, &mut json).expect("memory can be written");
    shaped_devices::write(&view, &census, dialect, &|_| true, &mut csv).expect("memory can be written");
    [json, csv]
}
