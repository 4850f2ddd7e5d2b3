//! The same bytes for the same network, whatever order its rows stand in.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::operator::{self, Files, Row, shuffled};
use crate::records;
use crate::run::{self, Settings};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_input_gives_the_same_bytes(files in operator::files(), settings in run::settings()) {
        prop_assert_eq!(bytes(&files, &settings), bytes(&files, &settings));
    }

    #[test]
    fn the_same_records_give_the_same_bytes(made in records::records(), settings in run::settings()) {
        let make = || {
            let built = made.build();
            let config = settings.config(&built.0);
            run::files(&run::survey(built, &config), &config)
        };
        prop_assert_eq!(make(), make());
    }

    #[test]
    fn order_does_not_matter(
        files in operator::files().prop_map(without_conflicts),
        settings in run::settings(),
        keys in prop::collection::vec(any::<Index>(), 1..20),
    ) {
        let turned = Files {
            rows: shuffled(&files.rows, &keys),
            places: if files.nodes == operator::Nodes::Table { shuffled(&files.places, &keys) } else { files.places.clone() },
            links: shuffled(&files.links, &keys),
            ..files.clone()
        };
        // Roots and lists go by what a node is, so that they mean the same in both.
        let config = settings.config(&files.read().0);
        let make = |files: &Files| run::files(&run::survey(files.read(), &config), &config);
        prop_assert_eq!(make(&files), make(&turned));
    }
}

fn bytes(files: &Files, settings: &Settings) -> Vec<[Vec<u8>; 2]> {
    let read = files.read();
    let config = settings.config(&read.0);
    run::files(&run::survey(read, &config), &config)
}

/// Leaves out what only the order decides: rows and places that share an id, and prefixes that two circuits claim.
pub(crate) fn without_conflicts(mut files: Files) -> Files {
    let (mut circuits, mut devices, mut places) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut prefixes = BTreeSet::new();
    files.rows.retain(|row: &Row| circuits.insert(row.circuit()) && devices.insert(row.cells[2]));
    for row in &mut files.rows {
        for column in [6, 7] {
            let texts = row.cells[column].split([',', ';', ' ']).filter(|text| !text.is_empty());
            let claimed: Vec<_> = texts.filter_map(|text| pleach_graph::Prefix::parse(text).ok()).collect();
            if claimed.iter().any(|reading| !prefixes.insert(reading.prefix)) {
                row.cells[column] = "";
            }
        }
    }
    files.places.retain(|place| places.insert(place.name));
    files
}
