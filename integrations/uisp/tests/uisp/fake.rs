//! The whole way, from a server that answers as a UISP does: what was meant is what is found out.

use std::collections::BTreeSet;

use pleach_fake_uisp::{Access, Billing, Bodies, ClientTruth, Credentials, Fake, Network, Options, Quirks, Size};
use pleach_fault::{Fault, Faults, Server};
use pleach_graph::{Aspect, Bytes, Census, Code, Fate, NetworkGraph, NodeIndex, Policy, Problem, Rate};
use pleach_source::{FetchError, Secret, SecretSource, Snapshot, Source};
use pleach_uisp::{Crm, Login, Uisp, UispSettings};

/// A running UISP and what is meant by its answers.
struct Running {
    network: Network,
    fake: Fake,
    faults: Faults,
    server: Server,
}

fn secret(text: &str) -> SecretSource {
    SecretSource::Text(Secret::new(text))
}

impl Running {
    fn new(options: &Options) -> Self {
        let network = Network::generate(options);
        let (fake, faults) = (Fake::new(Bodies::prepare(&network)), Faults::none());
        let server = fake.start(faults.clone()).expect("a free port");
        Self { network, fake, faults, server }
    }

    /// Settings that ask it, both of its sides where it has them.
    fn settings(&self) -> UispSettings {
        let mut settings = UispSettings { url: self.server.url(), ..UispSettings::default() };
        settings.token = Some(secret(Credentials::TOKEN));
        settings.http.retries = 0;
        settings
    }

