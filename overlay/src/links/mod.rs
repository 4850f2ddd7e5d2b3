//! What one host needs of a model: links, bridges, forwarding entries and filters, as values.
//!
//! [`wanted`] says what must be there, whoever observes a kernel says what is there in the same words, and [`diff`] gives
//! the operations in between. Nothing is numbered in order of appearance: names and numbers follow from what a thing is, so
//! that they stay when others come and go and are free again when it goes.
//!
//! A net is realised in one of two ways.
//!
//! **Bridged** (`direct`, `vlan`, `vxlan/mcast`, `vxlan/e2e`, `geneve/e2e`): a bridge with the local virts and a tunnel in
//! it. `geneve/e2e` has a tunnel for each remote host, which are isolated from each other, so that a frame never goes from
//! one host through another to a third; frames of unknown hosts are no tunnel's and are dropped by the kernel.
//!
//! **Routed by filters** (`vxlan/static`, `geneve`), where V is a local virt's interface, S a switch (a dummy link) for each
//! net, and T the one tunnel of its technology and port:
//!
//! ```text
//! V ingress   chain 0   rules; everything else: goto 1
//!             chain 1   limit; groups: goto 2; the rest: to S
//!             chain 2   a copy to every other local virt and through T to every remote host; then dropped
//! V egress    chain 0   rules; everything else: goto 1
//!             chain 1   limit
//! S ingress   chain 0   by destination: to the local V, or through T to the host that has it; unknown: dropped
//! T ingress   chain 0   by number and sending host: groups goto the net's chain, the rest goto its other; unknown: dropped
//!             net       a copy to every local V; then dropped
//!             net + 2²⁴ by destination: to the local V; unknown: dropped
//! ```
//!
//! A limit is a policer, or a queue: an HTB at V's root for what goes in, and at the root of an ifb Q for what comes out. What
//! Q lets go is received by V again, behind its filters. Where filters have to follow, it comes back with a VLAN tag, by which a
//! link R receives it without: R then has the chains 0 to 2 of V's ingress that are not rules and limit.
//!
//! What came through T never leaves through T: two hosts that each take the other for a virt's place make no loop.

mod baseline;
mod compare;
mod counters;
mod decide;
mod diff;
mod filter;
mod foreign;
mod found;
mod holds;
pub mod layout;
mod link;
mod operation;
mod plan;
mod queue;
mod realise;
mod render;
mod state;
mod status;

pub use baseline::{Baseline, InterfaceBefore};
pub use compare::{Difference, compare};
pub use counters::{Counters, LinkCount, QueueCount};
pub use decide::{Decision, decide};
pub use diff::diff;
pub use filter::{Filter, FilterAction, FilterKey, FilterMatch, POLICED_MTU, Side, TunnelMatch};
pub use foreign::{InTheWay, in_the_way};
pub use found::{Found, Other};
pub use holds::{Carrier, Holds, Takes, TunnelEnd};
pub use link::{Aggregates, Isolation, Link, LinkId, LinkKind, Membership};
pub use operation::Operation;
pub use plan::LinkPlan;
pub use queue::Queue;
pub use realise::{RealiseError, wanted, wanted_here};
pub use render::{command, json, script, table};
pub use state::{FloodEntry, LinkState, Refused};
pub use status::{Condition, LinkStatus, NetStatus, RuleStatus, UnknownStations, VirtStatus, WayStatus, statuses};
