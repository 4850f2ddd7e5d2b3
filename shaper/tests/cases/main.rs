//! Plans that follow one another, in networks small enough to name what must come out.

#![allow(missing_docs, reason = "tests")]

mod exhausted;
mod growth;
mod ledgers;
mod memory;
mod network;
mod notes;
