//! What a plan looks like, and that its script does what it says.

#![allow(missing_docs, reason = "tests")]

mod leaves;
mod network;
mod script;
mod text;
