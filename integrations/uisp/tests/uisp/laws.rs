//! Laws: who was read is accounted for, and the order of the answers is nobody's business.

use std::collections::BTreeSet;

use pleach_graph::{Census, Fate, Policy};
use pleach_source::Suspended;
use pleach_uisp::UispSettings;
use proptest::prelude::*;
use serde_json::Value;

use crate::case::{ANSWERS, Case, askable, cases};
use crate::network::{Answers, answers, quirks};

impl Answers {
    fn case(&self, suspended: Suspended) -> Case {
        let bytes = |list: &[Value]| serde_json::to_vec(list).expect("JSON");
        Case {
            settings: askable(UispSettings { suspended, ..UispSettings::default() }),
            answers: [
                Some(bytes(&self.sites)),
                Some(bytes(&self.devices)),
                Some(bytes(&self.links)),
                self.services.as_deref().map(bytes),
                None,
            ],
            root: None,
            overrides: None,
        }
    }

    fn lists(&mut self) -> impl Iterator<Item = &mut Vec<Value>> {
        [&mut self.sites, &mut self.devices, &mut self.links].into_iter().chain(&mut self.services)
    }
}

/// Puts a list into another order: the same for the same seed.
fn shuffle(list: &mut [Value], mut seed: u64) {
    for at in (1..list.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407); // Knuth's MMIX
        list.swap(at, usize::try_from(seed >> 33).expect("31 bits") % (at + 1));
    }
}

/// A value that nobody expects.
fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        Just(serde_json::json!({"id": "c1"})),
        Just(serde_json::json!([[[]], {"cidr": "10.0.0.0/8", "type": "static"}])),
        prop::sample::select(vec!["c0", "c1", "ap1", "endpoint", "site", "ap", "100.64.0.10/24", "0.0.0.0/0"])
            .prop_map(Value::from),
    ]
}

/// How many places of a record can be replaced: itself, and all in it.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(elements) => elements.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Puts `value` into one of the places of a list.
fn replace(list: &mut [Value], mut place: usize, value: Value) {
    for element in list {
        let places = count(element);
        if place < places {
            return replace_in(element, place, value);
        }
        place -= places;
    }
}

fn replace_in(here: &mut Value, place: usize, value: Value) {
    let Some(mut place) = place.checked_sub(1) else {
        *here = value;
        return;
    };
    let inner: Vec<&mut Value> = match here {
        Value::Array(elements) => elements.iter_mut().collect(),
        Value::Object(fields) => fields.values_mut().collect(),
        _ => return,
    };
    for inner in inner {
        let places = count(inner);
        if place < places {
            return replace_in(inner, place, value);
        }
        place -= places;
    }
}

/// Everything that is made of a case but what names positions in lists.
fn made(case: &Case) -> Vec<(&'static str, String)> {
    case.make().expect("arrays")
}

