//! What the server answers with: every record as bytes, before the first request comes.

use serde_json::Value;

use crate::chance::Chance;
use crate::json::{Scene, organizations, service_plans};
use crate::network::Network;
use crate::options::Billing;
use crate::records::{Records, RecordsBuilder, Tail};

/// The lists of a UISP, ready to be sent. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Bodies {
    lists: [Records; List::ALL.len()],
    billing: Billing,
}

/// A list of a UISP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Sites, client sites among them.
    Sites,
    /// Devices, with their interfaces.
    Devices,
    /// Data links.
    DataLinks,
    /// The CRM's organizations.
    Organizations,
    /// The CRM's clients.
    Clients,
    /// The CRM's services.
    Services,
    /// The CRM's plans.
    ServicePlans,
}

impl List {
    /// Every list.
    pub const ALL: [Self; 7] = [
        Self::Sites,
        Self::Devices,
        Self::DataLinks,
        Self::Organizations,
        Self::Clients,
        Self::Services,
        Self::ServicePlans,
    ];

    fn tail(self) -> Option<Tail> {
        match self {
            Self::Sites => Some(Tail { field: "ucrm", instead: Some("null") }),
            Self::Devices => Some(Tail { field: "interfaces", instead: None }),
            _ => None,
        }
    }
}

impl Bodies {
    /// What a UISP answers that knows this network, with the quirks of its options.
    pub fn prepare(network: &Network) -> Self {
        let scene = Scene::new(network);
        let sites = (0..network.sites.len()).flat_map(|number| {
            let (site, copy) = scene.told_site(number);
            [site].into_iter().chain(copy)
        });
        let devices = (0..network.devices.len()).flat_map(|number| {
            let (device, copies) = scene.told_device(number);
            [device].into_iter().chain(copies)
        });
        let links = (0..network.links.len()).map(|number| scene.told_link(number));
        let bodies = Self::empty(network.options.billing)
            .with(List::Sites, sites.chain(scene.odd_site()))
            .with(List::Devices, devices.chain(scene.homeless_devices()))
            .with(List::DataLinks, links.chain(scene.odd_link()));
        match network.options.billing {
            Billing::None => bodies,
            Billing::Crm => bodies
                .with(List::Organizations, organizations())
                .with(List::ServicePlans, service_plans())
                .with(List::Clients, (0..network.clients.len()).filter_map(|client| scene.account(client)))
                .with(List::Services, (0..network.clients.len()).flat_map(|client| scene.told_services(client))),
        }
    }

    /// What a UISP answers that knows nothing yet: [`Bodies::push`] makes a network by hand.
    pub fn empty(billing: Billing) -> Self {
        Self { lists: List::ALL.map(|list| Records::from_values(list.tail(), [])), billing }
    }

    /// How many records a list has.
    pub fn count(&self, list: List) -> usize {
        self.records(list).len()
    }

    /// How many bytes a list is on the line, whole.
    pub fn size(&self, list: List) -> usize {
        self.records(list).whole().len()
    }

    /// The records of a list.
    pub fn values(&self, list: List) -> impl Iterator<Item = Value> + '_ {
        self.records(list).values()
    }

    /// Adds a record at the end of a list.
    pub fn push(&mut self, list: List, record: Value) {
        let values: Vec<_> = self.values(list).chain([record]).collect();
        self.replace(list, values);
    }

    /// Lets `change` change each record of a list, and drops those of which it says `false`.
    pub fn retain(&mut self, list: List, mut change: impl FnMut(&mut Value) -> bool) {
        let mut builder = RecordsBuilder::new(list.tail());
        for mut record in self.records(list).values() {
            if change(&mut record) {
                builder.push(record);
            }
        }
        self.lists[list as usize] = builder.finish();
    }

    /// The same records with every array in another order: the lists, and the arrays in records.
    #[must_use]
    pub fn shuffled(&self, seed: u64) -> Self {
        let mut shuffled = self.clone();
        for list in List::ALL {
            let mut chance = Chance::of(seed, "shuffle", list as usize);
            let mut values: Vec<_> = self.values(list).collect();
            for value in &mut values {
                shuffle_within(value, &mut chance);
            }
            chance.shuffle(&mut values);
            shuffled.replace(list, values);
        }
        shuffled
    }

    pub(crate) fn records(&self, list: List) -> &Records {
        &self.lists[list as usize]
    }

    pub(crate) fn billing(&self) -> Billing {
        self.billing
    }

    fn with(mut self, list: List, values: impl IntoIterator<Item = Value>) -> Self {
        self.replace(list, values);
        self
    }

    fn replace(&mut self, list: List, values: impl IntoIterator<Item = Value>) {
        self.lists[list as usize] = Records::from_values(list.tail(), values);
    }
}

/// Records are a few levels deep, as they are generated here or written in a test.
fn shuffle_within(value: &mut Value, chance: &mut Chance) {
    match value {
        Value::Array(items) => {
            for item in items.iter_mut() {
                shuffle_within(item, chance);
            }
            chance.shuffle(items);
        }
        Value::Object(fields) => fields.values_mut().for_each(|field| shuffle_within(field, chance)),
        _ => {}
    }
}
