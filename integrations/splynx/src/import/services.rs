//! Services: a circuit each, with the device that its addresses belong to.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};
use pleach_graph::{Aspect, Code, NodeIndex, Origin, Problem, Rule};
use pleach_source::{Suspended, walled_garden};

use super::Import;
use super::addresses::{Planned, is_stated};
use super::plan::TariffPlan;
use super::status::{Concern, Standing, Unknown};
use crate::list::List;
use crate::missing::counted;
use crate::records::{Customer, Service, Session};
use crate::settings::Treatment;

/// Addresses by the number of a customer or service.
type ByNumber<'k> = HashMap<u64, Vec<&'k str>>;

/// What is known of services besides their own records.
struct Known<'k> {
    plans: HashMap<u64, TariffPlan>,
    sessions: HashMap<u64, Vec<&'k Session>>,
    planned_ipv4: ByNumber<'k>,
    planned_ipv6: ByNumber<'k>,
    standings: Vec<Standing>,
    /// Services of a customer that are in use and that nothing but the address plan can give an IPv4 address.
    lacking: HashMap<u64, u32>,
    origin: Origin,
    walled_garden: Option<NodeIndex>,
}

impl<'i> Import<'i> {
    pub(super) fn add_services(&mut self) {
        let data = self.data;
        self.network.reserve(data.services.all().len() * 2);
        let known = self.known();
        let mut nowhere = BTreeSet::new();
        for (service, standing) in data.services.all().iter().zip(&known.standings) {
            self.add_service(service, standing, &known, &mut nowhere);
        }
        let left_out = data.services.all().iter().zip(&known.standings);
        let left_out = left_out.filter(|(_, standing)| standing.concern() == Concern::None);
        let left_out: HashSet<u64> = left_out.map(|(service, _)| service.id).collect();
        self.missing.forget(List::Services, |service| left_out.contains(&service));
        self.report_nowhere(&nowhere);
    }

