//! Laws on generated databases: every service is accounted for as the generator knows it should be, and the order of records
//! decides nothing.

use std::collections::{BTreeSet, HashMap};

use crate::common::{Read, read, settings, snapshot};
use pleach_fake_splynx::{Data, Database, Fate, Options, ServiceTruth, Sites, Table, Types};
use pleach_graph::{Code, NodeId, NodeIndex, PlanRate, Prefix, Rate};
use pleach_splynx::List;
use proptest::prelude::*;

const LISTS: [(List, Table); 10] = [
    (List::Tariffs, Table::Tariffs),
    (List::Customers, Table::Customers),
    (List::Services, Table::Services),
    (List::Online, Table::Online),
    (List::Routers, Table::Routers),
    (List::Sectors, Table::Sectors),
    (List::Monitoring, Table::Monitoring),
    (List::NetworkSites, Table::NetworkSites),
    (List::Ipv4, Table::Ipv4),
    (List::Ipv6, Table::Ipv6),
];

/// The pages of each list, its rows in the order that `order` gives them.
fn pages(database: &Database, mut order: impl FnMut(&mut Vec<String>)) -> Vec<(List, Vec<String>)> {
    let lists = LISTS.map(|(list, table)| {
        let mut rows: Vec<String> = database.rows(table).iter().map(|row| row.json.clone()).collect();
        order(&mut rows);
        let mut pages: Vec<String> = rows.chunks(1000).map(|page| format!("[{}]", page.join(","))).collect();
        if pages.is_empty() {
            pages.push("[]".to_owned());
        }
        (list, pages)
    });
    lists.into()
}

fn options() -> impl Strategy<Value = Options> {
    let types = prop_oneof![Just(Types::Documented), Just(Types::Mixed)];
    let data = prop_oneof![Just(Data::Clean), Just(Data::Grown)];
    let sites = prop_oneof![4 => Just(Sites::Present), 1 => Just(Sites::Absent)];
    (1_u64..300, any::<u64>(), types, data, sites).prop_map(|(services, seed, types, data, sites)| Options {
        services,
        seed,
        types,
        data,
        sites,
    })
}

fn id(table: &str, number: u64) -> NodeId {
    format!("splynx:{table}:{number}").parse().expect("an id")
}

