//! Any bytes as ShapedDevices.csv: each line is looked at once, what is set aside is named, and the count adds up.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use pleach_graph::shaped_devices::{BYPASS_CIRCUIT_ID, Entry, Rows};
use pleach_graph::text::RawText;
use pleach_graph::{Census, Code, Policy, Problems, Rate};

fuzz_target!(|bytes: &[u8]| {
    let read = rows(bytes);
    let (network, problems) = pleach_csv::read_bytes(bytes, None, None, None).expect("a table is always read");
    let census = Census::take(&network, &Policy::default());
    let counts = census.counts();
    assert_eq!(counts.read, read, "each circuit counts once");
    assert_eq!(counts.read, counts.shaped + counts.quarantined + counts.left_out);
    let said: BTreeSet<Code> = problems.as_slice().iter().chain(census.problems().as_slice()).map(|p| p.code).collect();
    assert!(network.set_aside().iter().all(|aside| said.contains(&aside.code)), "{:?}", network.set_aside());
});

/// The circuits of the rows: each id once, and each row without one.
fn rows(bytes: &[u8]) -> usize {
    let raw = RawText::table(bytes);
    let decoded = raw.decode();
    let mut rows = Rows::new(&decoded.text, raw.long_lines(), "a.csv");
    let mut problems = Problems::default();
    let (mut circuits, mut nameless, mut last) = (BTreeSet::new(), 0, 0);
    loop {
        let before = problems.len();
        let Some(entry) = rows.next(&mut problems) else { break };
        let (line, circuit, device) = match entry {
            Entry::Row(row) => {
                let plan = [row.plan.down.min, row.plan.up.min, row.plan.down.max, row.plan.up.max];
                assert!(plan.into_iter().flatten().all(|rate| rate <= Rate::MAX));
                (row.line, row.circuit_id, row.device_id)
            }
            Entry::SetAside(row) => {
                let said = problems.as_slice()[before..].iter();
                assert!(said.clone().any(|p| p.code == row.code && p.line == Some(row.line)), "line {}", row.line);
                (row.line, row.circuit_id, row.device_id)
            }
        };
        assert!(line > last, "rows come in order");
        last = line;
        if circuit.is_empty() {
            nameless += 1;
        } else if (circuit, device) != (BYPASS_CIRCUIT_ID, BYPASS_CIRCUIT_ID) {
            circuits.insert(circuit.to_owned()); // that one is written by Pleach, and no subscriber
        }
    }
    circuits.len() + nameless
}
