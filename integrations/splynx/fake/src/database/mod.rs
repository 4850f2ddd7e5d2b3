//! The generated database: rows of every table as the API answers with them, and what a shaper should make of them.

mod addresses;
mod customer;
mod hardware;
mod names;
mod router;
mod service;
mod session;
mod tariff;
mod truth;
mod wire;

use serde_json::Value;

use crate::options::Options;

pub use truth::{Fate, ServiceTruth, Truth};

/// A list of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the path of each says what it is")]
pub enum Table {
    Tariffs,
    Customers,
    Services,
    Online,
    Routers,
    Sectors,
    Monitoring,
    NetworkSites,
    Ipv4,
    Ipv6,
}

impl Table {
    /// Every list.
    pub const ALL: [Self; 10] = [
        Self::Tariffs,
        Self::Customers,
        Self::Services,
        Self::Online,
        Self::Routers,
        Self::Sectors,
        Self::Monitoring,
        Self::NetworkSites,
        Self::Ipv4,
        Self::Ipv6,
    ];

    /// Its path below `/api/2.0/admin/`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Tariffs => "tariffs/internet",
            Self::Customers => "customers/customer",
            Self::Services => "customers/customer/0/internet-services",
            Self::Online => "customers/customers-online",
            Self::Routers => "networking/routers",
            Self::Sectors => "networking/routers-sectors",
            Self::Monitoring => "networking/monitoring",
            Self::NetworkSites => "networking/network-sites",
            Self::Ipv4 => "networking/ipv4-ip",
            Self::Ipv6 => "networking/ipv6-ip",
        }
    }
}

/// A row as it is answered.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id.
    pub id: u64,
    /// Its JSON.
    pub json: String,
}

/// The rows of every table, each table by id, and what is true of them.
#[derive(Clone, Debug)]
pub struct Database {
    tables: [Vec<Row>; Table::ALL.len()],
    truth: Truth,
}

impl Database {
    /// Generates one. Equal options give equal databases.
    pub fn generate(options: &Options) -> Self {
        let plan = hardware::Plan::new(options);
        let mut database = Self { tables: Default::default(), truth: Truth::default() };
        for tariff in tariff::all(options) {
            database.add(Table::Tariffs, tariff.id, &tariff.row(options));
        }
        for id in 1..=customer::count(options) {
            database.add(Table::Customers, id, &customer::row(options, id));
        }
        plan.rows(options, |table, id, row| database.add(table, id, &row));
        let mut ids = session::Ids::default();
        for id in 1..=options.services {
            let service = service::Service::draw(options, &plan, id);
            database.add(Table::Services, id, &service.row(options));
            for (table, id, row) in service.sessions(options, &mut ids) {
                database.add(table, id, &row);
            }
            database.truth.services.push(service.truth(options));
        }
        for (id, row) in session::strays(options, &mut ids) {
            database.add(Table::Online, id, &row);
        }
        database
    }

    fn add(&mut self, table: Table, id: u64, row: &Value) {
        self.rows_mut(table).push(Row { id, json: row.to_string() });
    }

    /// The rows of a table, by id.
    pub fn rows(&self, table: Table) -> &[Row] {
        &self.tables[table as usize]
    }

    /// The rows of a table, to be changed: they have to stay in the order of their ids.
    pub fn rows_mut(&mut self, table: Table) -> &mut Vec<Row> {
        &mut self.tables[table as usize]
    }

    /// What is true of it.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::options::Data;

    #[test]
    fn equal_options_give_equal_databases() {
        let text = |options: &Options| format!("{:?}", Database::generate(options));
        let options = Options { services: 50, ..Options::default() };
        assert_eq!(text(&options), text(&options));
        assert_ne!(text(&options), text(&Options { seed: 2, ..options }));
    }

    #[test]
    fn rows_stand_by_id_and_ids_of_tables_clash() {
        let database = Database::generate(&Options { services: 300, ..Options::default() });
        for table in Table::ALL {
            let ids: Vec<u64> = database.rows(table).iter().map(|row| row.id).collect();
            assert!(ids.is_sorted_by(|a, b| a < b), "{table:?}");
        }
        let has = |table, id| database.rows(table).iter().any(|row| row.id == id);
        assert!([Table::Services, Table::Monitoring, Table::Customers].into_iter().all(|table| has(table, 11)));
    }

    #[test]
    fn addresses_are_shared_with_old_copies_only() {
        for data in [Data::Clean, Data::Grown] {
            let database = Database::generate(&Options { services: 5000, data, ..Options::default() });
            let in_use = database.truth().services.iter().filter(|service| service.fate != Fate::LeftOut);
            let addresses: Vec<&String> = in_use.flat_map(|service| &service.addresses).collect();
            assert_eq!(addresses.iter().collect::<BTreeSet<_>>().len(), addresses.len(), "{data:?}");
            let named = database.truth().count(Fate::NoAddress);
            assert!((1..50).contains(&named), "{named} of 5 000 without an address");
        }
    }
}
