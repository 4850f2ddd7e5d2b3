//! The addresses of a service, and how sure each is.
//!
//! What the service states comes first. A session fills what the service leaves empty, and changes nothing that it states. Where
//! an address changes (a pool gives it, or nobody does), what the service states is only what it had last, so the session's is
//! better. The address plan comes last.

use pleach_graph::{Aspect, Assignment, NodeIndex, Prefix, read_subscriber_address};

use super::Import;
use super::status::Concern;
use crate::list::List;
use crate::records::{Service, Session, Taking};

/// What the address plan has for a service.
#[derive(Clone, Copy, Default)]
pub(super) struct Planned<'p> {
    pub(super) ipv4: &'p [&'p str],
    pub(super) ipv6: &'p [&'p str],
}

/// One field of a service, and what else may fill it.
struct Wanted<'w> {
    field: &'static str,
    stated: &'w str,
    taking: Taking,
    of_session: fn(&Session) -> &str,
    planned: &'w [&'w str],
}

impl Import<'_> {
    /// Gives the device of a service its addresses.
    pub(super) fn add_addresses(
        &mut self,
        device: NodeIndex,
        service: &Service,
        sessions: &[&Session],
        planned: Planned<'_>,
        concern: Concern,
    ) {
        let wanted = [
            Wanted {
                field: "ipv4",
                stated: &service.ipv4,
                taking: service.taking_ipv4,
                of_session: |session| &session.ipv4,
                planned: planned.ipv4,
            },
            Wanted {
                field: "ipv6",
                stated: &service.ipv6,
                taking: service.taking_ipv6,
                of_session: |session| &session.ipv6,
                planned: &[],
            },
            Wanted {
                field: "ipv6_delegated",
                stated: &service.ipv6_delegated,
                taking: service.taking_ipv6,
                of_session: |session| &session.ipv6_prefix,
                planned: if is_stated(&service.ipv6) { &[] } else { planned.ipv6 },
            },
        ];
        for wanted in wanted {
            self.fill(device, &wanted, sessions, concern);
        }
        let route = Stated { list: List::Services, field: "ipv4_route", concern };
        self.claim(device, route, &service.ipv4_route, Assignment::Static);
    }

    fn fill(&mut self, device: NodeIndex, wanted: &Wanted<'_>, sessions: &[&Session], concern: Concern) {
        let Wanted { field, stated, taking, of_session, planned } = *wanted;
        let online: Vec<&str> =
            sessions.iter().map(|session| of_session(session)).filter(|text| is_stated(text)).collect();
        let at = |list| Stated { list, field, concern };
        if is_stated(stated) && taking == Taking::Permanent {
            self.claim(device, at(List::Services), stated, Assignment::Static);
        } else if !online.is_empty() {
            for text in online {
                self.claim(device, at(List::Online), text, Assignment::Session);
            }
            self.because(device, &format!("`{field}` is that of its session"));
        } else if is_stated(stated) {
            self.claim(device, at(List::Services), stated, Assignment::Dhcp);
            self.because(device, &format!("`{field}` is the one it had last: it changes, and it is not online"));
        } else if !planned.is_empty() {
            let list = if field == "ipv4" { List::Ipv4 } else { List::Ipv6 };
            for text in planned {
                self.claim(device, at(list), text, Assignment::Dhcp);
            }
            self.because(device, &format!("`{field}` is what the address plan has for it"));
        }
    }

    fn because(&mut self, device: NodeIndex, reason: &str) {
        self.network.edit(device).because(Aspect::Addresses, reason);
    }

    /// Claims each address of a list. What cannot be read is named, and does not keep the others.
    fn claim(&mut self, device: NodeIndex, stated: Stated, text: &str, assignment: Assignment) {
        for text in Prefix::split_list(text).filter(|text| !is_none(text)) {
            let (prefix, problem) = read_subscriber_address(text);
            let entry = self.network.edit(device);
            match prefix {
                Some(prefix) => drop(entry.prefix(prefix, assignment)),
                None => drop(entry.lost_address()),
            }
            if let Some(problem) = problem.filter(|_| stated.concern == Concern::Due) {
                let record = self.network.node(device).id.clone();
                let document = self.data.document(stated.list);
                self.network.report(problem.at(document, 0).field(stated.field).record(&record));
            }
        }
    }
}

/// Where addresses are stated.
#[derive(Clone, Copy)]
struct Stated {
    list: List,
    field: &'static str,
    concern: Concern,
}

/// Whether a list of addresses has one.
pub(super) fn is_stated(list: &str) -> bool {
    Prefix::split_list(list).any(|text| !is_none(text))
}

/// What Splynx writes where there is no address.
fn is_none(text: &str) -> bool {
    matches!(text, "0" | "0.0.0.0" | "::")
}