    fn with_crm(&self) -> UispSettings {
        UispSettings { crm: Some(Crm { url: None, key: secret(Credentials::APP_KEY) }), ..self.settings() }
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(future)
}

fn fetch(settings: UispSettings) -> Result<Snapshot, FetchError> {
    wait(Uisp::new(settings).expect("settings").fetch())
}

/// What becomes of a server's answers.
fn read(settings: UispSettings) -> (NetworkGraph, Census, Vec<Problem>) {
    let source = Uisp::new(settings).expect("settings");
    let snapshot = wait(source.fetch()).expect("it answers");
    let mut builder = NetworkGraph::builder();
    source.read(&snapshot, &mut builder).expect("arrays");
    let (network, problems) = builder.build();
    let census = Census::take(&network, &Policy::default());
    let mut all = problems.into_sorted();
    all.extend(census.problems().as_slice().iter().cloned());
    (network, census, all)
}

fn client_of(network: &NetworkGraph, truth: &ClientTruth) -> NodeIndex {
    let id = format!("uisp:client:{}", truth.site).parse().expect("an id");
    network.find(&id).unwrap_or_else(|| panic!("no client {id}"))
}

/// The prefixes that a client's devices claim, as the truth writes them.
fn prefixes(network: &NetworkGraph, census: &Census, client: NodeIndex) -> BTreeSet<String> {
    let (_, devices) = network.circuits().iter().find(|(other, _)| *other == client).expect("a circuit");
    let prefixes = devices.iter().flat_map(|&device| census.prefixes(network, device));
    prefixes.map(|prefix| prefix.net().to_string()).collect()
}

/// Without the addresses by which the operator reaches the radios of customers: in UISP they look like others, and
/// `addresses.ignore` is where an operator says which they are.
fn without_management(prefixes: BTreeSet<String>) -> BTreeSet<String> {
    prefixes.into_iter().filter(|prefix| !prefix.starts_with("10.")).collect()
}

fn options(clients: usize, billing: Billing, quirks: Quirks) -> Options {
    Options { clients, seed: 7, size: Size::Small, billing, quirks }
}

/// The raw id of what a client hangs from.
fn parent(network: &NetworkGraph, client: NodeIndex) -> String {
    network.node(client).parent().node().map_or(String::new(), |parent| network.node(parent).id.raw().to_owned())
}

#[test]
fn what_is_meant_is_found_out() {
    let running = Running::new(&options(300, Billing::None, Quirks::NONE));
    let (network, census, problems) = read(running.settings());
    let mut different = Vec::new();
    for truth in running.network.truth() {
        let client = client_of(&network, &truth);
        let expected: BTreeSet<String> = truth.addresses.iter().cloned().collect();
        let found: BTreeSet<String> =
            prefixes(&network, &census, client).into_iter().filter(|p| !p.starts_with("10.")).collect();
        if found != expected {
            different.push(format!("{}: addresses {found:?}, meant {expected:?}", truth.site));
        }
        let hangs_from = parent(&network, client);
        let is_right = match &truth.access {
            Access::AccessPoints(devices) => devices.contains(&hangs_from),
            Access::Switch(device) => *device == hangs_from || !hangs_from.is_empty(),
            Access::Site(site) => *site == hangs_from,
        };
        if !is_right {
            different.push(format!("{}: hangs from {hangs_from}, meant {:?}", truth.site, truth.access));
        }
        let plan = network.node(client).client().expect("a client").plan;
        let bit = |rate: Option<u64>| rate.filter(|&bit| bit > 0).map(Rate::from_bit);
        if (plan.down.max, plan.up.max) != (bit(truth.plan.down), bit(truth.plan.up)) {
            different.push(format!("{}: plan {plan:?}, meant {:?}", truth.site, truth.plan));
        }
    }
    assert!(different.is_empty(), "{} differ\n{}\n{problems:#?}", different.len(), different.join("\n"));
}

/// With everything that is odd about real answers: at least 99 of 100 customers who are in service and have an address are
/// shaped, each to the addresses that are its own, and every other one is named.
#[test]
fn quirks_lose_nobody() {
    let running = Running::new(&options(1_000, Billing::Crm, Quirks::all()));
    let (network, census, problems) = read(running.with_crm());
    let counts = census.counts();
    assert_eq!(counts.read, counts.shaped + counts.quarantined + counts.left_out);
    let named: BTreeSet<String> = problems.iter().filter_map(|p| Some(p.record.as_ref()?.to_string())).collect();
    let fate: Vec<(NodeIndex, Fate)> =
        network.circuits().clients().iter().enumerate().map(|(at, &client)| (client, census.fate_of(at))).collect();
    let (mut active, mut shaped, mut different) = (0, 0, Vec::new());
    for truth in running.network.truth() {
        let client = client_of(&network, &truth);
        let fate = fate.iter().find(|(other, _)| *other == client).expect("a fate").1;
        let is_named = named.contains(network.node(client).id.as_str());
        let is_explained = network.stated_reasons(client).any(|reason| reason.aspect == Aspect::Status);
        if fate != Fate::Shaped && !is_named && !is_explained {
            different.push(format!("{}: {fate:?}, and nothing says why", truth.site));
        }
        if !in_service(&truth) || !truth.has_usable_address() {
            continue;
        }
        active += 1;
        shaped += usize::from(fate == Fate::Shaped);
        let expected: BTreeSet<String> = truth.addresses.iter().cloned().collect();
        let found = without_management(prefixes(&network, &census, client));
        if fate == Fate::Shaped && found != expected {
            different.push(format!("{}: addresses {found:?}, meant {expected:?}", truth.site));
        }
    }
    assert!(active > 500, "{active}");
    assert!(shaped * 100 >= active * 99, "{shaped} of {active}");
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n"));
}

/// Whether a client has a service in use, or none and is not known to be gone.
fn in_service(truth: &ClientTruth) -> bool {
    truth.services.is_empty() || truth.services.iter().any(|service| matches!(service.status, 0 | 1 | 3 | 4 | 6))
}

/// The rates of the billing side, where it is asked; and nobody is called otherwise for it.
#[test]
fn rates_are_those_of_the_billing_side() {
    let running = Running::new(&options(300, Billing::Crm, Quirks::NONE));
    let (with, ..) = read(running.with_crm());
    let (without, ..) = read(running.settings());
    let mut different = Vec::new();
    for truth in running.network.truth() {
        let client = client_of(&with, &truth);
        let named = |network: &NetworkGraph| network.node(client_of(network, &truth)).name.clone();
        assert_eq!(named(&with), named(&without));
        let [service] = truth.services.as_slice() else { continue };
        if service.status != 1 {
            continue;
        }
        let rate = |bit: Option<u64>| bit.filter(|&bit| bit > 0).map(Rate::from_bit);
        let plan = with.node(client).client().expect("a client").plan;
        let meant = [service.speeds.down, service.speeds.up];
        for (found, meant) in [plan.down.max, plan.up.max].into_iter().zip(meant) {
            if rate(meant).is_some() && found != rate(meant) {
                different.push(format!("{}: {found:?}, meant {meant:?}", truth.site));
            }
        }
    }
    assert_eq!(with.circuits().len(), without.circuits().len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn what_cannot_be_asked_is_told_in_one_line_with_what_to_do() {
    let running = Running::new(&options(10, Billing::Crm, Quirks::NONE));
    let account = |user: &str, password: &str| {
        let login = Login { user: user.to_owned(), password: secret(password) };
        UispSettings { token: None, login: Some(login), ..running.settings() }
    };
    let with_token = |token| UispSettings { token: Some(secret(token)), ..running.settings() };
    let with_key = |key| UispSettings { crm: Some(Crm { url: None, key: secret(key) }), ..running.settings() };
    let at = |url: &str| UispSettings { url: url.to_owned(), ..running.settings() };
    let cases = [
        (with_token("wrong-token"), "answered 401", "check the token or key"),
        (with_token(Credentials::ANONYMOUS_TOKEN), "answered 403", "give them the permission to view it"),
        (with_key("wrong-key"), "answered 401", "check the token or key"),
        (account(Credentials::USER, "wrong-password"), "answered 401", "check the token or key"),
        (account(Credentials::TWO_FACTOR_USER, Credentials::PASSWORD), "wants a second factor", "use an API token"),
        (at(&format!("{}/elsewhere", running.server.url())), "answered 404", "correct the address"),
        (at("http://127.0.0.1:9"), "cannot connect to", "check the name and the port in the address"),
        (at("uisp.example.net"), "the address `uisp.example.net", "correct the address in the configuration"),
    ];
    for (settings, says, hint) in cases {
        let source = Uisp::new(settings).expect("settings");
        let error = wait(source.probe()).expect_err("it cannot be asked");
        let text = error.to_string();
        assert!(text.contains(says) && error.hint().contains(hint), "{text}\nhint: {}", error.hint());
        assert_eq!(text.lines().count(), 1, "{text}");
        for secret in
            ["wrong-token", "wrong-password", "wrong-key", Credentials::PASSWORD, Credentials::ANONYMOUS_TOKEN]
        {
            assert!(!text.contains(secret) && !error.hint().contains(secret), "{text}");
        }
    }
}

#[test]
fn what_can_be_asked_is_counted() {
    let running = Running::new(&options(25, Billing::Crm, Quirks::NONE));
    let facts = wait(Uisp::new(running.with_crm()).expect("settings").probe()).expect("it answers");
    let starts = |start: &str| facts.iter().any(|fact| fact.starts_with(start));
    assert!(["NMS ", "CRM ", "sites: ", "devices: ", "services-1: "].into_iter().all(starts), "{facts:#?}");
    assert!(facts.iter().any(|fact| fact.ends_with(" 25 clients")), "{facts:#?}");
    assert!(
        facts.iter().any(|fact| fact.starts_with("nothing is encrypted")) == running.server.url().contains("0.0.0.0")
    );
}

/// A session begins with the first request, and again when it has ended.
#[test]
fn an_account_logs_in_and_again() {
    let running = Running::new(&options(10, Billing::None, Quirks::NONE));
    let login = Login { user: Credentials::USER.to_owned(), password: secret(Credentials::PASSWORD) };
    let source = Uisp::new(UispSettings { token: None, login: Some(login), ..running.settings() }).expect("settings");
    for _ in 0..2 {
        let snapshot = wait(source.fetch()).expect("it answers");
        assert_eq!(snapshot.parts.len(), 3);
        running.fake.end_sessions();
    }
}

/// A fault in any of the requests is an error of the whole, in one line without a secret: nothing is made of half a network.
/// Only what cannot be told from a true answer goes through.
#[test]
fn a_fault_anywhere_is_an_error_of_the_whole() {
    let running = Running::new(&options(30, Billing::Crm, Quirks::NONE));
    let mut settings = running.with_crm();
    settings.http.largest_answer = Bytes(8 << 20);
    fetch(settings.clone()).expect("it answers");
    let paths: Vec<String> = running.faults.requests().into_keys().collect();
    assert_eq!(paths.len(), 5, "three lists of NMS and two of CRM: {paths:?}");
    for path in &paths {
        for fault in Fault::ALL {
            let is_an_answer = matches!(
                fault,
                Fault::EmptyArray
                    | Fault::HalfMissing
                    | Fault::OddRecord
                    | Fault::SlowFirstByte(_)
                    | Fault::Dribble { .. }
            );
            if is_an_answer {
                continue; // the slow ones would only make this test slow
            }
            running.faults.set(&Faults::on(path, fault.clone()));
            let error = fetch(settings.clone()).expect_err("it goes wrong");
            let (text, hint) = (error.to_string(), error.hint());
            assert!(!hint.is_empty() && text.lines().count() == 1, "{path} {fault:?}: {text}");
            for secret in [Credentials::TOKEN, Credentials::APP_KEY] {
                assert!(!text.contains(secret) && !hint.contains(secret), "{path} {fault:?}: {text}");
            }
        }
    }
}

/// A record that nobody expects is set aside alone, whichever list it stands in.
#[test]
fn an_odd_record_costs_one_record() {
    let running = Running::new(&options(30, Billing::Crm, Quirks::NONE));
    let (straight, ..) = read(running.with_crm());
    running.faults.set(&Faults::on("/nms", Fault::OddRecord));
    let (network, census, problems) = read(running.with_crm());
    assert_eq!(network.node_count(), straight.node_count());
    assert!(problems.iter().filter(|problem| problem.code == Code::BadRecord).count() >= 3, "{problems:#?}");
    assert_eq!(census.counts().read, straight.circuits().len() + 1, "one of the sites may have been a customer");
}