    fn known(&mut self) -> Known<'i> {
        let data = self.data;
        let plans = self.tariff_plans();
        let origin = self.origin(List::Services);
        let mut sessions: HashMap<u64, Vec<&Session>> = HashMap::with_capacity(data.sessions.all().len());
        for session in data.sessions.all() {
            let Some(service) = session.service else { continue }; // a voucher's
            if data.services.get(service).is_some() {
                sessions.entry(service).or_default().push(session);
            } else {
                let wanted = (List::Services, service);
                self.missing.add((List::Online, session.id), "service_id", wanted, "the session is not used");
            }
        }
        let mut unknown = Unknown::default();
        let customer = |service: &Service| data.customers.get(service.customer?);
        let standing = |service: &Service| unknown.standing(service, customer(service), self.settings);
        let standings: Vec<Standing> = data.services.all().iter().map(standing).collect();
        unknown.report(self);
        let (planned_ipv4, planned_ipv6) = self.planned();
        let mut lacking: HashMap<u64, u32> = HashMap::new();
        for (service, standing) in data.services.all().iter().zip(&standings) {
            if standing.concern() == Concern::Due && lacks_ipv4(service, sessions.get(&service.id)) {
                *lacking.entry(service.customer.unwrap_or_default()).or_default() += 1;
            }
        }
        let suspends = standings.iter().any(|standing| standing.treatment == Treatment::Suspend);
        let walled_garden = (suspends && self.settings.suspended == Suspended::Walled)
            .then(|| walled_garden(self.network, self.tables.walled_garden(), self.settings.walled));
        Known { plans, sessions, planned_ipv4, planned_ipv6, standings, lacking, origin, walled_garden }
    }

    /// The address plan: IPv4 addresses by customer, without those that a service or session states; IPv6 networks by service.
    fn planned(&self) -> (ByNumber<'i>, ByNumber<'i>) {
        let data = self.data;
        let (mut ipv4, mut ipv6) = (ByNumber::new(), ByNumber::new());
        if data.ipv4.all().iter().any(|listed| listed.customer.is_some()) {
            let of_services = data.services.all().iter().map(|service| service.ipv4.as_str());
            let of_sessions = data.sessions.all().iter().map(|session| session.ipv4.as_str());
            let stated: HashSet<&str> = of_services.chain(of_sessions).collect();
            for listed in data.ipv4.all().iter().filter(|listed| !stated.contains(listed.address.as_str())) {
                if let Some(customer) = listed.customer {
                    ipv4.entry(customer).or_default().push(&listed.address);
                }
            }
        }
        for listed in data.ipv6.all() {
            if let Some(service) = listed.service {
                ipv6.entry(service).or_default().push(&listed.network);
            }
        }
        (ipv4, ipv6)
    }

    fn add_service(&mut self, service: &Service, standing: &Standing, known: &Known<'_>, nowhere: &mut BTreeSet<u64>) {
        let data = self.data;
        let customer = service.customer.and_then(|number| data.customers.get(number));
        self.note_missing(service, customer, known);
        let plan = service.tariff.and_then(|number| known.plans.get(&number));
        let sessions = known.sessions.get(&service.id).map_or(&[][..], Vec::as_slice);
        let client = self.add_client(service, customer, plan, known.origin);
        if standing.treatment == Treatment::Suspend && self.settings.suspended == Suspended::Walled {
            let garden = known.walled_garden.expect("invariant: it is there if anybody is suspended");
            self.network.edit(client).under(garden).because(Aspect::Parent, "it is in the walled garden");
        } else {
            match self.place(service, sessions) {
                Some(place) => drop(self.network.edit(client).under(place.node).because(Aspect::Parent, &place.reason)),
                None if self.nodes.is_empty() || standing.concern() == Concern::None => {} // it hangs from the top
                None => {
                    self.network.edit(client).unplaced();
                    nowhere.insert(service.id);
                }
            }
        }
        self.apply_standing(client, standing);
        let device = self.add_device(client, service, sessions, known.origin);
        self.add_addresses(device, service, sessions, known.planned_for(service), standing.concern());
    }

    fn add_client(
        &mut self,
        service: &Service,
        customer: Option<&Customer>,
        plan: Option<&TariffPlan>,
        origin: Origin,
    ) -> NodeIndex {
        let name = customer.map_or(service.login.as_str(), |customer| customer.name.as_str());
        let id = self.tables.id(List::Services, service.id);
        let mut entry = self.network.client(id, name).origin(origin);
        if let Some(plan) = plan {
            entry = entry.plan_rates(plan.down, plan.up).because(Aspect::Rates, &plan.reason);
        }
        entry.index()
    }

    fn apply_standing(&mut self, client: NodeIndex, standing: &Standing) {
        let mut entry = self.network.edit(client);
        if let Some(reason) = &standing.reason {
            entry = entry.because(Aspect::Status, reason);
        }
        match (standing.treatment, self.settings.suspended) {
            (Treatment::Shape, _) | (Treatment::Suspend, Suspended::None) => {}
            (Treatment::LeaveOut, _) => drop(entry.leave_out(Rule::NotInService)),
            (Treatment::Suspend, Suspended::Ignore) => drop(entry.leave_out(Rule::Suspended)),
            (Treatment::Suspend, suspended) => {
                if let Some((down, up)) = suspended.plan(self.settings.walled) {
                    entry.plan_rates(down, up);
                }
            }
        }
    }

    fn add_device(&mut self, client: NodeIndex, service: &Service, sessions: &[&Session], origin: Origin) -> NodeIndex {
        let name = [&service.login, &service.description].into_iter().find(|text| !text.is_empty());
        let name = name.map_or_else(|| format!("service {}", service.id), ToString::to_string);
        let of_session = sessions.iter().map(|session| session.mac.as_str()).find(|mac| !mac.is_empty());
        let mac = if service.mac.is_empty() { of_session.unwrap_or_default() } else { &service.mac };
        let id = self.tables.device(service.id);
        self.network.device(id, &name).under(client).mac(mac).origin(origin).index()
    }

    fn note_missing(&mut self, service: &Service, customer: Option<&Customer>, known: &Known<'_>) {
        let by = (List::Services, service.id);
        if let (Some(number), None) = (service.customer, customer) {
            let then = "the login stands for the name, and no status of the customer counts";
            self.missing.add(by, "customer_id", (List::Customers, number), then);
        }
        if let Some(number) = service.tariff.filter(|number| !known.plans.contains_key(number)) {
            self.missing.add(by, "tariff_id", (List::Tariffs, number), "the default plan is used");
        }
    }

    fn report_nowhere(&mut self, nowhere: &BTreeSet<u64>) {
        if nowhere.is_empty() {
            return;
        }
        let message = format!(
            "{} {} no access device, sector or router that is listed, and no session on one; {} from the node `Orphans`",
            counted(nowhere, "service"),
            if nowhere.len() == 1 { "has" } else { "have" },
            if nowhere.len() == 1 { "it hangs" } else { "they hang" },
        );
        let problem = Problem::new(Code::NoParent, message)
            .at(self.data.document(List::Services), 0)
            .hint("choose an access device or a router in the service");
        self.network.report(problem);
    }
}

impl Known<'_> {
    /// What the address plan has for a service: where a customer has several services without an address, nobody knows whose
    /// the customer's addresses are.
    fn planned_for(&self, service: &Service) -> Planned<'_> {
        let customer = service.customer.unwrap_or_default();
        let is_only_one =
            self.lacking.get(&customer) == Some(&1) && lacks_ipv4(service, self.sessions.get(&service.id));
        let ipv4 = self.planned_ipv4.get(&customer).filter(|_| is_only_one);
        let ipv6 = self.planned_ipv6.get(&service.id);
        Planned { ipv4: ipv4.map_or(&[], Vec::as_slice), ipv6: ipv6.map_or(&[], Vec::as_slice) }
    }
}

fn lacks_ipv4(service: &Service, sessions: Option<&Vec<&Session>>) -> bool {
    !is_stated(&service.ipv4)
        && !sessions.is_some_and(|sessions| sessions.iter().any(|session| is_stated(&session.ipv4)))
}
