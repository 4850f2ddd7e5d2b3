//! Overrides: what the operator says of single nodes and links, whatever the sources state.
//!
//! They are kept in one TOML file that Pleach reads and never writes; `docs/overrides.md` describes it. [`parse`] reads the
//! text, [`Overrides::apply`] puts it over what all sources have stated, each entry only as long as it is in force.
//!
//! ```
//! use pleach_graph::{NetworkGraph, Rate, Table, overrides};
//!
//! let text = r#"
//!     [[override]]
//!     id = "crm:client:1001"
//!     max = { down = 200 }
//!     expires = 2026-12-31
//!     note = "double speed until the fibre is repaired"
//! "#;
//! let overrides = overrides::parse(text, "overrides.toml")?;
//!
//! let clients = Table::new("crm", "client")?;
//! let mut network = NetworkGraph::builder();
//! network.client(clients.id("1001"), "The Doe Family").plan(Rate::from_mbit(100), Rate::from_mbit(20));
//! overrides.apply(&mut network, "2026-12-31T23:59:59Z".parse()?);
//! let (network, problems) = network.build();
//!
//! let plan = network.find(&clients.id("1001")).and_then(|node| network.node(node).client()).map(|client| client.plan);
//! assert_eq!(plan.and_then(|plan| plan.down.max), Some(Rate::from_mbit(200)));
//! assert_eq!(plan.and_then(|plan| plan.up.max), Some(Rate::from_mbit(20)));
//! assert!(problems.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apply;
mod entry;
mod expiry;
mod link_change;
mod links;
mod parse;
mod report;
mod setting;
mod split;

pub use apply::Applied;
pub use entry::{InForce, Override, Overrides, Subject};
pub use expiry::Expiry;
pub use parse::{OverridesError, parse};
pub use setting::Setting;
