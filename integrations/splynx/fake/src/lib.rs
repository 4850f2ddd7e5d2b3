//! A Splynx server that is not one: a generated database behind its API 2.0, strict about what it is asked.
//!
//! It is built from the API's documentation and shares nothing with what reads it. [`Database::generate`] makes a provider with
//! customers, services, sessions and a network, the same for the same seed, and knows what is true of it
//! ([`Database::truth`]). [`router`] answers as Splynx does: it takes all three ways to authenticate, each with everything
//! that can be wrong about it, counts what it is asked, and changes its rows when it is told to.
//!
//! ```
//! use pleach_fake_splynx::{Database, Fake, Options, router};
//! use pleach_fault::Server;
//!
//! let fake = Fake::new(Database::generate(&Options::default()));
//! let server = Server::start(router(&fake))?;
//! // … a client asks `server.url()` with `fake.key()` …
//! assert!(fake.requests().is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```

mod chance;
mod database;
mod options;
mod server;

pub use database::{Database, Fate, Row, ServiceTruth, Table, Truth};
pub use options::{Data, Options, Sites, Types};
pub use server::{ApiKey, Fake, router};
