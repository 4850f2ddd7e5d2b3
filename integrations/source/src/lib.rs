//! The seam between Pleach and the systems it reads.
//!
//! A [`Source`] does two things. [`Source::fetch`] asks its system and returns what it answered, byte by byte, as a
//! [`Snapshot`]: the only step that waits, fails for outside reasons, or sees a secret. [`Source::read`] turns a snapshot
//! into records of the network: a pure function, so that a snapshot from last week gives the same network today.
//!
//! Sources always deliver everything they have. Which part of it files show is the shaper's to say, and corrections are the
//! operator's, once for all sources.

mod archive;
mod body;
mod client;
mod error;
mod json;
mod secret;
mod snapshot;
mod source;
mod suspended;
mod task;

pub use archive::{Archive, ArchiveError};
pub use body::{Body, BodyReader, BodyWriter};
pub use client::{
    Cause, Client, ClientBuilder, ClientSettings, ClientSettingsError, Credentials, Fetched, Pin, PinError, Renewal,
    Reply, Size, Version,
};
pub use error::{Asked, FetchError, Leads, Quote, ReadError, Waiting};
pub use jiff::Timestamp;
pub use json::{BadRecord, BrokenJson, Element, ElementsError, Expect, JsonElements, Wrong, decode};
pub use secret::{MASK, Secret, SecretError, SecretSource};
pub use snapshot::{Part, Snapshot};
pub use source::{Future, Source};
pub use suspended::{Rates, Suspended, walled_garden};
pub use task::beside;
