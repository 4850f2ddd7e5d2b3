//! What database is generated.

/// What database is generated.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many internet services there are, of every status.
    pub services: u64,
    /// Equal seeds give equal databases.
    pub seed: u64,
    /// Whether ids, flags and nothing come in every type that live systems send, or as the documentation has them.
    pub types: Types,
    /// Whether the data is as clean as a demonstration's, or as years of work leave it.
    pub data: Data,
    /// Whether there are network sites.
    pub sites: Sites,
}

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Types {
    /// As documented: ids are numbers, flags are `true` and `false`.
    Documented,
    /// As seen: ids are numbers or texts, flags `"1"`, `1` or `true`, nothing is `0`, `"0"`, `""` or `null`.
    Mixed,
}

/// How clean the data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// Nothing is wrong with it.
    Clean,
    /// References lead nowhere, titles repeat, parents form a ring, sessions have no service, tariffs no speed, an old copy of
    /// a service has the address of the new one.
    Grown,
}

/// Whether there are network sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sites {
    /// Every monitored device stands at one.
    Present,
    /// There are none.
    Absent,
}

impl Default for Options {
    fn default() -> Self {
        Self { services: 500, seed: 1, types: Types::Mixed, data: Data::Grown, sites: Sites::Present }
    }
}
