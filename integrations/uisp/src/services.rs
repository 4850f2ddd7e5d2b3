//! Which CRM services each customer has.

use hashbrown::HashMap;
use pleach_graph::{Code, Problem};

use crate::decode::Decoded;
use crate::owners::Owners;
use crate::records::Service;
use crate::settings::{StatusPolicy, Treatment};
use crate::tables::{Tables, node_id};

/// The services bound to sites.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    /// Site and service, by site, then by the service's id.
    pairs: Vec<(usize, usize)>,
    /// Services in use that are bound to no site.
    pub(crate) unbound: Vec<usize>,
}

/// What a status means for a customer.
pub(crate) fn treatment(status: Option<u8>, policy: &StatusPolicy) -> Treatment {
    match status {
        Some(0) => policy.prepared,
        Some(1) => policy.active,
        Some(2) => policy.ended,
        Some(3) => policy.suspended,
        Some(4) => policy.prepared_blocked,
        Some(5) => policy.obsolete,
        Some(6) => policy.deferred,
        Some(7) => policy.quoted,
        Some(8) => policy.inactive,
        _ => Treatment::Shape, // a status that is not known here must not cost anyone the service
    }
}

/// A status in words, for `explain`.
pub(crate) fn status_word(status: u8) -> &'static str {
    const WORDS: [&str; 9] =
        ["prepared", "active", "ended", "suspended", "prepared blocked", "obsolete", "deferred", "quoted", "inactive"];
    WORDS.get(usize::from(status)).copied().unwrap_or("unknown")
}

impl Bound {
    /// Joins internet services to client sites: by the site that the service names, else by the service that a site names.
    pub(crate) fn join(decoded: &Decoded, owners: &Owners, policy: &StatusPolicy) -> Self {
        let Some(services) = &decoded.services else { return Self::default() };
        let named_by_site = named_by_site(decoded, owners);
        let mut bound = Self::default();
        for (index, service) in services.all.iter().enumerate().filter(|(_, service)| !service.is_general) {
            let named = service.site.as_ref().and_then(|site| decoded.sites.find(site));
            let by_site = || named_by_site.get(&*service.id.to_text()).copied();
            match named.filter(|&site| owners.is_client(site)).or_else(by_site) {
                Some(site) => bound.pairs.push((site, index)),
                None if treatment(service.status, policy) == Treatment::Shape => bound.unbound.push(index),
                None => {}
            }
        }
        bound.pairs.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| services[a.1].id.cmp(&services[b.1].id)));
        bound.unbound.sort_unstable_by(|&a, &b| services[a].id.cmp(&services[b].id));
        bound
    }

    /// The services of a site, by id.
    pub(crate) fn of(&self, site: usize) -> &[(usize, usize)] {
        let from = self.pairs.partition_point(|pair| pair.0 < site);
        let count = self.pairs[from..].iter().take_while(|pair| pair.0 == site).count();
        &self.pairs[from..from + count]
    }
}

/// The client sites that NMS says are bound to a service, by its id; of several the one with the smallest id.
fn named_by_site<'d>(decoded: &'d Decoded, owners: &Owners) -> HashMap<&'d str, usize> {
    let mut named: HashMap<&str, usize> = HashMap::new();
    for (site, record) in decoded.sites.all.iter().enumerate() {
        if owners.is_client(site) && !record.service_id.is_empty() {
            let holder = named.entry(&record.service_id).or_insert(site);
            if record.id < decoded.sites[*holder].id {
                *holder = site;
            }
        }
    }
    named
}

/// Names a service that is in use and bound to no site: nothing says which addresses it has.
pub(crate) fn unbound(service: &Service, client: Option<&str>, tables: &Tables) -> Problem {
    let of = client.map_or_else(|| format!("client {}", service.client), |name| format!("client `{name}`"));
    let message = format!("service `{}` of {of} is bound to no UISP site, so nothing says its addresses", service.name);
    Problem::new(Code::NoAddress, message)
        .record(&node_id(&tables.services, &service.id))
        .hint("bind the service to its client site in UISP")
}
