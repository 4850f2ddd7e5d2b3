//! Where a service stands: its access device, else its sector, else its router, else the router that its session is on.
//!
//! What comes next counts where the first is not stated or not listed. Where nothing is, the service hangs from the orphans, or
//! from the top of a network that has nothing else.

use pleach_graph::NodeIndex;

use super::Import;
use crate::list::List;
use crate::records::{Service, Session};

/// Where a service stands, and why.
pub(super) struct Place {
    pub(super) node: NodeIndex,
    pub(super) reason: String,
}

impl Import<'_> {
    pub(super) fn place(&mut self, service: &Service, sessions: &[&Session]) -> Option<Place> {
        let on_router = sessions.iter().filter_map(|session| session.router);
        let on_router = on_router.into_iter().find(|router| self.nodes.contains_key(&(List::Routers, *router)));
        let steps = [
            ("access_device", List::Monitoring, service.access_device, "access device"),
            ("sector_id", List::Sectors, service.sector, "sector"),
            ("router_id", List::Routers, service.router, "router"),
            ("nas_id", List::Routers, on_router, "session is on the router"),
        ];
        let mut passed: Vec<String> = Vec::new();
        for (field, list, number, what) in steps {
            let Some(number) = number else {
                passed.push(format!("no {what}"));
                continue;
            };
            let Some(&node) = self.nodes.get(&(list, number)) else {
                let then = "what comes next in precedence counts";
                self.missing.add((List::Services, service.id), field, (list, number), then);
                passed.push(format!("the {what} `{number}` that is not listed"));
                continue;
            };
            let name = &self.network.node(node).name;
            let reason = match (field, passed.len()) {
                ("nas_id", _) => format!("its session is on the router `{name}`; it has {}", and(&passed)),
                (_, 0) => format!("its {what} is `{name}`"),
                _ => format!("its {what} is `{name}`; it has {}", and(&passed)),
            };
            return Some(Place { node, reason });
        }
        None
    }
}

/// `no access device, no sector and the router `7` that is not listed`.
fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
