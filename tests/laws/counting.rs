//! Read = shaped + quarantined + left out, and what is shaped stands in the files.

use std::collections::{BTreeMap, BTreeSet};

use pleach::config::{Config, Scope};
use pleach::survey::Survey;
use pleach_graph::{AddressPolicy, Dialect, Fate, NeverShape, Prefix, Problem, Projection};
use proptest::prelude::*;

use crate::operator::{self, BYPASS, Files};
use crate::records;
use crate::run;
use crate::written::{self, Written};

/// Names with a meaning of their own for readers.
const RESERVED: [&str; 3] = ["children", "Root", ""];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_circuit_of_files_is_accounted_for(files in operator::files(), settings in run::settings()) {
        let read = files.read();
        let config = settings.config(&read.0);
        let survey = run::survey(read, &config);
        assert_counts(&survey, files.circuits());
        assert_quarantine_is_named(&survey, &config, &files);
        if config.network.exclude.is_empty() {
            assert_claims_are_shaped(&survey, &config, files.claims());
        }
        assert_files(&survey, &config);
    }

    #[test]
    fn every_circuit_of_records_is_accounted_for(made in records::records(), settings in run::settings()) {
        let built = made.build();
        let config = settings.config(&built.0);
        let survey = run::survey(built, &config);
        assert_counts(&survey, made.clients());
        assert_files(&survey, &config);
    }
}

fn assert_counts(survey: &Survey, read: usize) {
    let counts = survey.census.counts();
    assert_eq!(counts.read, read, "{counts:?}");
    assert_eq!(counts.read, counts.shaped + counts.quarantined + counts.left_out, "{counts:?}");
    assert_eq!(counts.left_out, survey.census.left_out().map(|(_, circuits)| circuits).sum::<usize>());
}

fn assert_quarantine_is_named(survey: &Survey, config: &Config, files: &Files) {
    let (rooted, _) = survey.shapers(&config.shaper).expect("roots are in the network");
    let problems = survey.problems(&survey.views(&rooted));
    let lines = files.lines();
    let nothing = BTreeSet::new();
    let is_named = |id: &pleach_graph::NodeId| {
        let rows = lines.get(id.raw()).unwrap_or(&nothing);
        let names_it = |problem: &Problem| {
            problem.record.as_ref() == Some(id) || problem.line.is_some_and(|line| rows.contains(&line))
        };
        problems.iter().any(names_it)
    };
    for (position, &client) in survey.network.circuits().clients().iter().enumerate() {
        if let Fate::Quarantined(code) = survey.census.fate_of(position) {
            let id = &survey.network.node(client).id;
            assert!(problems.iter().any(|p| p.code == code && p.record.as_ref() == Some(id)), "{id} is not named");
        }
    }
    for set_aside in survey.network.set_aside() {
        if let Some(id) = &set_aside.id {
            assert!(is_named(id), "{id} is not named");
        }
    }
    for line in lines.get("").unwrap_or(&nothing) {
        assert!(problems.iter().any(|problem| problem.line == Some(*line)), "line {line} is not named");
    }
}

/// Each prefix that a usable row claims is shaped for somebody, once, unless a list of the operator's has it.
fn assert_claims_are_shaped(survey: &Survey, config: &Config, mut claims: BTreeSet<Prefix>) {
    let lists = &config.addresses;
    let never_shape = if lists.never_shape { NeverShape::BuiltIn } else { NeverShape::Off };
    let policy = AddressPolicy::new(lists.allow.clone(), lists.ignore.clone(), never_shape);
    claims.retain(|prefix| policy.drops(*prefix).is_none());
    let claimed: Vec<String> = claims.iter().map(Prefix::to_string).collect::<BTreeSet<_>>().into_iter().collect();
    let mut shaped: Vec<String> = shaped_prefixes(survey).into_values().flatten().collect();
    shaped.sort_unstable();
    assert_eq!(shaped, claimed);
}