/// What a service became is what the generator knows.
fn check_service(
    read: &Read,
    positions: &HashMap<NodeIndex, usize>,
    truth: &ServiceTruth,
) -> Result<(), TestCaseError> {
    let network = &read.network;
    let client = network.find(&id("service", truth.id)).expect("every service is a node");
    let position = positions[&client];
    let fate = match read.census.fate_of(position) {
        pleach_graph::Fate::Shaped if truth.fate == Fate::Slow => Fate::Slow,
        pleach_graph::Fate::Shaped => Fate::Shaped,
        pleach_graph::Fate::LeftOut(_) => Fate::LeftOut,
        pleach_graph::Fate::Quarantined(Code::NoAddress) => Fate::NoAddress,
        pleach_graph::Fate::Quarantined(code) => return Err(TestCaseError::fail(format!("{}: {code}", truth.id))),
    };
    prop_assert_eq!(fate, truth.fate, "service {}", truth.id);
    let parent = network.node(client).parent().node().map(|node| network.node(node).id.clone());
    // Nobody looks for a service that is not in use, so one of those without a place is not called an orphan.
    if truth.place.is_some() || truth.fate != Fate::LeftOut {
        prop_assert_eq!(parent, truth.place.map(|(table, number)| id(table, number)), "service {}", truth.id);
    }
    if matches!(truth.fate, Fate::Shaped | Fate::Slow) {
        let plan = network.node(client).client().expect("a client").plan;
        let wanted = match (truth.fate, truth.kbit) {
            (Fate::Slow, _) => [Some(Rate::SUBSCRIBER_MIN); 2],
            (_, Some((down, up))) => [Some(Rate::from_bit(down * 1000)), Some(Rate::from_bit(up * 1000))],
            (_, None) => [None; 2],
        };
        let max = |rate: PlanRate| rate.max;
        prop_assert_eq!([max(plan.down), max(plan.up)], wanted, "service {}", truth.id);
        let device = network.node(network.circuits().devices(position)[0]).device().expect("a device");
        let claims: BTreeSet<Prefix> = device.claims.iter().map(|claim| claim.prefix).collect();
        let known = truth.addresses.iter().map(|text| Prefix::parse(text).expect("a prefix").prefix).collect();
        prop_assert_eq!(claims, known, "service {}", truth.id);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn every_service_is_what_it_should_be(options in options()) {
        let database = Database::generate(&options);
        let read = read(&settings(""), &snapshot(&pages(&database, |_| {})));
        let counts = read.census.counts();
        prop_assert_eq!(counts.read, database.truth().services.len());
        prop_assert_eq!(counts.read, counts.shaped + counts.quarantined + counts.left_out);
        let clients = read.network.circuits().clients().iter().copied();
        let positions = clients.enumerate().map(|(position, client)| (client, position)).collect();
        for truth in &database.truth().services {
            check_service(&read, &positions, truth)?;
        }
        let named = read.problems.iter().filter(|problem| problem.code == Code::NoAddress).count();
        prop_assert_eq!(counts.quarantined, named, "whoever is quarantined is named");
    }

    #[test]
    fn the_order_of_records_decides_nothing(options in options(), seed in any::<u64>()) {
        let database = Database::generate(&options);
        let text = |read: &Read| format!("{}{}{}", read.summary(), read.tree(), read.reasons());
        let straight = read(&settings(""), &snapshot(&pages(&database, |_| {})));
        let mut state = seed | 1;
        let shuffled = pages(&database, |rows| {
            for last in (1..rows.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                rows.swap(last, usize::try_from(state >> 33).expect("31 bits") % (last + 1));
            }
        });
        prop_assert_eq!(text(&read(&settings(""), &snapshot(&shuffled))), text(&straight));
    }
}

#[test]
fn at_least_99_of_100_active_services_are_shaped() {
    for seed in 0..2 {
        let database = Database::generate(&Options { services: 2000, seed, ..Options::default() });
        let read = read(&settings(""), &snapshot(&pages(&database, |_| {})));
        let disabled = database.truth().services.iter().filter(|it| it.is_active && it.fate == Fate::LeftOut).count();
        let active = database.truth().services.iter().filter(|it| it.is_active).count() - disabled;
        let shaped = read.census.counts().shaped;
        assert!(
            shaped * 100 >= active * 99,
            "{shaped} of {active} active services of customers who use them, seed {seed}"
        );
    }
}

/// A list may give a record twice while it changes. A copy is noted; of two that differ one counts, whichever came first.
#[test]
fn a_record_that_comes_twice_counts_once() {
    let service = |ip: &str| format!(r#"{{"id":1,"customer_id":1,"tariff_id":1,"status":"active","ipv4":"{ip}"}}"#);
    let lists = |rows: [&str; 3]| {
        let page = format!("[{}]", rows.map(service).join(","));
        LISTS.map(|(list, _)| (list, vec![if list == List::Services { page.clone() } else { "[]".to_owned() }]))
    };
    let first = read(&settings(""), &snapshot(&lists(["100.64.0.1", "100.64.0.1", "100.64.0.2"])));
    let second = read(&settings(""), &snapshot(&lists(["100.64.0.2", "100.64.0.1", "100.64.0.1"])));
    assert_eq!(first.tree(), second.tree());
    let codes: Vec<Code> = first.problems.iter().map(|problem| problem.code).collect();
    assert!(codes.contains(&Code::DuplicateRow) && codes.contains(&Code::DuplicateId), "{codes:?}");
    let counts = first.census.counts();
    assert_eq!((counts.read, counts.shaped, counts.quarantined), (2, 1, 1));
}
