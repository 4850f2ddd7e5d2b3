//! The CSV source: a network kept in files.
