//! The command line, as an operator meets it: what each verb prints, returns and leaves on disk.
//!
//! Each test runs the built binary in a folder of its own. What is printed is compared whole; `{bin}` stands for the
//! binary and `{dir}` for the folder. A test that cannot run here prints why it is skipped.

mod bad_days;
mod check;
mod config;
mod demo;
mod explain;
mod export;
mod exposed_secret;
mod graph;
mod guard;
mod harness;
mod help;
mod hostile;
mod init;
mod lookup;
mod nets;
mod network_json;
mod overlay;
mod records;
mod running;
mod scale;
mod shaping;
mod sync;
mod wrong_config;
mod wrong_disk;
mod wrong_files;
mod wrong_topology;
