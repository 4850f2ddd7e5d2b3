//! What a generation holds, on disk: the joined network, and the problems that were found.
//!
//! Both are JSON lines, so that an operator can look into them with `grep`: the first line says what the file is, each
//! other line is one thing, by the key that names its kind.
//!
//! ```text
//! {"pleach":"network","format":1,"nodes":4,"links":0,"set_aside":1,"bypass":0,"reasons":1}
//! {"documents":["uisp sites.json"]}
//! {"site":"pleach:top:internet","name":"Internet"}
//! {"site":"uisp:site:12","name":"Tower A","parent":"pleach:top:internet","capacity_bit":[1000000000,500000000]}
//! {"client":"crm:service:7","name":"Jones","parent":"uisp:site:12","origin":[0,31],"max_bit":[100000000,20000000]}
//! {"device":"uisp:device:9","name":"CPE","parent":"crm:service:7","static":["100.64.1.5","2001:db8:5::/56"]}
//! {"set_aside":"bad-rate","id":"crm:service:8"}
//! {"reason":"the router that the service names","of":"crm:service:7","about":"parent"}
//! {"net":{"name":"reseller","at":"uisp:site:12","tag":{"vni":5001},"overhead":50}}
//! ```
//!
//! A pair is down, then up; rates are in bit/s, as the key says; `null` is what nobody states. `origin` is the document's
//! place in the list, from 0, and the line. A parent is an id, `"unknown"` where the network does not hold it, and missing
//! where links alone say where the node is. A node and its parent have a link, which has no line of its own unless a source
//! states it.
//!
//! # Versions
//!
//! What is missing is as if nobody had stated it, and keys and kinds of line that are not known are passed over, so that
//! an older file can be read, and so can a newer one that only says more. A file whose lines mean something else has a
//! higher format number, and is refused. The first line counts the others, so that a file that was cut off is noticed.

mod error;
mod finish;
mod header;
mod line;
mod lines;
mod problems;
mod read;
mod texts;
mod write;

pub use error::{Damage, StoredError};
pub(crate) use problems::ProblemOnDisk;
pub use problems::{read_problems, write_problems};
pub use read::read;
pub use write::write;

#[cfg(test)]
mod tests;
