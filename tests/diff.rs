//! Golden diffs: two generations as files, how they differ, and what the guard says of the second.
//!
//! `testdata/diff/<case>/` holds a README.md that says what the case shows, `before/` and `after/` with input files
//! (`ShapedDevices.csv`, `nodes.csv`, `links.csv`), perhaps a `pleach.toml` for both or in each, and `expected/`: `diff.txt`
//! always, `diff.json`, `guard.txt` and `guard.json` where the case is about them. At most 4 lines of a group are shown.
//! `BLESS=1 cargo test --test diff` rewrites what is there, to be read as a diff.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use pleach::config::{Config, Shaper};
use pleach::load;
use pleach::survey::Survey;
use pleach::sync::{Seen, difference};
use pleach::terminal::Lines;
use pleach_graph::diff::{NetworkDiff, Side};
use pleach_graph::guard::{self, Limits};

/// How many lines of a group are shown.
const MOST: usize = 4;

#[test]
fn golden_diffs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/diff");
    let entries = std::fs::read_dir(&root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut cases: Vec<PathBuf> =
        entries.map(|entry| entry.expect("listed").path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(cases.len() >= 6, "there are golden diffs");
    let failures: Vec<String> =
        cases.iter().filter_map(|case| run(case).err().map(|why| format!("{}\n{why}", case.display()))).collect();
    assert!(failures.is_empty(), "{} of {} cases differ\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

fn run(case: &Path) -> Result<(), String> {
    let [(old_config, before), (config, after)] = ["before", "after"].map(|side| survey(case, side));
    let rooted = [(&before, &old_config), (&after, &config)]
        .map(|(survey, config)| survey.shapers(&config.shaper).expect("roots are in both").0);
    let seen = [(&before, &old_config), (&after, &config)].map(|(survey, config)| Seen::now(survey, config));
    let difference = difference(&config, Some(&seen[0]), &seen[1]).expect("roots are in both");
    let sides = [(&before, &rooted[0]), (&after, &rooted[1])]
        .map(|(survey, rooted)| Side::new(&survey.network, &survey.census, rooted.iter().map(|rooted| &rooted.tree)));
    let [before, after] = &sides;
    let diff = NetworkDiff::between(before, after);
    let mut text = Lines::new(Vec::new());
    for line in difference.text().lines().take_while(|line| line.starts_with("shaper `")) {
        writeln!(text, "{line}").expect("memory can be written");
    }
    diff.write(MOST, &mut text).expect("memory can be written");
    let judgement = guard::judge(Some(before), after, &Limits::default());
    let mut refusals = Lines::new(Vec::new());
    for refusal in difference.refusals() {
        writeln!(refusals, "{refusal}").expect("memory can be written");
    }
    let json = |value: serde_json::Result<String>| (value.expect("facts are JSON") + "\n").into_bytes();
    compare(
        &case.join("expected"),
        &[
            ("diff.txt", text.into_inner()),
            ("diff.json", json(serde_json::to_string_pretty(&diff))),
            ("guard.txt", refusals.into_inner()),
            ("guard.json", json(serde_json::to_string_pretty(&judgement))),
        ],
    )
}

fn survey(case: &Path, side: &str) -> (Config, Survey) {
    let own = case.join(side).join("pleach.toml");
    let file = if own.exists() { own } else { case.join("pleach.toml") };
    let mut config = if file.exists() { Config::read(&file).expect("a configuration") } else { Config::default() };
    let standing = |name: &str| Some(case.join(side).join(name)).filter(|path| path.exists());
    config.csv.shaped_devices = standing("ShapedDevices.csv");
    config.csv.nodes = standing("nodes.csv");
    config.csv.links = standing("links.csv");
    if config.shaper.is_empty() {
        config.shaper.push(Shaper::named("default", None));
    }
    let loaded = load::load(&config.csv).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
    let survey = Survey::new(loaded, &config);
    (config, survey)
}

fn compare(expected: &Path, made: &[(&str, Vec<u8>)]) -> Result<(), String> {
    let mut differences = String::new();
    for (name, bytes) in made {
        let path = expected.join(name);
        let is_asked_for = *name == "diff.txt" || path.exists();
        if is_asked_for && std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(expected).expect("made");
            std::fs::write(&path, bytes).expect("written");
        }
        let wanted = std::fs::read(&path);
        if is_asked_for && wanted.as_ref().ok() != Some(bytes) {
            let wanted = wanted.map_or_else(|error| error.to_string(), |bytes| String::from_utf8_lossy(&bytes).into());
            let made = String::from_utf8_lossy(bytes);
            let _ = write!(differences, "{name} expected:\n{wanted}\n{name} made:\n{made}\n");
        }
    }
    for entry in std::fs::read_dir(expected).into_iter().flatten() {
        let path = entry.expect("listed").path();
        if !made.iter().any(|(name, _)| expected.join(name) == path) {
            let _ = writeln!(differences, "nothing makes {}", path.display());
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(differences) }
}
