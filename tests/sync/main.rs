//! The sync engine from inside: killed at every step, two at once, sources of its own, a kernel that fails.

mod api;
mod billing;
mod determinism;
mod effects;
mod faults;
mod kernel;
mod killed;
mod lab;
mod locks;
mod overridden;
