//! `pleach overlay`.

use std::path::Path;

use crate::harness::Folder;

/// A folder with a case of `testdata/overlay` in it.
fn case(name: &str) -> Folder {
    let folder = Folder::new();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/overlay").join(name);
    for file in ["input.toml", "input.lsctl"] {
        if let Ok(text) = std::fs::read(case.join(file)) {
            folder.write(file, text);
        }
    }
    folder
}

#[test]
fn the_manuals_examples_run_up_to_their_commit() {
    for (example, phys, tunnel) in
        [("manual-1", "A", "pl-vx-p4789"), ("manual-quickstart", "B", "pl-gn-p6081"), ("manual-3", "a", "pl-vlan1")]
    {
        let folder = case(example);
        let run = folder.pleach(&["overlay", "run", "input.lsctl", phys]).code(1);
        let line = folder.read("input.lsctl").lines().position(|line| line == "commit").expect("it commits") + 1;
        assert_eq!(
            run.stderr.lines().last(),
            Some(format!("pleach: `input.lsctl` line {line}: commit: Pleach cannot put an overlay into effect yet; this is what it would make, and nothing was changed").as_str()),
        );
        assert!(run.stdout.contains(&format!("{tunnel}\n  + link ")), "{}", run.stdout);
        assert!(run.stdout.ends_with(" to remove, 0 unchanged\n"), "{}", run.stdout);
    }
    // The second example leaves the commit to those who send it to a daemon.
    case("manual-2").pleach(&["overlay", "run", "input.lsctl"]).code(0).quiet().stdout("");
}

#[test]
fn a_script_stops_with_its_line() {
    let folder = Folder::new();
    folder.write("a.lsctl", "settings vlan\nnet 1 {\n  virt -mac nonsense\n}\n");
    let run = folder.pleach(&["overlay", "run", "a.lsctl"]).code(1).stdout("");
    assert_eq!(
        run.stderr,
        "pleach: `a.lsctl` line 3: `-mac nonsense` is not a MAC address such as `9f:1a:c1:4c:ee:0b` or `9f1ac14cee0b`\n  inside `net` of line 2\n"
    );
    folder.write("b.lsctl", "settings vxlan/e2e\nphys -name a\nnet 1 {attach a}\nclaimLocal a\nvalidate\n");
    let run = folder.pleach(&["overlay", "run", "b.lsctl"]).code(1).stdout("");
    assert!(
        run.stderr.contains("error missing-attribute: 2\n  b.lsctl line 2, interface (overlay:phys:a): "),
        "{}",
        run.stderr
    );
    assert!(run.stderr.ends_with("pleach: `b.lsctl` line 5: validation error\n"), "{}", run.stderr);
    folder.write("c.lsctl", "cleanup\n");
    folder.pleach(&["overlay", "run", "c.lsctl"]).code(1);
}

#[test]
fn problems_are_reported_all_at_once() {
    let run = case("bad-overlay-value").pleach(&["overlay", "validate", "input.toml"]).code(1).quiet();
    assert!(run.stdout.contains("error bad-overlay-value: 21\n"), "{}", run.stdout);
    let json =
        case("bad-overlay-value").pleach(&["overlay", "validate", "input.toml", "--json"]).code(1).quiet().json();
    assert_eq!(json["problems"].as_array().map(Vec::len), Some(21));
    let run = case("whole").pleach(&["overlay", "validate", "input.toml"]).code(0).quiet();
    assert_eq!(
        run.stdout,
        "net Bakery at phys A: MTU up to 1550\nnet Bookstore at phys A: MTU up to 1550\nnet Bookstore at phys B: MTU unknown, since the underlay's is not stated\n2 nets, 2 physes, 1 virt\nproblems: none\n"
    );
}

#[test]
fn every_language_reads_back() {
    let folder = case("whole");
    let toml = folder.pleach(&["overlay", "show", "input.toml"]).code(0).quiet().stdout;
    let lsctl = folder.pleach(&["overlay", "show", "input.toml", "--format", "lsctl"]).code(0).quiet().stdout;
    folder.write("again.toml", &toml);
    folder.write("again.lsctl", &lsctl);
    folder.pleach(&["overlay", "show", "again.toml"]).code(0).stdout(&toml);
    folder.pleach(&["overlay", "show", "again.lsctl"]).code(0).stdout(&toml);
    let json = folder.pleach(&["overlay", "show", "again.lsctl", "--format", "json"]).code(0).quiet().json();
    assert_eq!(json["overlay"]["net"]["Bookstore"]["virt"]["the till"]["mac"], "02:00:00:00:00:a1");
}

#[test]
fn a_plan_is_for_one_host() {
    let folder = case("hosts-geneve");
    let none = folder.pleach(&["overlay", "plan", "input.toml"]).code(2).stdout("");
    assert!(
        none.stderr.contains("no phys is claimed local") && none.stderr.contains("`A`, `B` or `C`"),
        "{}",
        none.stderr
    );
    folder.pleach(&["overlay", "plan", "input.toml", "--phys", "D"]).code(2).stdout("");
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/overlay/hosts-geneve/expected/plan-B.sh");
    let expected = std::fs::read_to_string(expected).expect("a script");
    folder.pleach(&["overlay", "plan", "input.toml", "--phys", "B", "--format", "script"]).code(0).stdout(&expected);
    let broken = case("bad-network-id").pleach(&["overlay", "plan", "input.toml", "--phys", "A"]).code(1).stdout("");
    assert!(broken.stderr.ends_with("pleach: the model has errors, so nothing is planned\n"), "{}", broken.stderr);
}

#[test]
fn files_that_are_none() {
    let folder = Folder::new();
    let missing = folder.pleach(&["overlay", "validate", "missing.toml"]).code(2).stdout("");
    assert!(missing.stderr.starts_with("pleach: cannot read `missing.toml`"), "{}", missing.stderr);
    folder.write("a.toml", "[overlay\n");
    let broken = folder.pleach(&["overlay", "show", "a.toml"]).code(2).stdout("");
    assert!(broken.stderr.starts_with("pleach: `a.toml` line 1: "), "{}", broken.stderr);
    folder.write("b.toml", [0xff, 0xfe]);
    folder.pleach(&["overlay", "show", "b.toml"]).code(2).stdout("");
    folder.pleach(&["overlay", "show", "a.toml", "A"]).code(2).stdout("");
}
