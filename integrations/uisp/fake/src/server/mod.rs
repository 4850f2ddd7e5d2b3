//! The server: what it is asked, and what it answers.

mod credentials;
mod crm;
mod fake;
mod nms;
mod query;
mod refusal;
mod select;
mod session;

pub use credentials::{Credentials, KeyType, Scope, User};
pub use fake::Fake;
