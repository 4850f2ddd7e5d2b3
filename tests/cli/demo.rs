//! `pleach demo`, the first thing anybody runs.

use crate::harness::Folder;

#[test]
fn does_the_main_job() {
    let folder = Folder::new();
    let run = folder.pleach(&["demo"]).code(0);
    let start = "a network of three towers in a ring, with a few rows broken on purpose\n\nerror no-address: 3\n";
    assert!(run.stdout.starts_with(start), "{}", run.stdout);
    let summary = run.stdout.find("read from").expect("a summary");
    assert_eq!(
        &run.stdout[summary..],
        "read from pleach-demo/ShapedDevices.csv, pleach-demo/nodes.csv, pleach-demo/links.csv
problems: 7 errors, 10 warnings, 3 notes
314 circuits read = 308 shaped + 5 quarantined + 1 left out by rule
  left out, ignored addresses: 1
shaper tower-a  at csv:node:Tower A: 308 circuits, 19 nodes
shaper tower-c  at csv:node:Tower C: 308 circuits, 18 nodes

pleach-demo/tower-a: 308 circuits, 19 nodes; wrote network.json, ShapedDevices.csv, manifest.json
pleach-demo/tower-c: 308 circuits, 18 nodes; wrote network.json, ShapedDevices.csv, manifest.json
circuits in one shaper: 0, in several: 308, in none: 0

`check` would have returned 3: 5 circuits are not shaped

try next:
  # every problem again
  {bin} check --config pleach-demo/pleach.toml
  # why a subscriber is where it is
  {bin} explain 1042 --config pleach-demo/pleach.toml
  # whose an address is
  {bin} lookup 100.64.1.7 --config pleach-demo/pleach.toml
  # a picture for any browser
  {bin} graph --config pleach-demo/pleach.toml > pleach-demo/network.svg
  # the files of a third shaper, in pleach-demo/Tower-B/
  {bin} export --root 'Tower B' --out pleach-demo --config pleach-demo/pleach.toml
"
    );
    run.quiet();
}

#[test]
fn what_it_says_to_try_works() {
    let folder = Folder::new();
    let run = folder.pleach(&["demo"]).code(0);
    let commands: Vec<&str> = run.stdout.lines().filter_map(|line| line.strip_prefix("  {bin} ")).collect();
    assert_eq!(commands.len(), 5);
    for command in commands {
        let run = folder.sh(&format!("$PLEACH {command}"));
        assert!(matches!(run.code, Some(0 | 3)), "{command}: {run:?}");
    }
    assert!(folder.join("pleach-demo/Tower-B/manifest.json").exists());
    assert!(folder.read("pleach-demo/network.svg").starts_with("<svg"));
}

#[test]
fn again_changes_nothing() {
    let folder = Folder::new();
    folder.pleach(&["demo"]).code(0);
    let before = folder.fingerprint("pleach-demo/tower-a");
    let run = folder.pleach(&["demo"]).code(0);
    assert!(run.stdout.contains("pleach-demo/tower-a: 308 circuits, 19 nodes; unchanged\n"), "{}", run.stdout);
    assert_eq!(folder.fingerprint("pleach-demo/tower-a"), before);
}

#[test]
fn leaves_the_folder_of_others_alone() {
    let folder = Folder::new();
    folder.write("pleach-demo/mine", "");
    folder.pleach(&["demo"]).code(1).stdout("").stderr(
        "pleach: `pleach-demo` is there and was not made by the demo, so it is left alone
hint: run the demo in another folder, or move `pleach-demo` away
",
    );
    assert_eq!(folder.files(""), ["pleach-demo/", "pleach-demo/mine"]);
}

#[test]
fn a_binary_at_an_odd_place_is_quoted() {
    let folder = Folder::new();
    folder.sh("mkdir 'my tools' && ln -s $PLEACH \"my tools/it's pleach\"").code(0);
    let run = folder.run(&mut folder.command(&folder.join("my tools/it's pleach").display().to_string())).code(2);
    drop(run);
    let run = folder.sh("\"./my tools/it's pleach\" demo").code(0);
    assert!(run.stdout.contains(r"  './my tools/it'\''s pleach' check --config"), "{}", run.stdout);
}
