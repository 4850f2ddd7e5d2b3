//! The whole way, from a server that answers as a UISP does: what was meant is what is found out.

use std::collections::BTreeSet;

use pleach_fake_uisp::{
    Access, Billing, Bodies, ClientTruth, Credentials, Fake, Network, Options, Quirks, Size, Standing,
};
use pleach_fault::{Faults, Server};
use pleach_graph::{Census, NetworkGraph, NodeIndex, Policy, Problem, Rate};
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
