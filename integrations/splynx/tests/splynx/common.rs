//! What the tests of the whole source share.

use std::fmt::Write as _;
use std::path::Path;

use pleach_graph::{
    Assignment, Capacity, Census, Fate, NetworkGraph, PlaceIndex, Policy, Problem, Problems, Rule, Tree,
};
use pleach_source::{Body, Part, Snapshot, Source, Timestamp};
use pleach_splynx::{List, SplynxSettings, SplynxSource};

/// Settings of a Splynx that is nowhere, with more lines.
pub(crate) fn settings(more: &str) -> SplynxSettings {
    let text = format!("url = \"https://splynx.example.net\"\nkey = \"k\"\nsecret = \"s\"\n{more}");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// A snapshot of these lists, each with its pages.
pub(crate) fn snapshot(lists: &[(List, Vec<String>)]) -> Snapshot {
    let parts = lists.iter().flat_map(|(list, pages)| {
        pages.iter().enumerate().map(move |(page, json)| Part {
            name: format!("{list}/{}", page * 1000),
            address: format!("https://splynx.example.net/api/2.0/admin/{}?offset={}", list.path(), page * 1000),
            status: Some(200),
            records: None,
            body: Body::plain(json.clone().into_bytes()),
        })
    });
    let taken = Timestamp::from_second(1_763_600_000).expect("a moment");
    Snapshot { source: "splynx".into(), kind: "splynx".into(), taken, parts: parts.collect() }
}

/// What a snapshot says.
pub(crate) struct Read {
    pub(crate) network: NetworkGraph,
    pub(crate) census: Census,
    pub(crate) problems: Vec<Problem>,
}

pub(crate) fn read(settings: &SplynxSettings, snapshot: &Snapshot) -> Read {
    let source = SplynxSource::new(settings.clone(), Path::new("")).expect("a name");
    let mut builder = NetworkGraph::builder();
    source.read(snapshot, &mut builder).unwrap_or_else(|error| panic!("{error}"));
    let (network, problems) = builder.build();
    let census = Census::take(&network, &Policy::default());
    let mut all = Problems::default();
    all.extend(problems);
    all.extend(census.problems().clone());
    all.extend(Tree::grow(&network, network.top()).problems().clone());
    Read { network, census, problems: all.into_sorted() }
}

impl Read {
    /// The counting law, then a line a problem: code, list, which record.
    pub(crate) fn summary(&self) -> String {
        let counts = self.census.counts();
        let mut text = format!(
            "read {} = shaped {} + quarantined {} + left out {}\n",
            counts.read, counts.shaped, counts.quarantined, counts.left_out
        );
        for problem in &self.problems {
            let _ = write!(text, "{}", problem.code);
            if let Some(document) = &problem.document {
                let _ = write!(
                    text,
                    " {}",
                    document.strip_prefix("https://splynx.example.net/api/2.0/admin/").unwrap_or(document)
                );
            }
            if let Some(record) = &problem.record {
                let _ = write!(text, " {record}");
            }
            let _ = writeln!(text, ": {}", problem.message);
        }
        text
    }

    /// The tree from the top, with what hangs from each place, and what became of each circuit.
    pub(crate) fn tree(&self) -> String {
        let tree = Tree::grow(&self.network, self.network.top());
        let mut children: Vec<Vec<PlaceIndex>> = vec![Vec::new(); tree.places().len()];
        for place in tree.indices() {
            if let Some(parent) = tree.at(place).parent {
                children[parent.index()].push(place);
            }
        }
        let mut circuits: Vec<Vec<usize>> = vec![Vec::new(); tree.places().len()];
        for position in 0..self.network.circuits().len() {
            circuits[tree.circuit_place(position).index()].push(position);
        }
        let mut text = String::new();
        let mut open = vec![(PlaceIndex::ROOT, 0)];
        while let Some((place, depth)) = open.pop() {
            let at = tree.at(place);
            let kind = at.kind.node().map_or("generated", |node| self.network.node(node).kind.as_str());
            let ceiling = if at.ceiling == Capacity::NONE { String::new() } else { format!(", {}", at.ceiling) };
            let _ =
                writeln!(text, "{:depth$}{kind} {} ({}){ceiling}", "", tree.place_name(place), tree.place_id(place));
            for &position in &circuits[place.index()] {
                let _ = writeln!(text, "{:depth$}  {}", "", self.circuit(position));
            }
            let mut below = children[place.index()].clone();
            below.sort_by_key(|place| std::cmp::Reverse(tree.place_id(*place)));
            open.extend(below.into_iter().map(|place| (place, depth + 2)));
        }
        text
    }

    fn circuit(&self, position: usize) -> String {
        let client = self.network.circuits().clients()[position];
        let devices = self.network.circuits().devices(position);
        let mut text =
            format!("circuit {} {}", self.network.circuits().id(&self.network, client), self.network.node(client).name);
        match self.census.fate_of(position) {
            Fate::Shaped => {}
            Fate::Quarantined(code) => return format!("{text}: quarantined, {code}"),
            Fate::LeftOut(rule) => return format!("{text}: left out, {}", Rule::as_str(rule)),
        }
        let shaped = self.census.circuits();
        let circuit = &shaped[shaped.binary_search_by_key(&position, |circuit| circuit.position).expect("shaped")];
        for (rate, direction) in [(circuit.down, "down"), (circuit.up, "up")] {
            let stated = if rate.min_is_stated { "" } else { "~" };
            let _ = write!(text, ", {direction} {stated}{}..{}", rate.min.mbit(), rate.max.mbit());
        }
        for &device in devices {
            for claim in &self.network.node(device).device().expect("a device").claims {
                let word = match claim.assignment {
                    Assignment::Static => "",
                    Assignment::Session => " (session)",
                    Assignment::Dhcp => " (pool)",
                    Assignment::Device | Assignment::Override => unreachable!("Splynx says neither"),
                };
                let _ = write!(text, ", {}{word}", claim.prefix);
            }
        }
        text
    }

    /// Why everything is as it is: a line a reason.
    pub(crate) fn reasons(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (index, node) in self.network.nodes() {
            for reason in self.network.stated_reasons(index) {
                lines.push(format!("{} {}: {}\n", node.id, reason.aspect.as_str(), reason.text));
            }
        }
        lines.sort();
        lines.concat()
    }
}
