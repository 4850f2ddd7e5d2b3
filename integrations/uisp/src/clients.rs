//! Customers: each client site becomes a circuit, with its devices and their addresses.

use std::collections::BTreeMap;

use pleach_graph::{
    Aspect, Code, GraphBuilder, NodeIndex, Origin, Prefix, PrefixSet, Problem, SharedClient, SharedService,
};
use pleach_source::walled_garden;

use crate::addresses;
use crate::attach::Attachment;
use crate::client_addresses::{Claim, ClientAddresses, of_client};
use crate::customer_port;
use crate::import::{Context, Document, Nodes};
use crate::links::End;
use crate::names::names;
use crate::plan::{Place, Plan, ServicePlan, plan};
use crate::services::Bound;
use crate::shared::Shared;
use crate::tables::node_id;

/// The customers while they are added.
pub(crate) struct Clients<'c, 'b> {
    context: &'c Context<'c>,
    builder: &'b mut GraphBuilder,
    nodes: &'b mut Nodes,
    bound: &'c Bound,
    never_shaped: PrefixSet,
    /// By prefix of the built-in list: how many addresses of customers lie inside it.
    filtered: BTreeMap<Prefix, usize>,
}

impl<'c, 'b> Clients<'c, 'b> {
    pub(crate) fn new(
        context: &'c Context<'c>,
        nodes: &'b mut Nodes,
        bound: &'c Bound,
        builder: &'b mut GraphBuilder,
    ) -> Self {
        Self { context, builder, nodes, bound, never_shaped: addresses::never_shaped(), filtered: BTreeMap::new() }
    }

    /// Adds them, by id. `attachments` says by site where each is.
    pub(crate) fn add(mut self, attachments: &[Option<Attachment>]) {
        let all = &self.context.decoded.sites;
        let mut clients: Vec<usize> = (0..all.all.len()).filter(|&site| self.context.owners.is_client(site)).collect();
        clients.sort_unstable_by(|&a, &b| all[a].id.cmp(&all[b].id));
        let names = names(self.context.decoded, self.context.owners);
        let shared = Shared::find(self.context, &clients, &self.never_shaped);
        self.builder.reserve(2 * clients.len());
        let mut places = Vec::with_capacity(clients.len());
        for &site in &clients {
            let name = names.get(&site).map_or(all[site].name.as_str(), String::as_str);
            places.push(self.client(site, name, &shared));
        }
        let walled_garden = places.contains(&Place::WalledGarden).then(|| {
            let id = self.context.tables.generated.id("walled-garden");
            walled_garden(self.builder, id, self.context.settings.walled)
        });
        for (&site, place) in clients.iter().zip(places) {
            match walled_garden.filter(|_| place == Place::WalledGarden) {
                Some(garden) => drop(self.builder.edit(self.node(site)).under(garden)),
                None => self.place(site, attachments[site].as_ref()),
            }
        }
        self.report_filtered();
    }

    fn origin(document: Document<'_>) -> Origin {
        Origin { document: document.number, line: 0 } // a position in the list would tell equal lists apart
    }

    fn node(&self, site: usize) -> NodeIndex {
        self.nodes.sites[site].expect("invariant: every client was added")
    }

    /// Adds a customer with its devices, and says where its circuit goes.
    fn client(&mut self, site: usize, name: &str, shared: &Shared) -> Place {
        let context = self.context;
        let record = &context.decoded.sites[site];
        let mut plan = plan(record, site, self.bound, context.decoded.services.as_ref(), context.settings);
        let devices = context.owners.devices_at(site).map(|device| &context.decoded.devices[device]);
        let called = if name.is_empty() { record.called() } else { name.into() };
        let mut problems = plan_problems(&plan, &called);
        if let Some(port) = customer_port::port(devices) {
            for service in &mut plan.several {
                let _ = customer_port::compare(&mut service.plan, port, &called, context.settings); // said of the client
            }
            problems.extend(customer_port::compare(&mut plan, port, &called, context.settings));
        }
        let mut found = of_client(context, site, shared, &self.never_shaped);
        problems.append(&mut found.problems);
        self.add_client(site, name, &plan, &found);
        self.add_devices(site, &found);
        self.share(site, &called, &mut plan);
        for problem in problems {
            let problem = problem.at(context.documents.sites.name, 0).record(&self.builder.node(self.node(site)).id);
            self.builder.report(problem);
        }
        for listed in found.filtered {
            *self.filtered.entry(listed).or_default() += 1;
        }
        plan.place
    }

