//! What becomes of a service by its status and its customer's.

use std::collections::{BTreeMap, BTreeSet};

use pleach_graph::{Code, Problem};
use pleach_source::Suspended;

use super::Import;
use crate::list::List;
use crate::missing::counted;
use crate::records::{Customer, Service};
use crate::settings::{SplynxSettings, Treatment};

/// What becomes of a service, and why, where it is not what becomes of most.
pub(super) struct Standing {
    pub(super) treatment: Treatment,
    pub(super) reason: Option<String>,
}

/// Whether it is worth a problem what is wrong with a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    /// It is shaped, or should be.
    Due,
    /// It is left out: a service of years ago may name what was taken down since.
    None,
}

impl Standing {
    pub(super) fn concern(&self) -> Concern {
        if self.treatment == Treatment::LeaveOut { Concern::None } else { Concern::Due }
    }
}

/// Statuses that are not known, and whose they are.
#[derive(Default)]
pub(super) struct Unknown(BTreeMap<(List, String), BTreeSet<u64>>);

impl Unknown {
    pub(super) fn standing(
        &mut self,
        service: &Service,
        customer: Option<&Customer>,
        settings: &SplynxSettings,
    ) -> Standing {
        let own = of_service(&service.status, settings);
        let theirs = customer.map(|customer| (of_customer(&customer.status, settings), customer));
        if own.is_none() {
            self.add(List::Services, &service.status, service.id);
        }
        if let Some((None, customer)) = &theirs {
            self.add(List::Customers, &customer.status, customer.id);
        }
        let own = (own.unwrap_or(Treatment::Shape), "it is", "service_status", service.status.as_str());
        let theirs = theirs.map_or((Treatment::Shape, "", "", ""), |(treatment, customer)| {
            let treatment = treatment.unwrap_or(Treatment::Shape);
            (treatment, "its customer is", "customer_status", customer.status.as_str())
        });
        let (treatment, who, key, status) = if theirs.0 > own.0 { theirs } else { own };
        let reason = match treatment {
            Treatment::Shape => None,
            Treatment::LeaveOut => Some(format!("{who} `{status}`, and `{key}.{status}` says to leave it out")),
            Treatment::Suspend => Some(format!("{who} `{status}`, and {}", suspended(settings))),
        };
        Standing { treatment, reason }
    }

    fn add(&mut self, list: List, status: &str, id: u64) {
        self.0.entry((list, status.to_owned())).or_default().insert(id);
    }

    pub(super) fn report(self, import: &mut Import<'_>) {
        for ((list, status), ids) in self.0 {
            let message = format!(
                "{} {} the status `{status}`, which is not known; taken as `active`",
                counted(&ids, list.record()),
                if ids.len() == 1 { "has" } else { "have" },
            );
            let problem = Problem::new(Code::UnknownValue, message)
                .at(import.data.document(list), 0)
                .field("status")
                .value(&status)
                .hint("tell the makers of Pleach what it means; until then exclude what should not be shaped");
            import.network.report(problem);
        }
    }
}

fn suspended(settings: &SplynxSettings) -> &'static str {
    match settings.suspended {
        Suspended::None => "`suspended = \"none\"` leaves it its plan",
        Suspended::Slow => "`suspended = \"slow\"` gives it 0.1 Mbit/s",
        Suspended::Ignore => "`suspended = \"ignore\"` leaves it out",
        Suspended::Walled => "`suspended = \"walled\"` puts it into the walled garden",
    }
}

fn of_service(status: &str, settings: &SplynxSettings) -> Option<Treatment> {
    let policy = &settings.service_status;
    Some(match status {
        "active" => policy.active,
        "stopped" => policy.stopped,
        "disabled" => policy.disabled,
        "hidden" => policy.hidden,
        "pending" => policy.pending,
        _ => return None,
    })
}

fn of_customer(status: &str, settings: &SplynxSettings) -> Option<Treatment> {
    let policy = &settings.customer_status;
    Some(match status {
        "new" => policy.new,
        "active" => policy.active,
        "blocked" => policy.blocked,
        "disabled" => policy.disabled,
        _ => return None,
    })
}
