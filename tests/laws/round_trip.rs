//! What was written, read and written again is the same, byte for byte.

use pleach::config::{Config, Shaper};
use pleach_graph::{NetworkGraph, Problems, Projection};
use proptest::prelude::*;

use crate::records;
use crate::run;
use crate::{operator, run::Settings};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn files_of_files(files in operator::files(), settings in run::settings()) {
        assert_round_trip(files.read(), &settings);
    }

    #[test]
    fn files_of_records(made in records::records(), settings in run::settings()) {
        assert_round_trip(made.build(), &settings);
    }
}

/// Reads each shaper's files as a network of their own, whose tree is shown in full: once with the lists that they were
/// written with, once with none.
fn assert_round_trip(network: (NetworkGraph, Problems), settings: &Settings) {
    let config = settings.config(&network.0);
    let survey = run::survey(network, &config);
    for (shaper, [json, csv]) in config.shaper.iter().zip(run::files(&survey, &config)) {
        let full = Shaper { root: None, projection: Projection::Full, ..shaper.clone() };
        let mut again = Config { shaper: vec![full], addresses: config.addresses.clone(), ..Config::default() };
        assert_same(&json, &csv, &again);
        again.addresses.allow.clear();
        again.addresses.ignore.clear();
        assert_same(&json, &csv, &again);
        again.addresses.never_shape = false;
        assert_same(&json, &csv, &again);
    }
}

fn assert_same(json: &[u8], csv: &[u8], config: &Config) {
    let read = pleach_csv::read_bytes(csv, Some(json), None, None).expect("what is written can be read");
    let survey = run::survey(read, config);
    let [[json_again, csv_again]] = run::files(&survey, config).try_into().expect("one shaper");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(text(json), text(&json_again), "network.json");
    assert_eq!(text(csv), text(&csv_again), "ShapedDevices.csv");
}
