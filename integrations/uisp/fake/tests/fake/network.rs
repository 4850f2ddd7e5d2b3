//! Generated networks: the same for the same options, plausible, and true to what they say was meant.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use pleach_fake_uisp::{Access, Billing, Bodies, ClientTruth, List, Network, Options, Quirks, Size, Standing};
use serde_json::Value;

use crate::support::options;

fn lists(bodies: &Bodies) -> Vec<Vec<Value>> {
    List::ALL.iter().map(|&list| bodies.values(list).collect()).collect()
}

#[test]
fn equal_options_give_equal_bytes_and_other_seeds_others() {
    let with = |seed| Options { seed, quirks: Quirks::all(), billing: Billing::Crm, ..options() };
    let prepare = |seed| lists(&Bodies::prepare(&Network::generate(&with(seed))));
    let first = prepare(1);
    assert_eq!(first, prepare(1));
    let other = prepare(2);
    for (list, (one, two)) in List::ALL.iter().zip(first.iter().zip(&other)).take(3) {
        assert_ne!(one, two, "{list:?}");
    }
}

/// A value with every array in one order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(sorted).collect();
            items.sort_by_key(Value::to_string);
            items.into()
        }
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), sorted(field))).collect(),
        other => other.clone(),
    }
}

#[test]
fn a_shuffle_keeps_the_set() {
    let options = Options { clients: 100, quirks: Quirks::all(), billing: Billing::Crm, ..options() };
    let bodies = Bodies::prepare(&Network::generate(&options));
    let (one, again, two) = (bodies.shuffled(1), bodies.shuffled(1), bodies.shuffled(2));
    for list in [List::Sites, List::Devices, List::DataLinks, List::Clients, List::Services, List::ServicePlans] {
        let values = |bodies: &Bodies| Value::Array(bodies.values(list).collect());
        assert_ne!(values(&bodies), values(&one), "{list:?}");
        assert_ne!(values(&one), values(&two), "{list:?}");
        assert_eq!(values(&one), values(&again), "{list:?}");
        assert_eq!(sorted(&values(&bodies)), sorted(&values(&one)), "{list:?}");
        assert_eq!((bodies.count(list), bodies.size(list)), (one.count(list), one.size(list)), "{list:?}");
    }
}

#[test]
fn bodies_are_as_long_as_promised() {
    for quirks in [Quirks::NONE, Quirks::all()] {
        let mean = |size| {
            let bodies = Bodies::prepare(&Network::generate(&Options { clients: 1_000, size, quirks, ..options() }));
            bodies.size(List::Devices) / bodies.count(List::Devices)
        };
        let (small, faithful) = (mean(Size::Small), mean(Size::Faithful));
        assert!((3_000..=5_000).contains(&faithful), "{faithful} bytes a device");
        // The addresses that quirks put on every radio and router are more than the records were made for.
        let most = if quirks == Quirks::NONE { 800 } else { 1_000 };
        assert!((600..=most).contains(&small), "{small} bytes a device");
    }
}

#[test]
fn networks_of_any_size_are_generated() {
    for clients in [0, 1, 2, 3, 25, 26, 199] {
        for seed in 0..3 {
            let options = Options { clients, seed, quirks: Quirks::all(), billing: Billing::Crm, size: Size::Small };
            let network = Network::generate(&options);
            let bodies = Bodies::prepare(&network);
            assert_eq!(network.truth().count(), clients);
            assert!(bodies.count(List::Sites) >= clients + 5, "two points of presence and three towers");
        }
    }
}

#[test]
fn bodies_are_made_by_hand() {
    let mut bodies = Bodies::empty(Billing::None);
    bodies.push(List::Sites, serde_json::json!({ "id": "a", "ucrm": null }));
    bodies.push(List::Sites, serde_json::json!({ "id": "b" }));
    bodies.retain(List::Sites, |site| {
        site["name"] = "seen".into();
        site["id"] != "a"
    });
    let sites: Vec<_> = bodies.values(List::Sites).collect();
    assert_eq!(sites, [serde_json::json!({ "id": "b", "name": "seen" })]);
}

