//! Each quirk is in the records where it was asked for, and nowhere else.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use pleach_fake_uisp::{Billing, Bodies, List, Network, Options, Quirk, Quirks};
use serde_json::Value;

use crate::support::options;

/// The records of an answer.
struct Records {
    sites: Vec<Value>,
    devices: Vec<Value>,
    links: Vec<Value>,
    services: Vec<Value>,
}

/// How many records show a quirk.
fn count(quirk: Quirk, records: &Records) -> usize {
    let Records { sites, devices, links, services } = records;
    let some =
        |records: &[Value], shows: &dyn Fn(&Value) -> bool| records.iter().filter(|record| shows(record)).count();
    match quirk {
        Quirk::RequiredNull => {
            some(sites, &|site| has_null(site, SITE_FIELDS)) + some(devices, &|device| has_null(device, DEVICE_FIELDS))
        }
        Quirk::MissingKey => {
            some(sites, &|site| lacks(site, SITE_FIELDS)) + some(devices, &|device| lacks(device, DEVICE_FIELDS))
        }
        // The network is around 50° north, 14° east.
        Quirk::SwappedCoordinates => some(sites, &|site| {
            site["description"]["location"]["latitude"].as_f64() < Some(40.0)
                && site["description"]["location"]["latitude"].is_f64()
        }),
        Quirk::NoCoordinates => some(sites, &|site| {
            site["description"].is_object() && site["description"]["location"]["latitude"].is_null()
        }),
        Quirk::DuplicateDevices => duplicates(devices),
        Quirk::DuplicateSites => duplicates(sites),
        Quirk::ParentCycle => in_cycles(sites),
        Quirk::NullSide => some(links, &|link| {
            ["from", "to"].iter().any(|side| link[*side]["site"].is_null() || link[*side]["device"].is_null())
        }),
        Quirk::NoCapacity => some(devices, &|device| {
            device["overview"].get("wirelessMode").is_some()
                && device["overview"]["downlinkCapacity"].as_u64().unwrap_or(0) == 0
        }),
        Quirk::WrongCapacity => some(devices, &|device| device["overview"]["downlinkCapacity"] == 2_000_000),
        Quirk::RadioManagement => some(devices, &|device| has_address(device, "192.168.172.1/24")),
        Quirk::LanAddress => some(devices, &|device| has_address(device, "192.168.1.1/24")),
        Quirk::BlackBoxList => some(devices, &|device| {
            device["ipAddress"].is_null() && device["ipAddressList"].as_array().is_some_and(|list| !list.is_empty())
        }),
        Quirk::BadAddress => some(devices, &|device| addresses(device).any(|address| is_bad(&address))),
        Quirk::SeveralServices => several(services),
        Quirk::UnknownEnum => unknown_words(sites, devices, links, services),
        Quirk::Dates => {
            let odd = |record: &Value| {
                !record["identification"]["updated"].is_null() && !is_moment(&record["identification"]["updated"])
            };
            some(sites, &odd) + some(devices, &odd)
        }
        Quirk::StringIds => some(sites, &|site| site["ucrm"]["client"]["id"].is_string()),
        Quirk::Homeless => some(devices, &|device| device["identification"]["site"].is_null()),
        Quirk::DanglingReference => dangling(sites, devices, links),
    }
}

const SITE_FIELDS: &[&str] = &[
    "/id",
    "/identification/name",
    "/identification/status",
    "/identification/updated",
    "/identification/suspended",
    "/description",
    "/notifications",
    "/qos",
];
const DEVICE_FIELDS: &[&str] = &[
    "/enabled",
    "/overview",
    "/attributes",
    "/mode",
    "/interfaces",
    "/identification/name",
    "/identification/updated",
];

fn has_null(record: &Value, fields: &[&str]) -> bool {
    !is_nameless(record) && fields.iter().any(|field| record.pointer(field).is_some_and(Value::is_null))
}

/// A device without name and ports is homeless, which is a quirk of its own.
fn is_nameless(device: &Value) -> bool {
    device["identification"]["name"].is_null() && device["interfaces"].as_array().is_some_and(Vec::is_empty)
}

fn lacks(record: &Value, fields: &[&str]) -> bool {
    fields.iter().any(|field| record.pointer(field).is_none())
}

fn duplicates(records: &[Value]) -> usize {
    let mut seen = HashSet::new();
    records.iter().filter(|record| !seen.insert(record["identification"]["id"].to_string())).count()
}

fn in_cycles(sites: &[Value]) -> usize {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parents: HashMap<_, _> = sites
        .iter()
        .map(|site| (text(&site["identification"]["id"]), text(&site["identification"]["parent"]["id"])))
        .collect();
    let is_above_itself = |site: &&String| {
        let mut above = &parents[*site];
        for _ in 0..sites.len() {
            if above == *site {
                return true;
            }
            let Some(next) = parents.get(above) else { return false };
            above = next;
        }
        false
    };
    parents.keys().filter(is_above_itself).count()
}

fn addresses(device: &Value) -> impl Iterator<Item = String> {
    let ports = device["interfaces"].as_array().cloned().unwrap_or_default();
    let ports = ports.into_iter().flat_map(|port| port["addresses"].as_array().cloned().unwrap_or_default());
    let listed = device["ipAddressList"].as_array().cloned().unwrap_or_default();
    let all = ports.map(|address| address["cidr"].clone()).chain(listed).chain([device["ipAddress"].clone()]);
    all.filter_map(|address| Some(address.as_str()?.to_owned()))
}

