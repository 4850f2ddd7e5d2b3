//! The laws of reading and writing, on made-up networks with every quirk that files have.

mod counting;
mod determinism;
mod diff;
mod operator;
mod records;
mod round_trip;
mod run;
mod stored;
mod written;