    fn add_client(&mut self, site: usize, name: &str, plan: &Plan, found: &ClientAddresses) {
        let id = node_id(&self.context.tables.clients, &self.context.decoded.sites[site].id);
        let origin = Self::origin(self.context.documents.sites);
        let mut entry = self.builder.client(id, name).plan_rates(plan.down, plan.up).origin(origin);
        self.nodes.sites[site] = Some(entry.index());
        for reason in &plan.rates {
            entry = entry.because(Aspect::Rates, reason);
        }
        for reason in &found.reasons {
            entry = entry.because(Aspect::Addresses, reason);
        }
        if let Some(status) = &plan.status {
            entry = entry.because(Aspect::Status, status);
        }
        if let Place::LeftOut(rule) = plan.place {
            entry = entry.leave_out(rule);
        }
        if found.has_lost {
            let _ = entry.lost_address();
        }
    }

    /// Says that several services share the customer's addresses.
    fn share(&mut self, site: usize, called: &str, plan: &mut Plan) {
        if plan.several.is_empty() {
            return;
        }
        let tables = &self.context.tables;
        let service = |ServicePlan { id, name, described, plan }| SharedService {
            id: node_id(&tables.services, &id),
            name,
            described,
            down: plan.down,
            up: plan.up,
            reasons: plan.rates.into_iter().map(String::from).collect(),
        };
        self.builder.shared_client(SharedClient {
            client: node_id(&tables.clients, &self.context.decoded.sites[site].id),
            name: called.into(),
            services: std::mem::take(&mut plan.several).into_iter().map(service).collect(),
            document: self.context.documents.sites.name.into(),
            hint: "give each service a client site of its own in UISP",
        });
    }

    /// Adds a customer's devices, and one for the addresses that only its site lists.
    fn add_devices(&mut self, site: usize, found: &ClientAddresses) {
        let (client, origin) = (self.node(site), Self::origin(self.context.documents.devices));
        let mut claims = found.claims.clone();
        claims.sort_by_key(|claim| claim.device);
        let of = |place: Option<usize>| {
            let from = claims.partition_point(|claim: &Claim| claim.device < place);
            claims[from..].iter().take_while(move |claim| claim.device == place)
        };
        for (place, device) in self.context.owners.devices_at(site).enumerate() {
            let record = &self.context.decoded.devices[device];
            let id = node_id(&self.context.tables.devices, &record.id);
            let mut entry = self.builder.device(id, &record.name).under(client).mac(&record.mac).origin(origin);
            for claim in of(Some(place)) {
                entry = entry.prefix(claim.prefix, claim.assignment);
            }
            self.nodes.devices[device] = Some(entry.index());
        }
        if of(None).next().is_some() {
            let record = &self.context.decoded.sites[site];
            let id = node_id(&self.context.tables.site_addresses, &record.id);
            let mut entry = self.builder.device(id, &record.name).under(client).origin(origin);
            for claim in of(None) {
                entry = entry.prefix(claim.prefix, claim.assignment);
            }
        }
    }

    /// Hangs a customer from its access point, else from its site in UISP, else from nothing that is known.
    fn place(&mut self, site: usize, attachment: Option<&Attachment>) {
        let node = self.node(site);
        let attached = attachment.and_then(|attachment| {
            let above = match attachment.to {
                End::Device(device) => self.nodes.devices[device],
                End::Site(site) => self.nodes.sites[site],
            };
            Some((above?, attachment.reason.as_str()))
        });
        let record = &self.context.decoded.sites[site];
        if let Some((above, reason)) = attached {
            let _ = self.builder.edit(node).under(above).because(Aspect::Parent, reason);
        } else if let Some(parent) = &record.parent {
            let reason = "its parent in UISP; nothing says which access point it is attached to";
            let known = self.context.decoded.sites.find(parent).and_then(|parent| self.nodes.sites[parent]);
            let entry = self.builder.edit(node).because(Aspect::Parent, reason);
            let _ = match known {
                Some(above) => entry.under(above),
                None => entry.parent(node_id(&self.context.tables.sites, parent)),
            };
        } else {
            let client = self.builder.node(node);
            let message = format!("client `{}` has neither an access point nor a parent in UISP", client.name);
            let problem = Problem::new(Code::UnknownParent, message)
                .at(self.context.documents.sites.name, 0)
                .record(&client.id)
                .hint("assign the client to its site in UISP, or see why its radio is not there");
            self.builder.report(problem);
            let _ = self.builder.edit(node).unplaced();
        }
    }

    /// One note for each prefix of the built-in list: the same address on every radio is one thing to know.
    fn report_filtered(&mut self) {
        for (listed, count) in std::mem::take(&mut self.filtered) {
            let many = if count == 1 { "1 address" } else { &format!("{count} addresses") };
            let message =
                format!("{many} of customers' devices inside `{listed}`, which is never shaped, are left out");
            let problem = Problem::new(Code::IgnoredAddress, message).at(self.context.documents.devices.name, 0);
            self.builder.report(problem.value(&listed.to_string()));
        }
    }
}

/// What is to be said of a plan.
fn plan_problems(plan: &Plan, name: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if plan.is_default {
        let message = format!("client `{name}` has no plan in UISP; the `default_plan` of the source is used");
        problems.push(Problem::new(Code::BlankRate, message).hint("give the client its plan in UISP"));
    }
    problems
}
