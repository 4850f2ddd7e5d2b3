//! Endpoints answer with the records that a query asks for.

use std::collections::BTreeSet;

use crate::support::{CRM, NMS, Running, options};
use pleach_fake_uisp::{Billing, Options, Quirks};
use serde_json::Value;

fn ids(records: &[Value], path: &str) -> BTreeSet<String> {
    records.iter().filter_map(|record| record.pointer(path)).map(Value::to_string).collect()
}

#[test]
fn interfaces_come_only_when_asked_for() {
    let running = Running::new(&options());
    let with = running.get(&format!("{NMS}/devices?withInterfaces=true")).array();
    assert!(with.iter().all(|device| device["interfaces"].is_array()));
    for path in ["/devices", "/devices?withInterfaces=false"] {
        let without = running.get(&format!("{NMS}{path}")).array();
        assert!(without.iter().all(|device| device.get("interfaces").is_none()), "{path}");
        assert_eq!(ids(&with, "/identification/id"), ids(&without, "/identification/id"));
    }
}

#[test]
fn billing_details_come_only_when_asked_for() {
    let running = Running::new(&Options { billing: Billing::Crm, ..options() });
    let with = running.get(&format!("{NMS}/sites?ucrmDetails=true")).array();
    let is_client = |site: &&Value| site["identification"]["type"] == "endpoint";
    assert!(with.iter().filter(is_client).all(|site| site["ucrm"]["service"]["id"].is_number()));
    let without = running.get(&format!("{NMS}/sites")).array();
    assert!(without.iter().all(|site| site["ucrm"].is_null() && site.get("ucrm").is_some()));
    let alone = Running::new(&options()).get(&format!("{NMS}/sites?ucrmDetails=true")).array();
    assert!(alone.iter().all(|site| site["ucrm"].is_null()), "there is no billing side");
}

#[test]
fn sites_are_chosen() {
    let running = Running::new(&Options { billing: Billing::Crm, ..options() });
    let sites = |query: &str| running.get(&format!("{NMS}/sites?{query}")).array();
    let all = sites("");
    let (towers, clients) = (sites("type=site"), sites("type=endpoint"));
    assert_eq!((towers.len() + clients.len(), clients.len()), (all.len(), 400));
    assert_eq!(sites("type=client").len(), 400);
    assert_eq!((sites("type=endpoint&ucrm=true").len(), sites("type=endpoint&ucrm=false").len()), (400, 0));
    assert_eq!((sites("type=site&ucrm=true").len(), sites("type=site&ucrm=false").len()), (0, towers.len()));
    let id = |site: &Value| site["id"].as_str().expect("an id").to_owned();
    let (one, two) = (id(&all[0]), id(&all[7]));
    assert_eq!(ids(&sites(&format!("id={one}&id={two}")), "/id").len(), 2);
    assert_eq!(ids(&sites(&format!("id[]={one}&id%5B%5D={two}")), "/id").len(), 2);
    let device = &running.get(&format!("{NMS}/devices")).array()[40];
    let site = device["identification"]["site"]["id"].to_string();
    let by_device = sites(&format!("deviceId={}", device["identification"]["id"].as_str().expect("an id")));
    assert_eq!(ids(&by_device, "/id"), BTreeSet::from([site.clone()]));
    let address = device["ipAddress"].as_str().expect("an address").split('/').next().expect("a first part");
    assert_eq!(ids(&sites(&format!("ip={address}")), "/id"), BTreeSet::from([site]));
    let detail = running.get(&format!("{NMS}/sites/{two}")).json();
    assert_eq!((id(&detail), detail["ucrm"].is_null()), (two, true));
    let client = id(&clients[0]);
    assert!(running.get(&format!("{NMS}/sites/{client}?ucrmDetails=true")).json()["ucrm"]["client"]["id"].is_number());
}

