//! Real packets through a real shaper: three network namespaces in a row, the built binary in the middle one.
//!
//! ```text
//! subscribers ── lan [ shaper: a bridge ] wan ── internet
//! ```
//!
//! What is claimed of a kernel is shown on this host's kernel, and on one with CAKE and `fq_codel` in the VM. Needs root for
//! the namespaces; a run that is not root says so and tests nothing.

mod accuracy;
mod changes;
mod killed;
mod lab;
mod latency;
mod measure;
mod migration;
mod network;
mod prefixes;
mod saturated;
mod sharing;
mod stick;
mod stream;
mod tunnels;
mod verbs;
