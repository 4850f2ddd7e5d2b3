//! The prefixes of one customer, device by device, and what is said of the addresses that are none.

use pleach_graph::{Assignment, Code, Prefix, PrefixSet, Problem};
use smallvec::SmallVec;

use crate::addresses::{Meaning, is_private, meanings};
use crate::import::Context;
use crate::plan::Reason;
use crate::records::Site;
use crate::shared::Shared;

/// A prefix, and which of the customer's devices claims it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) prefix: Prefix,
    pub(crate) assignment: Assignment,
    /// The device's place among the customer's; none for the addresses that only the site lists.
    pub(crate) device: Option<usize>,
}

/// What was found of a customer's addresses.
#[derive(Default)]
pub(crate) struct ClientAddresses {
    /// Each prefix once; none inside another. By prefix.
    pub(crate) claims: SmallVec<[Claim; 4]>,
    pub(crate) reasons: Vec<Reason>,
    /// Prefixes of the built-in list that addresses lie inside.
    pub(crate) filtered: SmallVec<[Prefix; 2]>,
    pub(crate) problems: Vec<Problem>,
    /// Whether an address cannot be read.
    pub(crate) has_lost: bool,
}

/// Reads the addresses of the customer at `site`.
pub(crate) fn of_client(
    context: &Context<'_>,
    site: usize,
    shared: &Shared,
    never_shaped: &PrefixSet,
) -> ClientAddresses {
    let mut found = ClientAddresses::default();
    for (place, device) in context.owners.devices_at(site).enumerate() {
        let record = &context.decoded.devices[device];
        for (address, meaning) in meanings(&record.addresses, never_shaped) {
            let claim = |prefix| Claim { prefix, assignment: address.assignment, device: Some(place) };
            match meaning {
                Meaning::Is(prefix) => found.claims.push(claim(prefix)),
                Meaning::Unless { network, host } if shared.is_shared(network, site) => {
                    found.claims.push(claim(host));
                    found.say(format!("`{network}` is shared with other customers, so only `{host}` is its own"));
                }
                Meaning::Unless { network, .. } => {
                    found.claims.push(claim(network));
                    found.say(format!(
                        "`{network}`, in which `{}` lies, is its own: no other customer has an address inside",
                        address.ip
                    ));
                }
                Meaning::HostBits { network, host } => {
                    found.claims.push(claim(host));
                    found.problems.push(host_bits(network, host));
                }
                Meaning::NeverShaped(listed) => {
                    found.filtered.push(listed);
                    found.say(format!("`{}` lies inside `{listed}`, which is never shaped", address.ip));
                }
                Meaning::PrivateInside => {
                    let name = record.called();
                    found.say(format!("`{}` is the inner address of `{name}`, behind its NAT", address.ip));
                }
            }
        }
        for text in &record.bad_addresses {
            found.has_lost = true;
            found.problems.push(
                Problem::new(Code::BadAddress, format!("`{text}` of `{}` is not an address", record.called()))
                    .value(text)
                    .hint("correct the address of the device in UISP"),
            );
        }
    }
    if found.claims.is_empty() {
        found.take_from_site(&context.decoded.sites[site], never_shaped);
    }
    found.settle();
    found
}

impl ClientAddresses {
    fn say(&mut self, reason: String) {
        self.reasons.push(reason.into());
    }

    /// The addresses that the site itself lists: all there is where none of its devices has one. Private ones may be from
    /// behind a NAT.
    fn take_from_site(&mut self, site: &Site, never_shaped: &PrefixSet) {
        let hosts = site.addresses.iter().filter(|&&ip| !is_private(ip)).map(|&ip| Prefix::host(ip));
        for prefix in hosts.filter(|&host| never_shaped.covering(host).is_none()) {
            self.claims.push(Claim { prefix, assignment: Assignment::Device, device: None });
        }
        if !self.claims.is_empty() {
            self.reasons.push("none of its devices has an address, so `description.ipAddresses` are taken".into());
        }
    }

    /// Keeps each prefix once, by its best claim, and none that lies inside another of the same customer.
    fn settle(&mut self) {
        if self.claims.len() < 2 {
            return;
        }
        self.claims.sort_unstable_by_key(|claim| (claim.prefix, claim.assignment, claim.device));
        self.claims.dedup_by_key(|claim| claim.prefix);
        if self.claims.iter().any(|claim| !claim.prefix.is_host()) {
            let all = self.claims.clone();
            let is_inside = |claim: &Claim| {
                all.iter().any(|other| other.prefix != claim.prefix && other.prefix.contains(claim.prefix))
            };
            self.claims.retain(|claim| !is_inside(claim));
        }
    }
}

fn host_bits(network: Prefix, host: Prefix) -> Problem {
    let length = network.net().prefix_len();
    let message = format!("`{host}/{length}` has host bits set and is taken as the host `{host}`");
    let hint = format!("write `{host}`, or `{network}` if the whole network is meant");
    Problem::new(Code::HostBits, message).field("ipAddressList").value(&format!("{host}/{length}")).hint(hint)
}