#[test]
fn there_is_one_of_everything() {
    let options = Options { clients: 1_000, size: Size::Faithful, billing: Billing::Crm, ..options() };
    let network = Network::generate(&options);
    let bodies = Bodies::prepare(&network);
    let devices: Vec<_> = bodies.values(List::Devices).collect();
    let links: Vec<_> = bodies.values(List::DataLinks).collect();
    let count = |wanted: &dyn Fn(&Value) -> bool| devices.iter().filter(|device| wanted(device)).count();

    assert_eq!(links.iter().filter(|link| link["canDelete"] == false).count(), 2, "ways into the internet");
    for model in ["RP-5AC-Gen2", "LTU-Rocket", "Wave-AP", "UF-OLT", "R5AC-PRISM", "AF60-LR", "R5N", "UF-Nano"] {
        assert!(count(&|device| device["identification"]["model"] == model) > 0, "{model}");
    }
    for mode in ["ap-ptp", "sta-ptp", "ap-ptmp", "sta-ptmp", "ap-ptmp-airmax", "ap-ptmp-airmax-ac"] {
        assert!(count(&|device| device["overview"]["wirelessMode"] == mode) > 0, "{mode}");
    }
    let is_relay = |device: &Value| {
        device["identification"]["role"] == "ap" && device["identification"]["site"]["type"] == "endpoint"
    };
    assert!((5..40).contains(&count(&is_relay)), "{} relays", count(&is_relay));
    let pairs = links
        .iter()
        .filter(|link| link["type"] == "wireless" && link["from"]["site"]["identification"]["type"] == "site");
    let mut between = BTreeMap::new();
    for link in pairs.filter(|link| link["to"]["site"]["identification"]["type"] == "site") {
        let mut ends = ["from", "to"].map(|side| link[side]["site"]["identification"]["id"].to_string());
        ends.sort_unstable();
        *between.entry(ends).or_insert(0) += 1;
    }
    assert!(between.values().any(|&count| count == 2), "no parallel links: {between:?}");

    let truth: Vec<_> = network.truth().collect();
    let have = |wanted: &dyn Fn(&ClientTruth) -> bool| truth.iter().filter(|client| wanted(client)).count();
    for standing in
        [Standing::Active, Standing::Suspended, Standing::Disconnected, Standing::Inactive, Standing::Unknown]
    {
        assert!(have(&|client| client.standing == standing) > 0, "{standing:?}");
    }
    assert!(
        have(&|client| matches!(&client.access, Access::AccessPoints(points) if points.len() == 2)) > 0,
        "dual WAN"
    );
    assert!(have(&|client| matches!(client.access, Access::Switch(_))) > 0, "by cable");
    assert!(
        have(&|client| matches!(client.access, Access::Site(_)) && client.has_usable_address()) > 0,
        "no access point"
    );
    assert!(
        have(&|client| client.plan.down == Some(0)) > 0 && have(&|client| client.plan.down.is_none()) > 0,
        "no plan"
    );
    let addresses: Vec<_> = truth.iter().flat_map(|client| &client.addresses).collect();
    for kind in ["/32", "/29", "/56"] {
        assert!(addresses.iter().any(|address| address.ends_with(kind)), "{kind}");
    }
    let statuses: BTreeSet<_> =
        truth.iter().flat_map(|client| &client.services).map(|service| service.status).collect();
    assert_eq!(statuses, (0..=8).collect());
    let names: HashSet<_> = truth.iter().map(|client| &client.name).collect();
    assert!(names.len() < truth.len(), "names repeat");
}

#[test]
fn nearly_every_client_in_service_can_be_shaped() {
    let network = Network::generate(&Options { clients: 5_000, ..options() });
    let active: Vec<_> = network.truth().filter(|client| client.standing == Standing::Active).collect();
    let usable = active.iter().filter(|client| client.has_usable_address()).count();
    assert!(active.len() > 4_400 && usable * 1000 >= active.len() * 995 && usable < active.len());
    let mut addresses = HashSet::new();
    for address in network.truth().flat_map(|client| client.addresses) {
        assert!(addresses.insert(address.clone()), "{address} is used twice");
    }
}

