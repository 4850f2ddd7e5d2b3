//! The manual's examples are true.
