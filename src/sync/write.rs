//! The new generation, on disk.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::thread::JoinHandle;

use anyhow::{Context, anyhow};
use jiff::Timestamp;
use pleach_graph::{NetworkGraph, stored};
use pleach_source::{Archive, Snapshot};

use super::candidate::Candidate;
use super::engine::Run;
use super::step::Step;
use crate::exit::Failure;
use crate::export::{FILE_NAMES, hex};
use crate::generations::{Generation, Manifest, Origin, PartEntry, SourceEntry, names, shaper_path};

/// The level of compression: a network becomes a tenth at it, as fast as it is written.
const LEVEL: i32 = 1;

/// What a generation is made from beside its candidate.
pub(super) struct Made {
    pub(super) inputs: String,
    /// The archive of what its sources answered.
    pub(super) snapshot: String,
    /// The network, as it is being written.
    pub(super) graph: JoinHandle<io::Result<Vec<u8>>>,
}

impl Run<'_> {
    /// Writes a generation and gives it its number. Nobody sees it yet.
    pub(super) fn write(
        &mut self,
        origin: Origin,
        candidate: &Candidate,
        archive: &Archive,
        made: Made,
    ) -> Result<Generation, Failure> {
        let Made { inputs, snapshot, graph } = made;
        self.step(Step::Write);
        let mut draft = self.store.draft()?;
        for shaper in &candidate.shapers {
            for (name, bytes) in FILE_NAMES.iter().zip(&shaper.contents) {
                draft.add(&shaper_path(&shaper.entry.name, name), bytes)?;
            }
        }
        let policy =
            serde_json::to_vec_pretty(&candidate.survey.policy).expect("invariant: a policy is text and numbers");
        draft.add(names::POLICY, &policy)?;
        let mut problems = Vec::new();
        stored::write_problems(&candidate.problems, &mut problems).context("cannot write the problems")?;
        draft.add(names::PROBLEMS, &problems)?;
        if let Some(difference) = &self.ended.difference {
            draft.add(names::DIFF, &difference.json()?)?;
        }
        let graph = graph.join().expect("invariant: writing to memory does not panic");
        draft.add(names::GRAPH, &graph.context("cannot write the network")?)?;
        self.step(Step::Finish);
        let manifest = Manifest {
            format: Manifest::FORMAT,
            generation: 0, // the draft knows it
            created: self.request.now,
            pleach: env!("CARGO_PKG_VERSION").to_owned(),
            origin,
            clock: archive.clock,
            inputs,
            content: candidate.content.clone(),
            snapshot: Some(snapshot),
            sources: archive.snapshots.iter().map(|snapshot| source_entry(snapshot, archive.clock)).collect(),
            counts: candidate.survey.census.counts(),
            problems: candidate.problem_counts(),
            shapers: candidate.shapers.iter().map(|shaper| shaper.entry.clone()).collect(),
            files: Vec::new(), // the draft knows them
        };
        let number = draft.finish(manifest)?.generation;
        Ok(self.store.open(number).map_err(|error| anyhow!(error))?)
    }
}

/// The network as a generation holds it.
pub(super) fn compressed(network: &NetworkGraph) -> io::Result<Vec<u8>> {
    const PIECE: usize = 128 << 10; // few calls of the compressor
    let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
    encoder.include_checksum(true)?;
    let mut out = BufWriter::with_capacity(PIECE, encoder);
    stored::write(network, &mut out)?;
    out.flush()?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()
}

fn source_entry(snapshot: &Snapshot, clock: Timestamp) -> SourceEntry {
    let part = |part: &pleach_source::Part| PartEntry {
        name: part.name.clone(),
        address: part.address.clone(),
        status: part.status,
        records: part.records,
        bytes: part.body.len(),
        sha256: hex(&part.body.sha256()),
    };
    SourceEntry {
        name: snapshot.source.clone(),
        kind: snapshot.kind.clone(),
        taken: snapshot.taken,
        is_fallback: snapshot.taken < clock,
        parts: snapshot.parts.iter().map(part).collect(),
    }
}

/// Where a generation says what is different from the one before.
pub(super) fn diff_path(generation: &Generation) -> std::path::PathBuf {
    Path::new(generation.folder()).join(names::DIFF)
}