/// The truth is the same with every quirk, and can be found in the records, with every quirk.
#[test]
fn what_was_meant_is_in_the_records() {
    let plain = Options { clients: 1_500, size: Size::Small, ..options() };
    let meant: Vec<_> = Network::generate(&plain).truth().collect();
    for quirks in [Quirks::NONE, Quirks::all()] {
        let network = Network::generate(&Options { quirks, ..plain.clone() });
        assert_eq!(network.truth().collect::<Vec<_>>(), meant);
        let told = Told::new(&Bodies::prepare(&network));
        for client in &meant {
            told.check(client);
        }
    }
}

/// Records, by the sites of clients.
struct Told {
    sites: HashMap<String, Value>,
    addresses: HashMap<String, HashSet<String>>,
    above: HashMap<String, HashSet<String>>,
}

impl Told {
    fn new(bodies: &Bodies) -> Self {
        let mut told = Self { sites: HashMap::new(), addresses: HashMap::new(), above: HashMap::new() };
        for site in bodies.values(List::Sites) {
            let id = site["identification"]["id"].as_str().expect("every site has an id").to_owned();
            told.sites.entry(id).or_insert(site);
        }
        let mut site_of = HashMap::new();
        for device in bodies.values(List::Devices) {
            let id = device["identification"]["id"].as_str().expect("every device has an id").to_owned();
            let Some(site) = device["identification"]["site"]["id"].as_str().map(str::to_owned) else { continue };
            let listed = device["ipAddressList"].as_array().cloned().unwrap_or_default();
            let ports = device["interfaces"].as_array().cloned().unwrap_or_default();
            let ports = ports.iter().flat_map(|port| port["addresses"].as_array().cloned().unwrap_or_default());
            let all = listed
                .into_iter()
                .chain([device["ipAddress"].clone()])
                .chain(ports.map(|address| address["cidr"].clone()));
            let all = all.filter_map(|address| Some(address.as_str()?.to_owned()));
            told.addresses.entry(site.clone()).or_default().extend(all);
            for above in [&device["attributes"]["apDevice"]["id"], &device["attributes"]["parentId"]] {
                told.above.entry(site.clone()).or_default().extend(above.as_str().map(str::to_owned));
            }
            site_of.insert(id, site);
        }
        for link in bodies.values(List::DataLinks) {
            let end = |side: &str| Some(link[side]["device"]["identification"]["id"].as_str()?.to_owned());
            if let (Some(from), Some(to)) = (end("from"), end("to")) {
                for (here, there) in [(&from, &to), (&to, &from)] {
                    if let Some(site) = site_of.get(here) {
                        told.above.entry(site.clone()).or_default().insert(there.clone());
                    }
                }
            }
        }
        told
    }

    fn check(&self, client: &ClientTruth) {
        let site = self.sites.get(&client.site).expect("the site is there");
        assert_eq!(site["identification"]["type"], "endpoint");
        let speeds = (site["qos"]["downloadSpeed"].as_u64(), site["qos"]["uploadSpeed"].as_u64());
        assert_eq!(speeds, (client.plan.down, client.plan.up), "{}", client.site);
        let suspended = site["identification"]["suspended"].as_bool().unwrap_or(false);
        assert_eq!(suspended, client.standing == Standing::Suspended, "{}", client.site);
        let nothing = HashSet::new();
        let told = self.addresses.get(&client.site).unwrap_or(&nothing);
        for address in &client.addresses {
            let host = address.strip_suffix("/32");
            let is_told = told.iter().any(|told| told == address || (host.is_some() && told.split('/').next() == host));
            assert!(is_told, "{address} of {} is not among {told:?}", client.site);
        }
        let above = self.above.get(&client.site).unwrap_or(&nothing);
        match &client.access {
            Access::AccessPoints(points) => {
                assert!(points.iter().all(|point| above.contains(point)), "{client:?}: {above:?}");
            }
            Access::Switch(switch) => assert!(above.contains(switch), "{client:?}: {above:?}"),
            Access::Site(parent) => assert_eq!(site["identification"]["parent"]["id"], *parent, "{client:?}"),
        }
    }
}
