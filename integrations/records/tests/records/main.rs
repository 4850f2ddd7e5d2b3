//! The generic source from outside: golden cases, laws, and every way of getting a document.

mod common;
mod golden;
mod laws;
mod ways;