fn assert_files(survey: &Survey, config: &Config) {
    let mut nearest: BTreeMap<String, usize> = BTreeMap::new();
    let shaped = shaped_prefixes(survey);
    for (shaper, [json, csv]) in config.shaper.iter().zip(run::files(survey, config)) {
        let written = written::parse(&json, &csv);
        assert_nodes(&written, shaper.projection);
        assert_rows(&written, shaper.dialect);
        let here: BTreeSet<&str> =
            written.rows.iter().map(|row| row.circuit.as_str()).filter(|id| *id != BYPASS).collect();
        for id in &here {
            let rows = written.rows.iter().filter(|row| row.circuit == *id);
            let mut prefixes: Vec<&str> = rows.flat_map(|row| &row.prefixes).map(String::as_str).collect();
            prefixes.sort_unstable();
            assert_eq!(prefixes, shaped[*id], "circuit {id}");
        }
        match shaper.scope {
            Scope::All => assert_eq!(here.len(), shaped.len(), "all circuits are here"),
            Scope::Nearest => here.iter().for_each(|id| *nearest.entry((*id).to_owned()).or_default() += 1),
        }
    }
    if config.shaper.iter().any(|shaper| shaper.scope == Scope::Nearest) {
        assert_eq!(nearest.len(), shaped.len());
        assert!(nearest.values().all(|shapers| *shapers == 1), "{nearest:?}");
    }
}

/// By Circuit ID, the prefixes that the census shapes, as they are written.
fn shaped_prefixes(survey: &Survey) -> BTreeMap<String, Vec<String>> {
    let (network, census) = (&survey.network, &survey.census);
    let circuit = |circuit: &pleach_graph::Circuit| {
        let id = network.circuits().id(network, network.circuits().clients()[circuit.position]).to_owned();
        let devices = network.circuits().devices(circuit.position).iter();
        let mut prefixes: Vec<String> =
            devices.flat_map(|&device| census.prefixes(network, device)).map(|prefix| prefix.to_string()).collect();
        prefixes.sort_unstable();
        assert!(!prefixes.is_empty(), "circuit {id} is shaped without a prefix");
        (id, prefixes)
    };
    let by_id: BTreeMap<_, _> = census.circuits().iter().map(circuit).collect();
    assert_eq!(by_id.len(), census.counts().shaped, "Circuit IDs are unique");
    by_id
}

fn assert_nodes(written: &Written, projection: Projection) {
    for (name, node) in &written.nodes {
        let is_none = name.eq_ignore_ascii_case("none");
        assert!(!is_none && !RESERVED.contains(&name.trim()), "`{name}` means something else to readers");
        assert!(!name.starts_with(['=', '+', '-', '@', '\t', '\r']), "`{name}` is a formula");
        assert!(node.down > 0.0 && node.up > 0.0, "`{name}` lets nothing pass");
        if let Some(parent) = &node.parent {
            let parent = &written.nodes[parent];
            assert!(node.down <= parent.down && node.up <= parent.up, "`{name}` has more than its parent");
        }
    }
    assert!(projection != Projection::Flat || written.nodes.is_empty());
}

fn assert_rows(written: &Written, dialect: Dialect) {
    let mut prefixes = BTreeSet::new();
    let mut devices = BTreeSet::new();
    for row in &written.rows {
        assert!(!row.circuit.is_empty() && !row.circuit.starts_with('#'), "{row:?}");
        assert!(devices.insert(&row.device), "device `{}` has two rows", row.device);
        assert!(row.parent.is_empty() || written.nodes.contains_key(&row.parent), "`{}` is no node", row.parent);
        assert!(!row.prefixes.is_empty(), "{row:?} has no address");
        assert!(row.prefixes.iter().all(|prefix| prefixes.insert(prefix.clone())), "{row:?} has an address twice");
        let [down_min, up_min, down_max, up_max] = row.rates;
        assert!(down_min <= down_max && up_min <= up_max && down_min >= 0.1 && up_min >= 0.1, "{row:?}");
        assert!(dialect != Dialect::LibreQos14 || row.rates.iter().all(|rate| rate.fract() == 0.0), "{row:?}");
    }
    for rows in written.rows.chunk_by(|a, b| a.circuit == b.circuit) {
        assert!(rows.iter().all(|row| (&row.parent, row.rates) == (&rows[0].parent, rows[0].rates)), "{rows:?}");
    }
}