#[test]
fn devices_and_links_are_chosen() {
    let running = Running::new(&options());
    let devices = |query: &str| running.get(&format!("{NMS}/devices?{query}")).array();
    let all = devices("");
    let count = |wanted: &dyn Fn(&Value) -> bool| all.iter().filter(|device| wanted(&device["identification"])).count();
    assert_eq!(devices("role=gateway").len(), 2);
    assert_eq!(devices("type=wave&type=olt").len(), count(&|about| about["type"] == "wave" || about["type"] == "olt"));
    assert_eq!(devices("type=wave&role=ap").len(), count(&|about| about["type"] == "wave" && about["role"] == "ap"));
    assert_eq!((devices("authorized=true").len(), devices("authorized=false").len()), (all.len(), 0));
    let site = all[9]["identification"]["site"]["id"].as_str().expect("an id");
    let there = devices(&format!("siteId={site}&withInterfaces=true"));
    assert_eq!(there.len(), count(&|about| about["site"]["id"] == site));
    assert!(there.iter().all(|device| device["interfaces"].is_array()));
    let id = all[9]["identification"]["id"].as_str().expect("an id");
    assert_eq!(running.get(&format!("{NMS}/devices/{id}")).json(), all[9]);

    let links = running.get(&format!("{NMS}/data-links")).array();
    let between = running.get(&format!("{NMS}/data-links?siteLinksOnly=true")).array();
    let ends = |link: &Value| ["from", "to"].map(|side| link[side]["site"]["identification"]["id"].clone());
    assert_eq!(between.len(), links.iter().filter(|link| ends(link)[0] != ends(link)[1]).count());
    assert!((1..links.len()).contains(&between.len()));
}

#[test]
fn addresses_of_devices() {
    let running = Running::new(&options());
    let addresses = |query: &str| running.get(&format!("{NMS}/devices/ips?{query}")).array();
    let all = addresses("management=true&includeObsolete=true");
    let fresh = addresses("management=true");
    let clients = addresses("");
    assert!(clients.len() < fresh.len() && fresh.len() < all.len());
    assert!(clients.iter().all(|address| address.as_str().is_some_and(|address| address.starts_with("100."))));
    let suspended = addresses("suspended=true");
    assert!(!suspended.is_empty() && suspended.len() < clients.len());
}

#[test]
fn pages_are_the_whole_list() {
    let running = Running::new(&Options { billing: Billing::Crm, quirks: Quirks::all(), ..options() });
    for path in ["/clients", "/clients/services", "/service-plans"] {
        let page = |query: &str| running.get(&format!("{CRM}{path}?{query}")).array();
        let all = page("");
        let pages = all.len().div_ceil(50);
        let pages: Vec<_> = (0..pages).map(|number| page(&format!("limit=50&offset={}", number * 50))).collect();
        assert!(pages.iter().all(|page| page.len() <= 50));
        assert_eq!(pages.concat(), all, "{path}");
        assert!(page(&format!("limit=50&offset={}", all.len())).is_empty(), "{path}");
        assert_eq!(page("offset=3"), all[3..]);
    }
}

#[test]
fn billing_records_are_chosen() {
    let running = Running::new(&Options { billing: Billing::Crm, ..options() });
    let get = |query: &str| running.get(&format!("{CRM}{query}")).array();
    let services = get("/clients/services");
    let of_status = |status: u64| services.iter().filter(|service| service["status"] == status).count();
    assert_eq!(get("/clients/services?statuses[]=3").len(), of_status(3));
    assert_eq!(get("/clients/services?statuses[]=1&statuses%5B%5D=3").len(), of_status(1) + of_status(3));
    let client = services[5]["clientId"].as_u64().expect("a number");
    assert!(get(&format!("/clients/services?clientId={client}")).iter().all(|service| service["clientId"] == client));
    assert_eq!(get("/clients/services?organizationId=2").len(), 0);
    let (ascending, descending) = (get("/clients"), get("/clients?order=client.id&direction=DESC"));
    assert!(ascending.iter().eq(descending.iter().rev()));
    let by_name = get("/clients?order=user.lastName");
    assert!(by_name.is_sorted_by_key(|client| client["lastName"].as_str().unwrap_or_default().to_owned()));
    assert!(get("/clients?isArchived=1").is_empty());
    let called = get("/clients?query=weber");
    assert!(!called.is_empty() && called.iter().all(|client| client.to_string().contains("Weber")));
    assert_eq!(get("/service-plans?servicePlanType=internet").len(), get("/service-plans").len());
    assert_eq!((get("/organizations").len(), running.get(&format!("{CRM}/version")).status), (1, 200));
}
