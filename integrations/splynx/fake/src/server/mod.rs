//! The server: what it is asked, whether it answers, and what it remembers.

mod auth;
mod error;
mod list;
mod query;
mod routes;
mod state;

pub use auth::ApiKey;
pub use routes::router;
pub use state::Fake;
