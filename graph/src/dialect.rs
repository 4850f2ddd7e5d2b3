//! The dialects of the two files: what each generation of readers takes.

use crate::rate::Rate;
use crate::view::VirtualNodes;

/// Which readers the files are written for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Dialect {
    /// 13 columns, whole Mbit/s.
    #[serde(rename = "libreqos-1.4")]
    LibreQos14,
    /// 13 columns and `sqm`: what LibreQoS 2.0 to 2.2 all read correctly.
    #[default]
    #[serde(rename = "libreqos-2.0")]
    LibreQos20,
    /// 16 columns, with the parent's id, and virtual nodes.
    #[serde(rename = "libreqos-2.2")]
    LibreQos22,
}

impl Dialect {
    /// Every dialect, oldest first.
    pub const ALL: [Self; 3] = [Self::LibreQos14, Self::LibreQos20, Self::LibreQos22];

    /// The name on the command line and in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LibreQos14 => "libreqos-1.4",
            Self::LibreQos20 => "libreqos-2.0",
            Self::LibreQos22 => "libreqos-2.2",
        }
    }

    /// Whether its readers know virtual nodes.
    pub const fn virtual_nodes(self) -> VirtualNodes {
        match self {
            Self::LibreQos14 | Self::LibreQos20 => VirtualNodes::Spliced,
            Self::LibreQos22 => VirtualNodes::Shown,
        }
    }

    /// The columns of `ShapedDevices.csv`, as its readers name them.
    pub(crate) fn columns(self) -> impl Iterator<Item = &'static str> {
        COLUMNS.into_iter().filter(move |column| match *column {
            "Parent Node ID" | "Anchor Node ID" => self.has_parent_ids(),
            "sqm" => self.has_sqm(),
            _ => true,
        })
    }

    pub(crate) const fn has_parent_ids(self) -> bool {
        matches!(self, Self::LibreQos22)
    }

    pub(crate) const fn has_sqm(self) -> bool {
        !matches!(self, Self::LibreQos14)
    }

    /// A circuit's minimum as this dialect writes it: 1.4 takes whole numbers from 1.
    pub(crate) fn minimum(self, rate: Rate) -> Rate {
        self.whole(rate, 1)
    }

    /// A circuit's maximum as this dialect writes it: 1.4 takes whole numbers from 2.
    pub(crate) fn maximum(self, rate: Rate) -> Rate {
        self.whole(rate, 2)
    }

    /// A node's ceiling as this dialect writes it: 1.4 cuts fractions off, and makes 0 of what is below 1.
    pub(crate) fn ceiling(self, rate: Rate) -> Rate {
        self.whole(rate, 1)
    }

    /// Whether a node's ceiling is written as another rate.
    pub fn rounds(self, ceiling: Rate) -> bool {
        self.ceiling(ceiling) != ceiling
    }

    fn whole(self, rate: Rate, least_mbit: u64) -> Rate {
        match self {
            Self::LibreQos14 => Rate::from_mbit(rate.bit().div_ceil(1_000_000).max(least_mbit)),
            Self::LibreQos20 | Self::LibreQos22 => rate,
        }
    }
}

/// The columns of 2.2. The older dialects leave some out, in the same order.
const COLUMNS: [&str; 16] = [
    "Circuit ID",
    "Circuit Name",
    "Device ID",
    "Device Name",
    "Parent Node",
    "Parent Node ID",
    "Anchor Node ID",
    "MAC",
    "IPv4",
    "IPv6",
    "Download Min Mbps",
    "Upload Min Mbps",
    "Download Max Mbps",
    "Upload Max Mbps",
    "Comment",
    "sqm",
];
