//! What network is generated, and how much of it answers tell.

use std::fmt;
use std::str::FromStr;

use crate::quirk::Quirks;

/// What network is generated, and how much of it answers tell.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many client sites there are; at most a million.
    pub clients: usize,
    /// Equal seeds give equal networks.
    pub seed: u64,
    /// How long records are.
    pub size: Size,
    /// Whether there is a billing side.
    pub billing: Billing,
    /// What is odd about the answers.
    pub quirks: Quirks,
}

impl Default for Options {
    fn default() -> Self {
        Self { clients: 500, seed: 1, size: Size::Faithful, billing: Billing::None, quirks: Quirks::NONE }
    }
}

/// How long records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// About 0.7 KB a device: the fields that an importer needs.
    Small,
    /// 3 to 5 KB a device: the fields that UISP answers with.
    Faithful,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "small" => Ok(Self::Small),
            "faithful" => Ok(Self::Faithful),
            other => Err(format!("`{other}` is no size; there are `small` and `faithful`")),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Small => "small",
            Self::Faithful => "faithful",
        })
    }
}

/// Whether a UISP has a billing side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Billing {
    /// No CRM: its paths do not exist, and `ucrm` is `null` in every site.
    None,
    /// A CRM with clients, services and plans, bound to the client sites.
    Crm,
}
