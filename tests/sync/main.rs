//! The sync engine from inside: killed at every step, two at once, sources of its own, a kernel that fails.

mod determinism;
mod effects;
mod kernel;
mod killed;
mod lab;
mod locks;
