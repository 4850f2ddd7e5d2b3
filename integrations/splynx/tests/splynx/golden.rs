//! Golden cases: what a Splynx answers, and what becomes of it.
//!
//! `testdata/splynx/<case>/` holds a README.md that says what the case shows, one JSON file for each list that is not empty,
//! `settings.toml` where the settings are not the defaults, and `expected/`: `summary.txt` (the counting law and the problems)
//! and `tree.txt` always, `reasons.txt` where the case is about them. Expectations are written by hand first;
//! `BLESS=1 cargo test -p pleach-splynx golden` rewrites those that are there, to be read as a diff.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::common::{read, settings, snapshot};
use pleach_splynx::List;

#[test]
fn golden_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/splynx");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(&root).expect("cases").map(|entry| entry.expect("listed").path()).collect();
    cases.sort();
    assert!(cases.len() >= 8, "there are golden cases");
    let failures: Vec<String> = cases.iter().filter_map(|case| run(case).err()).collect();
    assert!(failures.is_empty(), "{} of {} cases differ\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

fn run(case: &Path) -> Result<(), String> {
    let text = |name: &str| std::fs::read_to_string(case.join(name)).ok();
    let lists = List::ALL.map(|list| (list, vec![text(&format!("{list}.json")).unwrap_or_else(|| "[]".to_owned())]));
    let known = |path: &Path| {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        List::ALL.iter().any(|list| list.name() == stem) || ["README", "settings", "expected"].contains(&stem.as_str())
    };
    for entry in std::fs::read_dir(case).map_err(|error| format!("{}: {error}", case.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        assert!(known(&path), "nothing reads {}", path.display());
    }
    let read = read(&settings(&text("settings.toml").unwrap_or_default()), &snapshot(&lists));
    let made = [("summary.txt", read.summary()), ("tree.txt", read.tree()), ("reasons.txt", read.reasons())];
    let mut differences = String::new();
    for (name, made) in made {
        let path = case.join("expected").join(name);
        if std::env::var_os("BLESS").is_some() && (path.exists() || name != "reasons.txt") {
            std::fs::write(&path, &made).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        match std::fs::read_to_string(&path) {
            Ok(expected) if expected != made => {
                let _ = write!(differences, "{name} expected:\n{expected}\n{name} made:\n{made}\n");
            }
            Err(_) if name != "reasons.txt" => drop(write!(differences, "{name} is missing; made:\n{made}\n")),
            _ => {}
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(format!("{}\n{differences}", case.display())) }
}
