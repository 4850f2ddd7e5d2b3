//! Secrets: where they are kept, and how they stay out of everything that is printed.

mod redact;
mod source;
mod text;

pub(crate) use redact::Redactor;
pub use source::{SecretError, SecretSource};
pub use text::MASK;
pub use text::Secret;
