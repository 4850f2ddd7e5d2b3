//! Golden cases: documents, and what becomes of them.
//!
//! `testdata/records/<case>/` holds a README.md that says what the case shows, `settings.toml` (what stands below `[records]`), the
//! documents that it names, and `expected/`: `summary.txt` (the counting law and the problems) and `nodes.txt`. Expectations are
//! written by hand first; `BLESS=1 cargo test -p pleach-records golden` rewrites them, to be read as a diff.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::common::{fetch, read, settings, source};

#[test]
fn golden_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/records");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(&root).expect("cases").map(|entry| entry.expect("listed").path()).collect();
    cases.sort();
    assert!(cases.len() >= 5, "there are golden cases");
    let failures: Vec<String> = cases.iter().filter_map(|case| run(case).err()).collect();
    assert!(failures.is_empty(), "{} of {} cases differ\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

fn run(case: &Path) -> Result<(), String> {
    let wrong = |error: &dyn std::error::Error| format!("{}: {error}", case.display());
    let text = std::fs::read_to_string(case.join("settings.toml")).map_err(|error| wrong(&error))?;
    let mut settings = settings(&text);
    settings.resolve_paths(case);
    let source = source(settings, case);
    let snapshot = fetch(&source).map_err(|error| wrong(&error))?;
    let read = read(&source, &snapshot).map_err(|error| wrong(&error))?;
    let mut differences = String::new();
    for (name, made) in
        [("summary.txt", read.summary().replace(&format!("{}/", case.display()), "")), ("nodes.txt", read.nodes())]
    {
        let path = case.join("expected").join(name);
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(case.join("expected")).map_err(|error| wrong(&error))?;
            std::fs::write(&path, &made).map_err(|error| wrong(&error))?;
        }
        match std::fs::read_to_string(&path) {
            Ok(expected) if expected == made => {}
            Ok(expected) => {
                let _ = write!(differences, "{name} expected:\n{expected}\n{name} made:\n{made}\n");
            }
            Err(_) => {
                let _ = write!(differences, "{name} is missing; made:\n{made}\n");
            }
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(format!("{}\n{differences}", case.display())) }
}

/// `docs/records.schema.json` lists the fields that there are, kind by kind, and the ones that are needed.
#[test]
fn the_published_schema_is_that_of_the_reader() {
    use pleach_records::{Field, RecordKind};
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/records.schema.json");
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("it is JSON");
    for kind in RecordKind::ALL {
        let properties = schema["$defs"][kind.as_str()]["properties"].as_object().expect("properties");
        let mut listed: Vec<&str> = properties.keys().map(String::as_str).filter(|name| *name != "record").collect();
        let mut known: Vec<&str> =
            Field::ALL.iter().filter(|field| field.is_of(kind)).map(|field| field.name()).collect();
        listed.sort_unstable();
        known.sort_unstable();
        assert_eq!(listed, known, "{}", kind.as_str());
    }
}
