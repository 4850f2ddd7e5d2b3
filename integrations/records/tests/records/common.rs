//! What the tests of the whole source share.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use pleach_graph::{Capacity, Census, Fate, NetworkGraph, NodeKind, PlanRate, Policy, Problem, Problems, Rate};
use pleach_records::{RecordsSettings, RecordsSource};
use pleach_source::{FetchError, ReadError, Snapshot, Source};

/// Settings as a configuration has them, below `[records]`.
pub(crate) fn settings(text: &str) -> RecordsSettings {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn source(settings: RecordsSettings, state: &Path) -> RecordsSource {
    RecordsSource::new(settings, state, Arc::new(|_| Ok(()))).unwrap_or_else(|error| panic!("{error}"))
}

/// Waits for what a source fetches.
pub(crate) fn fetch(source: &RecordsSource) -> Result<Snapshot, FetchError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(source.fetch())
}

/// What a snapshot says.
pub(crate) struct Read {
    pub(crate) network: NetworkGraph,
    pub(crate) census: Census,
    pub(crate) problems: Vec<Problem>,
}

pub(crate) fn read(source: &RecordsSource, snapshot: &Snapshot) -> Result<Read, ReadError> {
    let mut builder = NetworkGraph::builder();
    source.read(snapshot, &mut builder)?;
    let (network, problems) = builder.build();
    let census = Census::take(&network, &Policy::default());
    let mut all = Problems::default();
    all.extend(problems);
    all.extend(census.problems().clone());
    Ok(Read { network, census, problems: all.into_sorted() })
}

impl Read {
    /// The counting law, then two lines a problem: code, document, line and record; what there is to do.
    pub(crate) fn summary(&self) -> String {
        let counts = self.census.counts();
        let mut text = format!(
            "read {} = shaped {} + quarantined {} + left out {}\n",
            counts.read, counts.shaped, counts.quarantined, counts.left_out
        );
        for problem in &self.problems {
            let _ = write!(text, "{}", problem.code);
            if let (Some(document), Some(line)) = (&problem.document, problem.line) {
                let name = Path::new(document.as_str()).file_name().unwrap_or_default().to_string_lossy();
                let _ = write!(text, " {name}:{line}");
            }
            if let Some(record) = &problem.record {
                let _ = write!(text, " {record}");
            }
            let _ = writeln!(text, ": {}", problem.message);
            if !problem.hint.is_empty() {
                let _ = writeln!(text, "    {}", problem.hint);
            }
        }
        text
    }

    /// A line a node, by id: what it is, what it hangs from, what it can carry or was sold, its addresses, what became of it.
    pub(crate) fn nodes(&self) -> String {
        let mut lines: Vec<String> = self.network.nodes().skip(1).map(|(index, _)| self.node(index)).collect();
        for link in self.network.links() {
            let id = self.network.link_id(link);
            let (from, to) = self.network.ends(link);
            let [from, to] = [from, to].map(|end| self.network.node(end).id.to_string());
            let at = self.network.link(link);
            let cost = at.stated_cost.map_or_else(String::new, |cost| format!(", cost {cost}"));
            if id.to_string().contains(":link:") {
                lines.push(format!("{id}: link {from} - {to}, {}{cost}", at.capacity));
            }
        }
        lines.sort();
        lines.join("\n") + "\n"
    }

    fn node(&self, index: pleach_graph::NodeIndex) -> String {
        let node = self.network.node(index);
        let parent = node.parent().node().map_or("nowhere", |parent| self.network.node(parent).id.as_str());
        let mut text = format!("{}: {} `{}` under {parent}", node.id, node.kind.as_str(), node.name);
        match &node.kind {
            NodeKind::Site(site) if site.capacity != Capacity::NONE => {
                let _ = write!(text, ", {}", site.capacity);
            }
            NodeKind::AccessPoint(ap) if ap.sector != Capacity::NONE => {
                let _ = write!(text, ", {}", ap.sector);
            }
            NodeKind::Client(client) => {
                let rate = |rate: Option<Rate>| rate.map_or("?".to_owned(), |rate| rate.to_string());
                let plan = |plan: PlanRate| format!("{}..{}", rate(plan.min), rate(plan.max));
                let _ = write!(text, ", {} / {}", plan(client.plan.down), plan(client.plan.up));
                let position = self.network.circuits().clients().iter().position(|client| *client == index);
                match self.census.fate_of(position.expect("every client is a circuit")) {
                    Fate::Shaped => {}
                    Fate::Quarantined(code) => {
                        let _ = write!(text, ", quarantined: {code}");
                    }
                    Fate::LeftOut(rule) => {
                        let _ = write!(text, ", left out: {}", rule.as_str());
                    }
                }
            }
            NodeKind::Device(device) => {
                for claim in &device.claims {
                    let _ = write!(text, ", {}", claim.prefix);
                }
            }
            _ => {}
        }
        text
    }
}
