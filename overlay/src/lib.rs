//! Virtual networks that span hosts: groups of subscribers, or a whole reseller's network, carried in tunnels.
//!
//! ```text
//!  TOML, lsctl ─► Change ─► Model ─► check ─► Checked ─► LinkState wanted ─┐
//!                          + origins  + problems                           ├─► diff ─► LinkPlan
//!                                                    LinkState observed ───┘
//! ```
//!
//! All hosts read the same [`Model`]: nets, the physes attached to them, the virts in them. What differs is which physes
//! are local. Everything here is a value; nothing reads a file, a clock or a kernel.
//!
//! The model and one of its languages are those of LSDN (2018).

mod change;
mod check;
mod counting;
mod limit;
pub mod links;
pub mod lsctl;
mod mac;
mod model;
mod mtu;
mod name;
mod native;
mod network_id;
mod origin;
mod rule;
mod technology;

pub use change::{Change, ChangeError};
pub use check::{Checked, Host, check};
pub use counting::Counting;
pub use limit::{Bytes, BytesError, Limit, LimitError, Policer, Shaper};
pub use mac::{Mac, MacError, MacRange};
pub use model::{Connection, Model, Net, Phys, Place, Virt, VirtKey};
pub use mtu::{Mtu, MtuError};
pub use name::{LONGEST_NAME, Name, NameError};
pub use native::{Reading, SyntaxError, read, to_json, to_toml};
pub use network_id::{NetworkId, NetworkIdError, VlanId, Vni};
pub use origin::{Origin, Origins, Subject};
pub use rule::{
    Direction, Match, MatchShape, Ports, PortsError, Priority, PriorityError, Protocol, ProtocolError, Rule, RuleAction,
};
pub use technology::{
    Df, DfError, Family, MulticastGroup, MulticastGroupError, Technology, UdpPort, UdpPortError, UdpTunnel,
};
