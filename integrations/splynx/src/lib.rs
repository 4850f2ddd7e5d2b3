//! The Splynx source.

pub mod auth;
mod hex;
mod hook;
mod scalar;

pub use hook::is_signed;
