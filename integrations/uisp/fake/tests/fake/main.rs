//! The fake from outside: what it answers, what it refuses, what its networks are like.

mod answers;
mod network;
mod program;
mod quirks;
mod schema;
mod strictness;
mod support;
