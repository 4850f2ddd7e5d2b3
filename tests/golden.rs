//! Golden cases: folders of input files and what Pleach makes of them.
//!
//! `testdata/golden/<area>/<case>/` holds a README.md that says what the case shows, the input files (`pleach.toml`,
//! `ShapedDevices.csv`, `network.json` or `nodes.csv`, `links.csv`), and `expected/`: `summary.txt` always, and the files
//! of a shaper where the case is about them. Expectations are written by hand first; `BLESS=1 cargo test --test golden`
//! rewrites those that are there, to be read as a diff.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use pleach::config::{Config, Shaper};
use pleach::export::{self, FILE_NAMES};
use pleach::load;
use pleach::survey::Survey;

#[test]
fn golden_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden");
    let mut cases = folders(&root).iter().flat_map(|area| folders(area)).collect::<Vec<_>>();
    cases.sort();
    assert!(!cases.is_empty(), "there are golden cases");
    let failures: Vec<String> =
        cases.iter().filter_map(|case| run(case).err().map(|why| format!("{}\n{why}", case.display()))).collect();
    assert!(failures.is_empty(), "{} of {} cases differ\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries.map(|entry| entry.expect("listed").path()).filter(|path| path.is_dir()).collect()
}

fn run(case: &Path) -> Result<(), String> {
    let config = config(case)?;
    let loaded = load::load(&config.csv).map_err(|error| format!("{error:#}"))?;
    let survey = Survey::new(loaded, &config);
    let (shapers, holders) = survey.shapers(&config.shaper).map_err(|error| error.to_string())?;
    let mut made = vec![("summary.txt".to_owned(), Vec::new())];
    let views = survey.views(&shapers);
    let mut problems = survey.problems(&views);
    for (index, rooted) in shapers.iter().enumerate() {
        let files = export::build(&survey, rooted, &views[index], &holders, index);
        problems.extend(files.problem);
        for (name, bytes) in FILE_NAMES.into_iter().zip(files.contents).take(2) {
            made.push((format!("{}/{name}", files.name), bytes));
        }
    }
    made[0].1 = summary(case, &survey, &problems).into_bytes();
    compare(&case.join("expected"), &made)
}

fn config(case: &Path) -> Result<Config, String> {
    let file = case.join("pleach.toml");
    let mut config =
        if file.exists() { Config::read(&file).map_err(|error| error.to_string())? } else { Config::default() };
    let standing = |names: &[&str]| names.iter().map(|name| case.join(name)).find(|path| path.exists());
    config.csv.shaped_devices = config.csv.shaped_devices.or_else(|| standing(&["ShapedDevices.csv"]));
    config.csv.nodes = config.csv.nodes.or_else(|| standing(&["network.json", "nodes.csv"]));
    config.csv.links = config.csv.links.or_else(|| standing(&["links.csv"]));
    if config.shaper.is_empty() {
        config.shaper.push(Shaper::named("default", None));
    }
    Ok(config)
}

/// The counting law, then a line a problem: code, where, which record.
fn summary(case: &Path, survey: &Survey, problems: &[pleach_graph::Problem]) -> String {
    let counts = survey.census.counts();
    let mut text = format!(
        "read {} = shaped {} + quarantined {} + left out {}\n",
        counts.read, counts.shaped, counts.quarantined, counts.left_out
    );
    for problem in problems {
        let _ = write!(text, "{}", problem.code);
        if let Some(document) = &problem.document {
            let document = Path::new(document.as_str());
            let document = document.strip_prefix(case).unwrap_or(document);
            let _ = write!(text, " {}", document.display());
        }
        if let Some(line) = problem.line {
            let _ = write!(text, ":{line}");
        }
        if let Some(record) = &problem.record {
            let _ = write!(text, " {record}");
        }
        text.push('\n');
    }
    text
}

/// Compares what is expected with what was made; with `BLESS` set, writes it instead.
fn compare(expected: &Path, made: &[(String, Vec<u8>)]) -> Result<(), String> {
    let bless = std::env::var_os("BLESS").is_some();
    let mut differences = String::new();
    for (name, bytes) in made {
        let path = expected.join(name);
        if bless && (path.exists() || name == "summary.txt") {
            std::fs::create_dir_all(expected).expect("made");
            std::fs::write(&path, bytes).expect("written");
        }
        match std::fs::read(&path) {
            Ok(wanted) if wanted != *bytes => {
                let (wanted, made) = (String::from_utf8_lossy(&wanted), String::from_utf8_lossy(bytes));
                let _ = write!(differences, "{name} expected:\n{wanted}\n{name} made:\n{made}\n");
            }
            Err(_) if name == "summary.txt" => differences.push_str("expected/summary.txt is missing\n"),
            _ => {}
        }
    }
    for wanted in files_below(expected) {
        if !made.iter().any(|(name, _)| expected.join(name) == wanted) {
            let _ = writeln!(differences, "nothing makes {}", wanted.display());
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(differences) }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("listed").path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found
}
