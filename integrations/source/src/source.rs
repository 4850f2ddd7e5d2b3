//! What a source is.

use std::fmt::Debug;
use std::pin::Pin;

use pleach_graph::GraphBuilder;

use crate::error::{FetchError, ReadError};
use crate::snapshot::Snapshot;

/// What an asynchronous method of a source returns.
pub type Future<'a, T> = Pin<Box<dyn std::future::Future<Output = T> + Send + 'a>>;

/// A system that knows of sites, access points, customers or devices.
pub trait Source: Debug + Send + Sync {
    /// What the configuration calls it: the first part of the ids of its records. Lower-case letters, digits, `-` and `_`.
    fn name(&self) -> &str;

    /// What kind of source it is: `csv`.
    fn kind(&self) -> &'static str;

    /// Asks for everything the system knows. All or nothing: what cannot be had whole is an error.
    fn fetch(&self) -> Future<'_, Result<Snapshot, FetchError>>;

    /// Adds what a snapshot says to the network. No clock but [`Snapshot::taken`], no environment, no I/O.
    ///
    /// A record that cannot be used is set aside with a problem; an error means that the snapshot as a whole is not what this
    /// source answers.
    fn read(&self, snapshot: &Snapshot, network: &mut GraphBuilder) -> Result<(), ReadError>;

    /// What the operator is to be told at every run: that its certificate is not checked, say.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// What can be told of the system in a few lines, for `config test`: its version, counts, what the credentials may do.
    /// The default fetches everything and counts it.
    fn probe(&self) -> Future<'_, Result<Vec<String>, FetchError>> {
        Box::pin(async move {
            let snapshot = self.fetch().await?;
            Ok(snapshot.parts.iter().map(ToString::to_string).collect())
        })
    }
}
