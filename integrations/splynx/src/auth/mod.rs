//! How a request says who sends it: the three ways that Splynx knows, as pure functions, and the counter that two of them need.
//!
//! Splynx API 2.0, "Authentication". A key is used in one way only: a token's nonce counts seconds and a signature's counts
//! hundredths, and Splynx takes none that is not larger than the last one of the key.

mod basic;
mod nonce;
mod signature;
mod token;

pub use basic::basic;
pub use nonce::{NonceError, NonceUnit, Nonces};
pub use signature::{sign, signed};
pub use token::{LOGIN_PATH, Token, TokenError, bearer, login, renewal_path};
