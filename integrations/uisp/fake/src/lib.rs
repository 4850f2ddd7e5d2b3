//! A UISP that is not one: a generated network behind UISP's two APIs, NMS v2.1 (`/nms/api/v2.1`) and CRM v1.0
//! (`/crm/api/v1.0`), for tests, benchmarks and whoever wants to try Pleach without a network at hand.
//!
//! ```text
//! Options ─► Network ─► Bodies ─► Fake ─► Server
//!               └─► ClientTruth
//! ```
//!
//! A [`Network`] is what is meant: towers in rings, access points of every family, clients. [`Network::truth`] tells of each
//! client what an importer should find out. [`Bodies`] are what a UISP answers that knows that network, with the
//! [`Quirks`] that real ones have, ready to be sent before the first request comes. A [`Fake`] answers with them, and checks
//! what it is asked: tokens, parameters, methods. Its faults are those of [`pleach_fault`].
//!
//! It knows nothing of the importer, and shares no type with it: records are built field by field as the API is documented.
//!
//! ```
//! use pleach_fake_uisp::{Bodies, Fake, List, Network, Options, Quirks};
//! use pleach_fault::Faults;
//!
//! let options = Options { clients: 50, quirks: Quirks::all(), ..Options::default() };
//! let network = Network::generate(&options);
//! let mut bodies = Bodies::prepare(&network);
//! let fake = Fake::new(bodies.clone());
//! let server = fake.start(Faults::none())?;
//! // … an importer asks `server.url()` …
//! bodies.retain(List::Sites, |site| site["identification"]["type"] != "endpoint");
//! fake.replace(bodies); // and now every client is gone
//! assert_eq!(network.truth().count(), 50);
//! # Ok::<(), std::io::Error>(())
//! ```

mod addresses;
mod bodies;
mod chance;
mod defects;
mod family;
mod ids;
mod json;
mod names;
mod network;
mod options;
mod quirk;
mod records;
mod server;

pub use bodies::{Bodies, List};
pub use network::{Access, ClientTruth, Network, ServiceTruth, Speeds, Standing};
pub use options::{Billing, Options, Size};
pub use quirk::{Quirk, Quirks, UnknownQuirk};
pub use server::{Credentials, Fake, KeyType, Scope, User};
