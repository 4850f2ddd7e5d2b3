//! A sync whose sources say that the network is another one: refused, shown, accepted by its hash alone.

use std::fmt::Write as _;

use crate::harness::Folder;

/// A folder that was synced, with this many access points at `Tower A`.
fn synced(access_points: usize, more: &str) -> Folder {
    let folder = Folder::with_circuits(5);
    nodes(&folder, 0..access_points, "Tower A");
    folder.write("pleach.toml", configured("Tower A", more));
    folder.pleach(&["sync"]).code(0);
    folder
}

fn configured(root: &str, more: &str) -> String {
    format!(
        "state = \"state\"\n[csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"nodes.csv\"\n{more}\n\
         [[shaper]]\nname = \"main\"\nroot = \"{root}\"\nuplink = {{ down = \"2G\", up = \"2G\" }}\n"
    )
}

fn nodes(folder: &Folder, access_points: std::ops::Range<usize>, first: &str) {
    let mut text = format!(
        "Site Name,Download Mbps,Upload Mbps,Parent Site Name,Type\n{first},900,900,,\nTower B,500,400,{first},\n"
    );
    for number in access_points {
        writeln!(text, "AP {number:02},100,50,{first},ap").expect("memory");
    }
    folder.write("nodes.csv", text);
}

fn hash(stderr: &str) -> String {
    let after = stderr.split("--accept-changes ").nth(1).expect("a hash");
    after.split('`').next().expect("a hash").to_owned()
}

#[test]
fn vanished_nodes_are_refused_shown_and_accepted() {
    let folder = synced(20, "");
    let before = folder.fingerprint("state/generations");
    nodes(&folder, 11..20, "Tower A");
    let run = folder.pleach(&["sync", "--dry-run"]).code(7);
    let refused = "refused: source `csv`: 11 of 22 sites and access points would vanish or hang from another node";
    assert!(run.stdout.contains("nodes removed: 11\n"), "{}", run.stdout);
    assert!(run.stdout.contains(&format!("would be {refused}")), "{}", run.stdout);
    let run = folder.pleach(&["sync"]).code(4);
    assert!(run.stderr.contains(refused), "{}", run.stderr);
    assert_eq!(folder.fingerprint("state/generations"), before);
    nodes(&folder, 19..20, "Tower A");
    folder.pleach(&["sync", "--accept-changes", &hash(&run.stderr)]).code(0);
    assert_eq!(folder.read("state/current/shapers/main/network.json").matches("\"AP ").count(), 9, "what was seen");
    let folder = synced(20, "[guard]\nuprooted = { nodes = 11 }");
    nodes(&folder, 11..20, "Tower A");
    folder.pleach(&["sync"]).code(0);
}

#[test]
fn an_uplink_that_was_changed_is_shown_and_meant() {
    let folder = synced(2, "");
    // The first is in no file, as every ceiling is lower; the second is.
    for (generation, from, to) in [(2, "2G", "1.5G"), (3, "1.5G", "200M")] {
        let text = folder.read("pleach.toml");
        folder.write("pleach.toml", text.replace(&format!("down = \"{from}\""), &format!("down = \"{to}\"")));
        let run = folder.pleach(&["sync", "--dry-run"]).code(7);
        assert!(run.stdout.contains("shaper `main`: uplink {\"down\":\""), "{}", run.stdout);
        assert!(!run.stdout.contains("would be refused"), "{}", run.stdout);
        let run = folder.pleach(&["sync"]).code(0);
        assert!(run.stdout.contains("shaper `main`: uplink {\"down\":\""), "{}", run.stdout);
        assert!(folder.join(format!("state/generations/{generation}").as_str()).exists(), "{to} decides the queues");
    }
    folder.pleach(&["sync"]).code(0);
    assert!(!folder.join("state/generations/4").exists());
    nodes(&folder, 0..3, "Tower A");
    folder.pleach(&["sync"]).code(0);
}

#[test]
fn a_way_from_the_root_that_lost_a_digit_is_refused() {
    let folder = synced(2, "");
    let text = folder.read("nodes.csv");
    folder.write("nodes.csv", text.replace("Tower B,500,400", "Tower B,50,400").replace(",100,50,", ",9,50,"));
    let run = folder.pleach(&["sync"]).code(4);
    assert!(run.stderr.contains("refused: shaper `main` would carry "), "{}", run.stderr);
    folder.pleach(&["sync", "--accept-changes", &hash(&run.stderr)]).code(0);
    folder.pleach(&["sync"]).code(0);
}

#[test]
fn a_root_that_the_sources_lost_is_refused_and_another_one_is_meant() {
    let folder = synced(2, "");
    nodes(&folder, 0..2, "Tower Alpha");
    let run = folder.pleach(&["sync"]).code(4);
    let refused = "refused: shaper `main`: there is no node `Tower A` in the network";
    assert!(run.stderr.contains(refused), "{}", run.stderr);
    assert!(run.stderr.contains("it stood at `csv:node:Tower A`"), "{}", run.stderr);
    assert!(!run.stderr.contains("other shapers"), "there are none: {}", run.stderr);
    assert!(folder.pleach(&["status"]).code(0).stdout.contains("refused"));
    folder.write("pleach.toml", configured("Tower Alpha", ""));
    folder.pleach(&["sync"]).code(0);
    folder.write("pleach.toml", configured("Tower Gamma", ""));
    folder.pleach(&["sync"]).code(2);
}

#[test]
fn a_root_that_is_lost_says_that_no_other_shaper_is_renewed() {
    let folder = Folder::with_circuits(5);
    nodes(&folder, 0..2, "Tower A");
    let text = configured("Tower A", "") + "[[shaper]]\nname = \"second\"\nroot = \"Tower B\"\n";
    folder.write("pleach.toml", text);
    folder.pleach(&["sync"]).code(0);
    let before = folder.fingerprint("state/current/shapers/second");
    nodes(&folder, 0..3, "Tower Alpha");
    let run = folder.pleach(&["sync"]).code(4);
    let told = "the current generation stays, and the files of the other shapers are not renewed either; correct";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert_eq!(folder.fingerprint("state/current/shapers/second"), before);
}
