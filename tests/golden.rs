//! Golden cases: folders of input files and what Pleach makes of them.
//!
//! `testdata/golden/<area>/<case>/` holds a README.md that says what the case shows, the input files (`pleach.toml`,
//! `ShapedDevices.csv`, `network.json` or `nodes.csv`, `links.csv`), and `expected/`: `summary.txt` always, and the files
//! of a shaper where the case is about them. A case of the area `stored` has `problems.jsonl`, as a generation keeps it, in
//! the place of input files. Expectations are written by hand first; `BLESS=1 cargo test --test golden`
//! rewrites those that are there, to be read as a diff.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use pleach::config::{Addresses, Config, CsvFiles, Scope, Shaper};
use pleach::export::{self, FILE_NAMES};
use pleach::load;
use pleach::nets::BoundNets;
use pleach::survey::Survey;
use pleach_graph::{Problem, stored};

#[test]
fn golden_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden");
    let mut cases = areas(&root).iter().flat_map(|area| folders(area)).collect::<Vec<_>>();
    cases.sort();
    assert!(!cases.is_empty(), "there are golden cases");
    let failures: Vec<String> =
        cases.iter().filter_map(|case| run(case).err().map(|why| format!("{}\n{why}", case.display()))).collect();
    assert!(failures.is_empty(), "{} of {} cases differ\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

/// A new code comes with a case of its own: `problem/<code>` or `stored/<code>`, whose summary names it, `plan/<code>`, whose
/// plan does, or, where the files of one CSV source cannot show it, a folder `<code>` of `testdata/rules`, `testdata/uisp`,
/// `testdata/splynx` or `testdata/overlay`.
#[test]
fn every_problem_code_has_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden");
    for code in pleach_graph::Code::ALL {
        let code = code.as_str();
        let elsewhere = [
            format!("{PLANS}/{code}/expected/plan.txt"),
            format!("{STORED}/{code}/expected/summary.txt"),
            format!("../rules/{code}/expected.txt"),
            format!("../uisp/{code}/expected/summary.txt"),
            format!("../splynx/{code}/expected/summary.txt"),
            format!("../overlay/{code}/expected/problems.txt"),
        ];
        let elsewhere = elsewhere.map(|path| root.join(path)).into_iter().find(|path| path.exists());
        let summary = elsewhere.unwrap_or_else(|| root.join("problem").join(code).join("expected/summary.txt"));
        let text = std::fs::read_to_string(&summary).unwrap_or_else(|error| panic!("{}: {error}", summary.display()));
        let names_it = text.lines().any(|line| line.split([' ', ',']).next() == Some(code));
        assert!(names_it, "{} does not name `{code}`", summary.display());
    }
}

/// The area of plans, which has a runner of its own.
const PLANS: &str = "plan";

/// The area of what a generation keeps.
const STORED: &str = "stored";

/// All other areas.
fn areas(root: &Path) -> Vec<PathBuf> {
    folders(root).into_iter().filter(|area| !area.ends_with(PLANS) && !area.ends_with(STORED)).collect()
}

#[test]
fn stored_problems() {
    let area = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden").join(STORED);
    for case in folders(&area) {
        let bytes = std::fs::read(case.join("problems.jsonl")).expect("a file of problems");
        let problems = stored::read_problems(&bytes[..]).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        let lines: Vec<String> = problems.iter().map(|problem| problem_line(&case, problem)).collect();
        let made = [("summary.txt".to_owned(), lines.concat().into_bytes())];
        compare(&case.join("expected"), &made).unwrap_or_else(|why| panic!("{}\n{why}", case.display()));
        let mut again = Vec::new();
        stored::write_problems(&problems, &mut again).expect("memory can be written");
        assert_eq!(stored::read_problems(&again[..]).expect("read back"), problems, "{}", case.display());
    }
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries.map(|entry| entry.expect("listed").path()).filter(|path| path.is_dir()).collect()
}

fn run(case: &Path) -> Result<(), String> {
    let config = config(case)?;
    let gathered = load::gather(&config.csv).map_err(|error| format!("{:#}", anyhow::Error::new(error)))?;
    let bound = BoundNets::read(&config).map_err(|error| format!("{:#}", anyhow::Error::new(error)))?;
    let survey = Survey::new(gathered.bind(bound).build(&config.network.exclude), &config);
    let (shapers, holders) = survey.shapers(&config.shaper).map_err(|error| error.to_string())?;
    let mut made = vec![("summary.txt".to_owned(), Vec::new())];
    let views = survey.views(&shapers);
    let mut problems = survey.problems(&views);
    for (index, rooted) in shapers.iter().enumerate() {
        let files = export::build(&survey, rooted, &views[index], &holders, index);
        problems.extend(files.problems);
        for (name, bytes) in FILE_NAMES.into_iter().zip(files.contents).take(2) {
            made.push((format!("{}/{name}", files.name), bytes));
        }
    }
    made[0].1 = summary(case, &survey, &problems).into_bytes();
    compare(&case.join("expected"), &made)
}

/// What was written, read and written again: the same bytes, and nothing set aside.
#[test]
fn written_files_read_back_as_they_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden");
    let scratch = tempfile::tempdir().expect("a folder");
    for case in areas(&root).iter().flat_map(|area| folders(area)) {
        let config = config(&case).expect("a configuration");
        for (shaper, files) in written(&config) {
            let [nodes, shaped_devices] = [0, 1].map(|at| scratch.path().join(FILE_NAMES[at]));
            std::fs::write(&nodes, &files[0]).expect("written");
            std::fs::write(&shaped_devices, &files[1]).expect("written");
            let again = Config {
                csv: CsvFiles { shaped_devices: Some(shaped_devices), nodes: Some(nodes), links: None },
                // The generated bypass circuit holds what is never shaped.
                addresses: Addresses { never_shape: false, ..Addresses::default() },
                shaper: vec![Shaper { root: None, scope: Scope::All, ..shaper }],
                ..Config::default()
            };
            let (_, second) = written(&again).pop().expect("a shaper");
            for (first, second) in files.iter().zip(&second) {
                let [first, second] = [first, second].map(|bytes| String::from_utf8_lossy(bytes));
                assert_eq!(first, second, "{}", case.display());
            }
        }
    }
}

/// Each shaper with its network.json and ShapedDevices.csv.
fn written(config: &Config) -> Vec<(Shaper, [Vec<u8>; 2])> {
    let bound = BoundNets::read(config).expect("read");
    let gathered = load::gather(&config.csv).expect("read").bind(bound);
    let survey = Survey::new(gathered.build(&config.network.exclude), config);
    let (shapers, holders) = survey.shapers(&config.shaper).expect("roots");
    let views = survey.views(&shapers);
    let files = shapers.iter().enumerate().map(|(index, rooted)| {
        let [nodes, circuits, _] = export::build(&survey, rooted, &views[index], &holders, index).contents;
        (rooted.shaper.clone(), [nodes, circuits])
    });
    files.collect()
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
fn summary(case: &Path, survey: &Survey, problems: &[Problem]) -> String {
    let counts = survey.census.counts();
    let mut text = format!(
        "read {} = shaped {} + quarantined {} + left out {}\n",
        counts.read, counts.shaped, counts.quarantined, counts.left_out
    );
    text.extend(problems.iter().map(|problem| problem_line(case, problem)));
    text
}

fn problem_line(case: &Path, problem: &Problem) -> String {
    let mut text = problem.code.to_string();
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
