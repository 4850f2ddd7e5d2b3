//! The Splynx source as a whole: golden cases, laws on generated databases, and what it asks of a fake server.

mod asking;
mod common;
mod crash;
mod golden;
mod laws;
