//! What a server does wrong on a bad night: one layer of faults for every fake server.
//!
//! A fake server answers well; [`with_faults`] puts a layer around it that spoils chosen answers, so that every source and
//! every client is tried against the same bad nights. Bodies stream through it: not even a bomb is in memory.
//!
//! ```
//! use axum::{Router, routing::get};
//! use pleach_fault::{Fault, Faults, Server, with_faults};
//!
//! let router = Router::new().route("/sites", get(|| async { "[]" }));
//! let faults = Faults::on("/sites", Fault::BadGateway).times(2);
//! let server = Server::start(with_faults(router, faults.clone()))?;
//! // … a client asks `server.url()` …
//! assert_eq!(faults.requests_to("/sites"), 0);
//! faults.set(&Faults::always(Fault::LoginPage)); // while the server runs
//! # Ok::<(), std::io::Error>(())
//! ```

mod answer;
mod array;
mod bomb;
mod fault;
mod faults;
mod layer;
mod server;
mod tls;

pub use fault::{Fault, UnknownFault};
pub use faults::Faults;
pub use layer::with_faults;
pub use server::{Line, Server};
