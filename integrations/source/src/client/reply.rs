//! A small answer.

use std::fmt;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// A small answer: to a login, or to the question how many there are. It may hold secrets, so it shows its status alone.
pub struct Reply {
    /// Where it came from, for errors.
    pub address: String,
    /// The status: 200, 201 or 204.
    pub status: u16,
    /// The object that it holds; null where it holds none.
    pub json: Value,
    pub(super) headers: HeaderMap,
}

impl Reply {
    /// A header of it.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("address", &self.address).field("status", &self.status).finish_non_exhaustive()
    }
}
