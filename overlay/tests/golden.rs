//! Cases as folders: what `testdata/overlay/README.md` says.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use pleach_graph::{Problem, Problems};
use pleach_overlay::links::{LinkState, diff, script as shell_script, wanted};
use pleach_overlay::lsctl::{Action, Interpreter, Runner, Session, to_lsctl};
use pleach_overlay::{Counting, Host, Model, Mtu, Origin, Reading, check, read, to_toml};
use pleach_tc::{Interface, MarkField};

#[test]
fn cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/overlay");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(&root)
        .expect("the cases")
        .map(|entry| entry.expect("listed").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() > 20, "there are cases");
    let failures: Vec<String> =
        cases.iter().filter_map(|case| run(case).err().map(|why| format!("{}\n{why}", case.display()))).collect();
    assert!(failures.is_empty(), "{} of {} cases differ\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

fn run(case: &Path) -> Result<(), String> {
    let script = case.join("input.lsctl");
    let reading = if script.exists() { run_script(case, &script)? } else { read_toml(case)? };
    let host = Host { interfaces: interfaces(case), addresses: addresses(case), counting: counting(case) };
    let (checked, problems) = check(&reading.model, &reading.origins, &host, reading.problems);
    let mark = MarkField::new(0x00ff_ffff).expect("bits that stand together");
    let mut made = vec![
        ("problems.txt".to_owned(), problem_lines(&problems)),
        ("mtu.txt".to_owned(), mtu_lines(&reading.model)),
        ("model.toml".to_owned(), to_toml(&reading.model)),
        ("model.lsctl".to_owned(), to_lsctl(&reading.model)),
    ];
    for phys in reading.model.physes().keys() {
        let Some(Ok(state)) = checked.map(|checked| wanted(checked, phys, mark)) else { continue };
        made.push((format!("plan-{phys}.sh"), shell_script(&diff(&LinkState::default(), &state))));
    }
    compare(&case.join("expected"), &made)
}

fn read_toml(case: &Path) -> Result<Reading, String> {
    let text = std::fs::read_to_string(case.join("input.toml")).expect("an input");
    read(&text, "input.toml").map_err(|error| error.to_string())
}

/// Keeps what a script commits, or has at its end: the manual's examples end with `free`.
#[derive(Default)]
struct Committed(Option<Session>);

impl Runner for Committed {
    fn act(&mut self, action: Action, session: &Session, _: &Origin) -> Result<(), String> {
        if action == Action::Commit {
            self.0 = Some(session.clone());
        }
        Ok(())
    }
}

fn run_script(case: &Path, script: &Path) -> Result<Reading, String> {
    let text = std::fs::read_to_string(script).expect("a script");
    let arguments = std::fs::read_to_string(case.join("arguments")).unwrap_or_default();
    let mut interpreter = Interpreter::new(arguments.split_whitespace());
    let mut committed = Committed::default();
    interpreter.run(&text, "input.lsctl", &mut committed).map_err(|error| error.to_string())?;
    let Session { model, origins } = committed.0.unwrap_or_else(|| interpreter.session().clone());
    Ok(Reading { model, origins, problems: Problems::default() })
}

fn interfaces(case: &Path) -> Option<BTreeMap<Interface, Mtu>> {
    let text = std::fs::read_to_string(case.join("interfaces")).ok()?;
    let line = |line: &str| {
        let (name, mtu) = line.split_once(' ').expect("a name and an MTU");
        (name.parse().expect("a name"), Mtu::new(mtu.parse().expect("a number")).expect("an MTU"))
    };
    Some(text.lines().map(line).collect())
}

fn addresses(case: &Path) -> Option<BTreeSet<IpAddr>> {
    let text = std::fs::read_to_string(case.join("addresses")).ok()?;
    Some(text.lines().map(|line| line.parse().expect("an address")).collect())
}

/// A kernel that counts too small says so in a file of its own.
fn counting(case: &Path) -> Counting {
    if case.join("counts-too-small").exists() { Counting::TooSmall } else { Counting::AsPackets }
}

fn problem_lines(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        let line = problem.line.map_or_else(|| "-".to_owned(), |line| line.to_string());
        let record = problem.record.as_ref().map_or("-", |record| record.as_str());
        let field = problem.field.as_deref().unwrap_or("-");
        let _ = writeln!(text, "{} {line} {record} {field}", problem.code);
    }
    text
}

fn mtu_lines(model: &Model) -> String {
    let mut text = String::new();
    for (net_name, net) in model.nets() {
        for (phys_name, phys) in model.attached(net) {
            let mtu = model.recommended_mtu(net, phys).map_or_else(|| "unknown".to_owned(), |mtu| mtu.to_string());
            let _ = writeln!(text, "{net_name} {phys_name} {mtu}");
        }
    }
    text
}

/// Compares with the files that are there; `problems.txt` always is.
fn compare(expected: &Path, made: &[(String, String)]) -> Result<(), String> {
    let mut differences = String::new();
    for (name, text) in made {
        let path = expected.join(name);
        if std::env::var_os("BLESS").is_some() && path.exists() {
            std::fs::write(&path, text).expect("written");
        }
        match std::fs::read_to_string(&path) {
            Ok(wanted) if wanted != *text => {
                let _ = write!(differences, "{name} expected:\n{wanted}\n{name} made:\n{text}\n");
            }
            Err(_) if name == "problems.txt" => differences.push_str("expected/problems.txt is missing\n"),
            _ => {}
        }
    }
    for entry in std::fs::read_dir(expected).into_iter().flatten() {
        let name = entry.expect("listed").file_name();
        if !made.iter().any(|(made, _)| OsStr::new(made) == name) {
            let _ = writeln!(differences, "nothing makes {}", name.display());
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(differences) }
}
