//! The manual is true: what it lists is what the code has.

use std::path::Path;

use pleach_graph::{Code, Severity};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_problem_code_is_in_the_manual() {
    let manual = read("docs/problems.md");
    for code in Code::ALL {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let row = format!("| `{code}` | {severity} | {} |", code.meaning());
        assert!(manual.lines().any(|line| line == row), "docs/problems.md should have the row\n{row}");
    }
    let rows = manual.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, Code::ALL.len(), "the manual lists codes that are no more");
}

#[test]
fn links_lead_somewhere() {
    for page in [
        "README.md",
        "ARCHITECTURE.md",
        "docs/fakes.md",
        "docs/files.md",
        "docs/install.md",
        "docs/libreqos.md",
        "docs/overlay.md",
        "docs/overrides.md",
        "docs/problems.md",
        "docs/queues.md",
        "docs/records.md",
        "docs/shaping.md",
        "docs/sources.md",
        "docs/splynx.md",
        "docs/sync.md",
        "docs/uisp.md",
    ] {
        let text = read(page);
        let folder = Path::new(page).parent().expect("a folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") {
                continue;
            }
            let target = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(link);
            assert!(target.exists(), "{page}: {link} leads nowhere");
        }
    }
}
