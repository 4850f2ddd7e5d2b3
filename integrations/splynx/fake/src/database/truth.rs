//! What a shaper should make of a database, known from how it was generated and not from reading it.

/// What is true of every service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// By id.
    pub services: Vec<ServiceTruth>,
}

/// What is true of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTruth {
    /// Its id.
    pub id: u64,
    /// Whether its own status is `active`.
    pub is_active: bool,
    /// What becomes of it where a blocked customer is slowed down, and whoever does not use a service is left out.
    pub fate: Fate,
    /// Down and up in kbit/s; none where the tariff states none.
    pub kbit: Option<(u64, u64)>,
    /// What it hangs from: `monitoring`, `sector` or `router`, and the id there.
    pub place: Option<(&'static str, u64)>,
    /// Its addresses, as they are written in a list of addresses, in no order.
    pub addresses: Vec<String>,
}

/// What becomes of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is shaped at its rate.
    Shaped,
    /// Its customer is blocked: it is shaped at 0.1 Mbit/s.
    Slow,
    /// It is left out for its status or its customer's.
    LeftOut,
    /// Nobody knows its address.
    NoAddress,
}

impl Truth {
    /// How many services have this fate.
    pub fn count(&self, fate: Fate) -> usize {
        self.services.iter().filter(|service| service.fate == fate).count()
    }
}
