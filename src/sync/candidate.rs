//! What the answers of the sources would make of the network: everything that a generation holds, in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::anyhow;
use pleach_graph::overrides::Overrides;
use pleach_graph::same::{self, SameRules};
use pleach_graph::{Net, NetworkGraph, Problem};
use pleach_source::{Archive, ReadError, Source};
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::exit::Failure;
use crate::export::{build, hex};
use crate::generations::{Outlook, ShaperEntry};
use crate::load::Loaded;
use crate::nets::BoundNets;
use crate::policy::NetworkPolicy;
use crate::shapers::RootError;
use crate::survey::Survey;

/// What would become the next generation.
#[derive(Debug)]
pub struct Candidate {
    /// The network, who is shaped, and what was found. Other threads look at it, too.
    pub survey: Arc<Survey>,
    /// What was found while reading and joining: what a generation keeps.
    pub problems: Vec<Problem>,
    /// Every shaper's files, in the order of the configuration.
    pub shapers: Vec<ShaperOutput>,
    /// A hash of every shaper's two files and of its outlook.
    pub content: String,
}

/// A shaper's files.
#[derive(Debug)]
pub struct ShaperOutput {
    /// What the manifest says of it.
    pub entry: ShaperEntry,
    /// The bytes of network.json, ShapedDevices.csv and manifest.json.
    pub contents: [Vec<u8>; 3],
}

/// The network that the answers of the sources describe, with joins and overrides, and who is shaped of it.
pub(super) fn survey(
    config: &Config,
    sources: &[Box<dyn Source>],
    archive: &Archive,
    overrides: Option<&Overrides>,
    bound: &BoundNets,
    inputs: &str,
) -> Result<Survey, Failure> {
    let mut builder = NetworkGraph::builder();
    for snapshot in &archive.snapshots {
        let is_it = |source: &&dyn Source| source.name() == snapshot.source && source.kind() == snapshot.kind;
        let source = sources.iter().map(Box::as_ref).find(is_it).ok_or_else(|| {
            let (name, kind) = (&snapshot.source, &snapshot.kind);
            Failure::usage(anyhow!("the snapshot is of the source `{name}` ({kind}), which is not configured"))
        })?;
        source.read(snapshot, &mut builder).map_err(|error| not_usable(source.name(), error))?;
    }
    let documents = archive.snapshots.iter().flat_map(|snapshot| &snapshot.parts);
    let documents = documents.map(|part| part.address.clone()).collect();
    let names: Vec<String> = sources.iter().map(|source| source.name().to_owned()).collect();
    let rules = SameRules { same: config.same.clone(), prefer: config.prefer.clone() };
    same::apply(&mut builder, &rules, &names);
    let applied = overrides.map(|overrides| overrides.apply(&mut builder, archive.clock)).unwrap_or_default();
    let excluded = config.network.exclude.iter().filter_map(|name| builder.find_named(name).ok());
    for node in excluded.collect::<Vec<_>>() {
        builder.exclude(node);
    }
    let BoundNets { nets, problems: of_overlay, .. } = bound;
    for net in nets {
        builder.bind(net.clone());
    }
    let (network, mut problems) = builder.build();
    problems.extend(of_overlay.clone());
    let (mut policy, trouble) = NetworkPolicy::of(config, &network);
    policy.add(&applied);
    problems.extend(trouble);
    Ok(Survey::under(policy, Loaded { network, problems, snapshot: inputs.to_owned(), documents }))
}

fn not_usable(source: &str, error: ReadError) -> Failure {
    let hint = error.hint.clone();
    let failure = Failure::from(anyhow!(error).context(format!("source `{source}`")));
    let stays = "nothing was changed";
    failure.hint(if hint.is_empty() { stays.to_owned() } else { format!("{hint}\nhint: {stays}") })
}

impl Candidate {
    /// Makes every shaper's files.
    pub(super) fn build(config: &Config, survey: Arc<Survey>) -> Result<Self, RootError> {
        let (rooted, holders) = survey.shapers(&config.shaper)?;
        let views = survey.views(&rooted);
        let mut problems = survey.problems(&views);
        let mut shapers = Vec::with_capacity(rooted.len());
        for (index, (rooted, view)) in rooted.iter().zip(&views).enumerate() {
            let files = build(&survey, rooted, view, &holders, index);
            problems.extend(files.problems);
            let entry = ShaperEntry {
                name: files.name,
                root: survey.network.node(rooted.tree.root()).id.to_string(),
                circuits: files.circuit_ids.len(),
                nodes: files.nodes,
                outlook: Some(Outlook::of(&config.shaper[index])),
            };
            shapers.push(ShaperOutput { entry, contents: files.contents });
        }
        drop(views);
        drop(rooted);
        let content = content(&shapers, survey.network.nets());
        Ok(Self { survey, problems, shapers, content })
    }

    /// How many problems of each code there are.
    pub(super) fn problem_counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for problem in &self.problems {
            *counts.entry(problem.code.to_string()).or_default() += 1;
        }
        counts
    }
}

/// A hash of every shaper's name, outlook and two files, in the order of names: the manifests differ where only the answers do.
///
/// Uplinks are not in the files, and decide the queues; nets are not, and decide who is shaped.
fn content(shapers: &[ShaperOutput], nets: &[Net]) -> String {
    let mut by_name: Vec<&ShaperOutput> = shapers.iter().collect();
    by_name.sort_by(|a, b| a.entry.name.cmp(&b.entry.name));
    let mut hash = Sha256::new();
    for shaper in by_name {
        hash.update(shaper.entry.name.as_bytes());
        hash.update([0]);
        hash.update(serde_json::to_vec(&shaper.entry.outlook).expect("invariant: an outlook is text and numbers"));
        for bytes in &shaper.contents[..2] {
            hash.update(Sha256::digest(bytes));
        }
    }
    if !nets.is_empty() {
        hash.update(serde_json::to_vec(nets).expect("invariant: nets are text and numbers"));
    }
    format!("sha256:{}", hex(&hash.finalize()))
}
