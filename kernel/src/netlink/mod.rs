//! Netlink: the bytes that qdiscs, classes and filters travel in, and the socket they travel through.
//!
//! `netlink-packet-route` has none of HTB, CAKE, sfq and pfifo, and what it reads of a kind it does not know it cannot write
//! again; the codecs here are typed and lay a message out in the datagram it is sent in. Reading never panics, whatever
//! the bytes: a length that lies ends the reading, and a message that means nothing is none.

pub mod action;
mod batch;
pub mod cake;
pub mod constants;
pub mod filter;
pub mod flower;
pub mod forwarding;
pub mod htb;
pub mod leaf;
pub mod link;
pub mod link_kind;
pub mod link_statistics;
pub mod local_address;
pub mod object;
pub mod police;
pub mod refusal;
pub mod request;
mod socket;
pub mod statistics;
pub mod tc;
pub mod wire;

pub use batch::{Batch, Outcome};
pub use socket::{RouteSocket, SocketError};