#[test]
fn golden_cases_in_any_order() {
    for folder in cases() {
        let case = Case::read(&folder);
        let straight = made(&case);
        for seed in 1..=5 {
            let mut other = Case::read(&folder);
            for (answer, (name, _)) in other.answers.iter_mut().zip(ANSWERS) {
                let Some(bytes) = answer else { continue };
                // Kept as they are, byte by byte: of two records with one id the bytes decide.
                let elements: Vec<Box<serde_json::value::RawValue>> =
                    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
                let mut order: Vec<Value> = (0..elements.len()).map(Value::from).collect();
                shuffle(&mut order, seed);
                let texts = order
                    .iter()
                    .map(|at| elements[usize::try_from(at.as_u64().expect("a number")).expect("small")].get());
                *answer = Some(format!("[{}]", texts.collect::<Vec<_>>().join(",")).into_bytes());
            }
            assert_eq!(made(&other), straight, "{}", folder.display());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn lists_in_any_order_make_the_same_bytes(
        customers in quirks(),
        links in proptest::collection::vec((0_usize..6, 0_usize..6, 0_u8..12), 0..12),
        has_crm: bool,
        seed: u64,
    ) {
        let straight = answers(&customers, &links, has_crm);
        let mut shuffled = straight.clone();
        for (number, list) in (0..).zip(shuffled.lists()) {
            shuffle(list, seed.wrapping_add(number));
        }
        prop_assert_eq!(made(&straight.case(Suspended::Slow)), made(&shuffled.case(Suspended::Slow)));
    }

    /// Whatever stands anywhere in the records: nothing is lost without a word, and nothing breaks.
    #[test]
    fn any_value_anywhere_is_borne(
        customers in quirks(),
        links in proptest::collection::vec((0_usize..6, 0_usize..6, 0_u8..12), 0..6),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), odd_value()), 1..30),
        has_crm: bool,
    ) {
        let mut answers = answers(&customers, &links, has_crm);
        let mut lists: Vec<&mut Vec<Value>> = answers.lists().collect();
        for (list, place, value) in changes {
            let list = list.get_mut(&mut lists);
            let places = list.iter().map(count).sum::<usize>();
            if places > 0 {
                replace(list, place.index(places), value);
            }
        }
        let case = answers.case(Suspended::Walled);
        let (network, _) = case.network().expect("arrays");
        let counts = Census::take(&network, &Policy::default()).counts();
        prop_assert_eq!(counts.read, counts.shaped + counts.quarantined + counts.left_out);
        let ids: BTreeSet<&str> = answers.sites.iter().filter_map(|site| site["id"].as_str()).map(str::trim).collect();
        prop_assert!(counts.read + 6 >= ids.len().saturating_sub(customers.len()), "{:?} of {}", counts, ids.len());
        made(&case);
    }

    /// Each customer of UISP is a circuit once: shaped, or named by a problem, or left out by a rule.
    #[test]
    fn everybody_is_accounted_for(
        customers in quirks(),
        links in proptest::collection::vec((0_usize..6, 0_usize..6, 0_u8..12), 0..12),
        has_crm: bool,
        suspended in prop_oneof![
            Just(Suspended::None), Just(Suspended::Slow), Just(Suspended::Ignore), Just(Suspended::Walled)
        ],
    ) {
        let answers = answers(&customers, &links, has_crm);
        let (network, problems) = answers.case(suspended).network().expect("arrays");
        let census = Census::take(&network, &Policy::default());
        let counts = census.counts();
        prop_assert_eq!(counts.read, counts.shaped + counts.quarantined + counts.left_out);

        // Every record of `/sites` that is not one of the six towers, by id; what has no id counts alone.
        let towers = 6;
        let ids: BTreeSet<&str> = answers.sites.iter().filter_map(|site| site["id"].as_str()).collect();
        let nameless = answers.sites.iter().filter(|site| site["id"].as_str().is_none()).count();
        let unbound = network.set_aside().iter().filter(|aside| aside.id.is_some()).count();
        let named_as_parent = answers.sites.iter().filter(|site| {
            site["identification"]["type"] == "warehouse"
                && answers.sites.iter().any(|other| other["identification"]["parent"]["id"] == site["id"])
        });
        let sites_after_all = named_as_parent.map(|site| site["id"].as_str()).collect::<BTreeSet<_>>().len();
        prop_assert_eq!(counts.read, ids.len() - towers - sites_after_all + nameless + unbound);

        let named: BTreeSet<String> =
            problems.iter().chain(census.problems().as_slice()).filter_map(|p| Some(p.record.as_ref()?.to_string())).collect();
        for (position, &client) in network.circuits().clients().iter().enumerate() {
            let id = network.node(client).id.to_string();
            match census.fate_of(position) {
                Fate::Quarantined(_) => prop_assert!(named.contains(&id), "{} is quarantined without a word", id),
                Fate::LeftOut(_) => prop_assert!(
                    network.stated_reasons(client).any(|reason| reason.aspect.as_str() == "status"),
                    "{} is left out without a reason", id
                ),
                Fate::Shaped => {}
            }
        }
    }
}
