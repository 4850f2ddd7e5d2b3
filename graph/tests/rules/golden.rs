//! Golden cases: `testdata/rules/<case>/` holds a README.md that says what the case shows, a table of records for each
//! source (`uisp.csv`; its rows are described in `records.rs`), `rules.toml` and `overrides.toml` where it has some,
//! `sources.txt` with the order of the sources where it is not that of the alphabet, and `expected.txt`: the network that
//! comes of it, with reasons and problems. `BLESS=1 cargo test -p pleach-graph --test rules` rewrites that, to be read as
//! a diff.

use std::path::{Path, PathBuf};

use pleach_graph::overrides::{self, Applied};
use pleach_graph::same::{self, SameRules};
use pleach_graph::{GraphBuilder, NetworkGraph};

use crate::describe::describe;
use crate::records;

/// The clock of every case.
const NOW: &str = "2026-06-01T12:00:00Z";

#[test]
fn golden_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/rules");
    let mut cases: Vec<PathBuf> = entries(&root).into_iter().filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "there are golden cases");
    let failures: Vec<String> = cases.iter().filter_map(|case| run(case).err()).collect();
    assert!(failures.is_empty(), "{} of {} cases differ\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("listed").path()).collect()
}

fn read(path: &Path) -> Option<String> {
    path.exists().then(|| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn run(case: &Path) -> Result<(), String> {
    let made = describe_case(case);
    let expected = case.join("expected.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&expected, &made).expect("written");
    }
    assert!(case.join("README.md").exists(), "{} does not say what it shows", case.display());
    let wanted = read(&expected).unwrap_or_default();
    if wanted == made { Ok(()) } else { Err(format!("{}\nexpected:\n{wanted}\nmade:\n{made}", case.display())) }
}

fn describe_case(case: &Path) -> String {
    let mut builder = NetworkGraph::builder();
    let sources = add_sources(case, &mut builder);
    if let Some(text) = read(&case.join("rules.toml")) {
        let rules: SameRules = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        same::apply(&mut builder, &rules, &sources);
    }
    let mut applied = Applied::default();
    if let Some(text) = read(&case.join("overrides.toml")) {
        let overrides = overrides::parse(&text, "overrides.toml");
        let overrides = overrides.unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        applied = overrides.apply(&mut builder, NOW.parse().expect("a time"));
    }
    let (network, problems) = builder.build();
    describe(&network, problems, &applied)
}

/// Adds the records of every source, and returns the order of the sources.
fn add_sources(case: &Path, builder: &mut GraphBuilder) -> Vec<String> {
    let tables = entries(case).into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "csv"));
    let name = |path: PathBuf| path.file_stem().expect("a name").to_str().expect("a name in UTF-8").to_owned();
    let mut sources: Vec<String> = tables.map(name).collect();
    sources.sort();
    if let Some(order) = read(&case.join("sources.txt")) {
        sources = order.lines().map(str::to_owned).collect();
    }
    for source in &sources {
        let text = read(&case.join(format!("{source}.csv"))).expect("a table for each source");
        records::add(builder, source, &text);
    }
    sources
}
