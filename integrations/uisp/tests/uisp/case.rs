//! A case: a folder of answers, and what Pleach makes of them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use pleach_graph::{
    Capacity, Census, Dialect, NetworkGraph, NodeIndex, Policy, Problem, Tree, View, ViewOptions, network_json,
    overrides, shaped_devices,
};
use pleach_source::{Body, Part, ReadError, Secret, SecretSource, Snapshot, Source};
use pleach_uisp::{Uisp, UispSettings};

/// The answers that a snapshot has: the file in a case's folder, and the name of the part.
pub(crate) const ANSWERS: [(&str, &str); 5] = [
    ("sites.json", "sites"),
    ("devices.json", "devices"),
    ("data-links.json", "data-links"),
    ("services.json", "services-1"),
    ("clients.json", "clients-1"),
];

/// Answers, and how they are to be read.
pub(crate) struct Case {
    pub(crate) settings: UispSettings,
    /// The bytes of each of [`ANSWERS`]; none for CRM's where it is not asked.
    pub(crate) answers: [Option<Vec<u8>>; 5],
    /// The id of the node that the tree is grown from; the top without it.
    pub(crate) root: Option<String>,
    /// What is put over them.
    pub(crate) overrides: Option<String>,
}

/// What was made: each file's name and contents.
pub(crate) type Made = Vec<(&'static str, String)>;

/// Settings that can be used, though nothing is asked.
pub(crate) fn askable(settings: UispSettings) -> UispSettings {
    let token = SecretSource::Text(Secret::new("token"));
    UispSettings { url: "https://uisp.example.net".to_owned(), token: Some(token), ..settings }
}

/// The folder of all cases.
pub(crate) fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/uisp");
    let entries = std::fs::read_dir(&root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("listed").path()).filter(|p| p.is_dir()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "there are golden cases");
    cases
}

impl Case {
    /// The case of a folder. A list that it does not have is empty; CRM is asked where it has `services.json`.
    pub(crate) fn read(folder: &Path) -> Self {
        let file = |name: &str| std::fs::read(folder.join(name)).ok();
        let text = |name: &str| file(name).map(|bytes| String::from_utf8(bytes).expect("text"));
        let settings = text("settings.toml").map_or_else(UispSettings::default, |text| {
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        });
        let settings = askable(settings);
        let answers =
            ANSWERS.map(|(name, part)| file(name).or_else(|| (!part.ends_with("-1")).then(|| b"[]".to_vec())));
        Self {
            settings,
            answers,
            root: text("root.txt").map(|text| text.trim().to_owned()),
            overrides: text("overrides.toml"),
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let part = |((file, name), body): ((&str, &str), &Option<Vec<u8>>)| {
            let body = Body::plain(body.clone()?);
            Some(Part { name: name.to_owned(), address: file.to_owned(), status: Some(200), records: None, body })
        };
        Snapshot {
            source: self.settings.name.clone(),
            kind: Uisp::KIND.to_owned(),
            taken: "2026-03-01T00:00:00Z".parse().expect("a moment"),
            parts: ANSWERS.into_iter().zip(&self.answers).filter_map(part).collect(),
        }
    }

    /// Reads the answers into a network.
    pub(crate) fn network(&self) -> Result<(NetworkGraph, Vec<Problem>), ReadError> {
        let source = Uisp::new(self.settings.clone()).expect("a name for ids");
        let mut builder = NetworkGraph::builder();
        source.read(&self.snapshot(), &mut builder)?;
        if let Some(text) = &self.overrides {
            let overrides = overrides::parse(text, "overrides.toml").unwrap_or_else(|error| panic!("{error}"));
            overrides.apply(&mut builder, self.snapshot().taken);
        }
        let (network, problems) = builder.build();
        Ok((network, problems.into_sorted()))
    }

    /// Everything that is made of them.
    pub(crate) fn make(&self) -> Result<Made, ReadError> {
        let (network, mut problems) = self.network()?;
        let root = self.root.as_ref().map_or(network.top(), |id| {
            network.find(&id.parse().expect("an id")).unwrap_or_else(|| panic!("no node `{id}`"))
        });
        let census = Census::take(&network, &Policy::default());
        let tree = Tree::grow(&network, root);
        let view = View::new(&tree, &census, &ViewOptions { uplink: Capacity::NONE, ..ViewOptions::default() });
        let (mut nodes, mut circuits) = (Vec::new(), Vec::new());
        let dialect = Dialect::default();
        network_json::write(&view, dialect, &mut nodes).expect("written");
        shaped_devices::write(&view, &census, dialect, &|_| true, &mut circuits).expect("written");
        for more in [census.problems(), tree.problems(), view.problems()] {
            problems.extend(more.as_slice().iter().cloned());
        }
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Ok(vec![
            ("summary.txt", summary(&census, sorted(problems))),
            ("explain.txt", explain(&network)),
            ("network.json", text(nodes)),
            ("ShapedDevices.csv", text(circuits)),
        ])
    }
}

fn sorted(problems: Vec<Problem>) -> Vec<Problem> {
    let mut all = pleach_graph::Problems::default();
    for problem in problems {
        all.push(problem);
    }
    all.into_sorted()
}

/// The counting law, what each rule left out, then a line a problem: code, where, which record, which field.
fn summary(census: &Census, problems: Vec<Problem>) -> String {
    let counts = census.counts();
    let mut text = format!(
        "read {} = shaped {} + quarantined {} + left out {}\n",
        counts.read, counts.shaped, counts.quarantined, counts.left_out
    );
    for (rule, count) in census.left_out() {
        let _ = writeln!(text, "left out, {}: {count}", rule.as_str());
    }
    for problem in problems {
        let _ = write!(text, "{}", problem.code);
        let record = problem.record.map(|id| id.to_string());
        for part in [problem.document.map(String::from), record, problem.field.map(String::from)].into_iter().flatten()
        {
            let _ = write!(text, " {part}");
        }
        text.push('\n');
    }
    text
}

/// A line a stated reason: of which node, about what, why. By node.
fn explain(network: &NetworkGraph) -> String {
    let mut nodes: Vec<NodeIndex> = network.nodes().map(|(index, _)| index).collect();
    nodes.sort_by_key(|&node| &network.node(node).id);
    let mut text = String::new();
    for node in nodes {
        for reason in network.stated_reasons(node) {
            let _ = writeln!(text, "{} {}: {}", network.node(node).id, reason.aspect.as_str(), reason.text);
        }
    }
    text
}
