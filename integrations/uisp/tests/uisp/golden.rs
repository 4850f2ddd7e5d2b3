//! Golden cases: folders of answers and what Pleach makes of them.
//!
//! `testdata/uisp/<case>/` holds a README.md that says what the case shows, the answers (`sites.json`, `devices.json`,
//! `data-links.json`, `services.json`, `clients.json`), `settings.toml`, `overrides.toml` and `root.txt` where they matter, and
//! `expected/`: `summary.txt` always, and of `network.json`, `ShapedDevices.csv` and `explain.txt` what the case is about.
//! `BLESS=1 cargo test -p pleach-uisp` rewrites those that are there, to be read as a diff.

use std::fmt::Write as _;
use std::path::Path;

use crate::case::{Case, cases};

#[test]
fn golden_cases() {
    let cases = cases();
    let failures: Vec<String> =
        cases.iter().filter_map(|case| run(case).err().map(|why| format!("{}\n{why}", case.display()))).collect();
    assert!(failures.is_empty(), "{} of {} cases differ\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

fn run(folder: &Path) -> Result<(), String> {
    let made = Case::read(folder).make().map_err(|error| format!("{}: {}", error.address, error.reason))?;
    let expected = folder.join("expected");
    let bless = std::env::var_os("BLESS").is_some();
    let mut differences = String::new();
    for (name, contents) in made {
        let path = expected.join(name);
        if bless && (path.exists() || name == "summary.txt") {
            std::fs::create_dir_all(&expected).expect("made");
            std::fs::write(&path, &contents).expect("written");
        }
        match std::fs::read_to_string(&path) {
            Ok(wanted) if wanted != contents => {
                let _ = write!(differences, "{name} expected:\n{wanted}\n{name} made:\n{contents}\n");
            }
            Err(_) if name == "summary.txt" => differences.push_str("expected/summary.txt is missing\n"),
            _ => {}
        }
    }
    if !folder.join("README.md").exists() {
        differences.push_str("README.md is missing\n");
    }
    if differences.is_empty() { Ok(()) } else { Err(differences) }
}