fn has_address(device: &Value, wanted: &str) -> bool {
    addresses(device).any(|address| address == wanted)
}

fn is_bad(address: &str) -> bool {
    let (host, length) = address.split_once('/').map_or((address, "0"), |(host, length)| (host, length));
    let host = host.parse::<IpAddr>();
    host.is_err()
        || host.is_ok_and(|host| host.is_unspecified())
        || length.parse::<u8>().is_ok_and(|length| length > 32 && !address.contains(':'))
}

fn several(services: &[Value]) -> usize {
    let mut sites: HashMap<String, usize> = HashMap::new();
    for service in
        services.iter().filter(|service| service["status"] == 1 && service["id"].as_u64() < Some(100_000_000))
    {
        *sites.entry(service["unmsClientSiteId"].to_string()).or_default() += 1;
    }
    sites.values().filter(|&&count| count > 1).count()
}

fn unknown_words(sites: &[Value], devices: &[Value], links: &[Value], services: &[Value]) -> usize {
    let unknown = |records: &[Value], field: &str, known: &[&str]| {
        let word =
            |record: &Value| record.pointer(field).and_then(Value::as_str).is_some_and(|word| !known.contains(&word));
        records.iter().filter(|record| word(record)).count()
    };
    unknown(sites, "/identification/type", &["site", "endpoint"])
        + unknown(sites, "/identification/status", &["active", "disconnected", "inactive", "unknown"])
        + unknown(devices, "/overview/status", &["active", "disconnected", "unknown"])
        + unknown(
            devices,
            "/identification/role",
            &["ap", "gateway", "gpon", "other", "ptp", "router", "station", "switch", "ups", "homeWiFi"],
        )
        + unknown(links, "/type", &["ethernet", "pon", "wireless"])
        + unknown(links, "/state", &["active", "disabled", "disconnected", "proposed"])
        + services.iter().filter(|service| service["status"].as_u64() > Some(8)).count()
}

fn is_moment(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 24 && text.contains('T') && text.ends_with('Z'))
}

fn dangling(sites: &[Value], devices: &[Value], links: &[Value]) -> usize {
    let ids = |records: &[Value]| -> HashSet<String> {
        records.iter().filter_map(|record| Some(record["identification"]["id"].as_str()?.to_owned())).collect()
    };
    let (site_ids, device_ids) = (ids(sites), ids(devices));
    let gone = |value: &Value, there: &HashSet<String>| value.as_str().is_some_and(|id| !there.contains(id));
    let parents = sites.iter().filter(|site| gone(&site["identification"]["parent"]["id"], &site_ids)).count();
    let above = |device: &&Value| {
        gone(&device["attributes"]["apDevice"]["id"], &device_ids)
            || gone(&device["attributes"]["parentId"], &device_ids)
    };
    let ends = |link: &&Value| {
        ["from", "to"].iter().any(|side| gone(&link[*side]["device"]["identification"]["id"], &device_ids))
    };
    parents + devices.iter().filter(above).count() + links.iter().filter(ends).count()
}

fn with(quirks: Quirks) -> Records {
    let bodies = Bodies::prepare(&Network::generate(&Options { quirks, billing: Billing::Crm, ..options() }));
    let values = |list| bodies.values(list).collect();
    Records {
        sites: values(List::Sites),
        devices: values(List::Devices),
        links: values(List::DataLinks),
        services: values(List::Services),
    }
}

#[test]
fn without_quirks_there_is_none() {
    let plain = with(Quirks::NONE);
    for &quirk in Quirk::ALL {
        assert_eq!(count(quirk, &plain), 0, "{quirk}");
    }
}

#[test]
fn each_is_there_when_asked_for_alone_and_nothing_else_is() {
    for &quirk in Quirk::ALL {
        let records = with(quirk.into());
        assert!(count(quirk, &records) > 0, "{quirk} was asked for");
        for &other in Quirk::ALL.iter().filter(|&&other| other != quirk) {
            assert_eq!(count(other, &records), 0, "{other} comes with {quirk}");
        }
    }
}

#[test]
fn all_are_there_when_all_are_asked_for() {
    let records = with(Quirks::all());
    for &quirk in Quirk::ALL {
        assert!(count(quirk, &records) > 0, "{quirk}");
    }
}

#[test]
fn of_duplicates_one_is_older_or_they_are_equal() {
    let records = with(Quirks::from_iter([Quirk::DuplicateSites, Quirk::DuplicateDevices]));
    for list in [records.sites, records.devices] {
        let mut by_id: HashMap<String, Vec<Value>> = HashMap::new();
        for record in list {
            by_id.entry(record["identification"]["id"].to_string()).or_default().push(record);
        }
        let (mut equal, mut older) = (0, 0);
        for copies in by_id.values().filter(|copies| copies.len() > 1) {
            let newest = copies.iter().map(|copy| copy["identification"]["updated"].to_string()).max();
            for copy in &copies[1..] {
                equal += usize::from(*copy == copies[0]);
                older += usize::from(Some(copy["identification"]["updated"].to_string()) != newest);
            }
            let wins = |copy: &&Value| Some(copy["identification"]["updated"].to_string()) == newest;
            assert!(
                copies.iter().filter(wins).all(|copy| *copy == copies[0]),
                "the newest are equal, and as they were meant"
            );
        }
        assert!(equal + older > 0);
    }
}
