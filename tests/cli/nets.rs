//! Subscribers in nets of an overlay, as every verb that looks at the network shows them.

use crate::harness::Folder;

const HEADER: &str = "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,Download Min Mbps,\
                      Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment\n";

/// Ada and Cy in the net of Tower A, Ben with Ada's address outside of it.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write(
        "nodes.csv",
        "Site Name,Download Mbps,Upload Mbps,Parent Site Name,Type\nTower A,1000,500,,site\nTower B,1000,500,,site\n\
         AP 1,200,100,Tower A,ap\n",
    );
    let rows = "1,Ada,D1,CPE,AP 1,,10.0.0.1,,,,100,20,\n2,Ben,D2,CPE,Tower B,,10.0.0.1,,,,100,20,\n\
                3,Cy,D3,CPE,Tower A,,\"10.0.0.2, 192.0.2.7\",,,,50,10,\n";
    folder.write("ShapedDevices.csv", HEADER.to_owned() + rows);
    overlay(&folder, 5_001);
    folder.write(
        "pleach.toml",
        "state = \"state\"\n[csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"nodes.csv\"\n\
         [overlay]\nfile = \"overlay.toml\"\n[[shaper]]\nname = \"main\"\n",
    );
    folder
}

fn overlay(folder: &Folder, number: u32) {
    folder.write(
        "overlay.toml",
        format!(
            "[overlay.settings.default]\ntype = \"vxlan/e2e\"\n\
             [overlay.phys.east]\nip = \"fd00::1\"\nmtu = 1500\n[overlay.phys.west]\nip = \"fd00::2\"\nmtu = 1600\n\
             [overlay.net.reseller]\nid = {number}\nat = \"csv:node:Tower A\"\nprefixes = [\"10.0.0.0/8\"]\n\
             attach = [\"east\", \"west\"]\n[overlay.net.reseller.virt.bras]\nphys = \"west\"\ninterface = \"eth7\"\n"
        ),
    );
}

#[test]
fn a_node_tells_its_nets_and_a_circuit_what_is_left_in_its_own() {
    let folder = folder();
    let tower = folder.pleach(&["explain", "Tower A"]).code(0).stdout;
    assert!(tower.contains("  net         reseller (VXLAN 5001): 10.0.0.0/8\n    virt      bras at west\n"), "{tower}");
    // By hand: 1 430 + 14 of 1 430 + 14 + 70 bytes over IPv6.
    let cy = folder.pleach(&["explain", "3"]).code(0).stdout;
    let inner = "  in net      reseller (VXLAN 5001): at most 47.688243 Mbit/s down, 9.537648 Mbit/s up of inner frames, at packets of 1430 bytes\n";
    assert!(cy.contains(inner), "{cy}");
    assert!(cy.contains("    10.0.0.2 in net reseller\n    192.0.2.7\n"), "{cy}");
    let ben = folder.pleach(&["explain", "2"]).code(0).stdout;
    assert!(!ben.contains("in net") && ben.contains("    10.0.0.1\n"), "{ben}");
    let picture = folder.pleach(&["graph", "--format", "dot"]).code(0).stdout;
    assert!(picture.contains("reseller/bras"), "{picture}");
}

#[test]
fn an_address_is_looked_up_outside_of_nets_or_in_one() {
    let folder = folder();
    let whose = |arguments: &[&str]| folder.pleach(&[&["lookup", "10.0.0.1"], arguments].concat());
    whose(&[]).code(0).stdout("10.0.0.1 is in 10.0.0.1: circuit csv:circuit:2 (Ben)\n");
    whose(&["--net", "reseller"]).code(0).stdout("10.0.0.1 is in 10.0.0.1: circuit csv:circuit:1 (Ada)\n");
    let run = whose(&["--net", "reselle"]).code(2);
    assert!(run.stderr.contains("no net `reselle` is bound to the network") && run.stderr.contains("`reseller`"));
}

#[test]
fn a_generation_keeps_its_nets_and_a_changed_overlay_makes_another() {
    let folder = folder();
    folder.pleach(&["sync"]).code(0);
    assert!(folder.pleach(&["sync"]).code(0).stdout.contains("unchanged"));
    // What follows reads the generation, without the overlay.
    std::fs::rename(folder.join("overlay.toml"), folder.join("elsewhere.toml")).expect("moved");
    folder.pleach(&["lookup", "10.0.0.1", "--net", "reseller"]).code(0);
    let run = folder.pleach(&["sync"]).code(2);
    assert!(run.stderr.contains("cannot read the overlay"), "{}", run.stderr);
    overlay(&folder, 5_002);
    let run = folder.pleach(&["sync"]).code(0);
    let told =
        "nets bound: 1\n  + `reseller` (VXLAN 5002)  at `csv:node:Tower A`: 10.0.0.0/8\nnets no longer bound so: 1\n";
    assert!(run.stdout.contains(told) && run.stdout.contains("generation 2 is the current one"), "{}", run.stdout);
    let tower = folder.pleach(&["explain", "Tower A"]).code(0).stdout;
    assert!(tower.contains("(VXLAN 5002)"), "{tower}");
}

#[test]
fn an_overlay_with_errors_stops_everything() {
    let folder = folder();
    folder.pleach(&["sync"]).code(0);
    let before = folder.fingerprint("state/generations");
    folder.write("overlay.toml", "[overlay.net.a]\nid = 1\nat = \"csv:node:Tower A\"\n");
    let run = folder.pleach(&["sync"]).code(2);
    assert!(run.stderr.contains("has errors; the first: ") && run.stderr.contains("pleach overlay validate"));
    assert_eq!(folder.fingerprint("state/generations"), before);
    folder.write("overlay.toml", "[overlay\n");
    folder.pleach(&["check", "--csv", "ShapedDevices.csv", "--nodes", "nodes.csv"]).code(2);
}

#[test]
fn directives_bind_too_and_the_configuration_says_which_phys_is_here() {
    let folder = folder();
    folder.write(
        "overlay.lsctl",
        "settings vxlan/e2e\nphys -name east -if eth1 -ip 172.16.0.1\nphys -name west -ip 172.16.0.2\n\
         net -vid 5001 -at {csv:node:Tower A} reseller {\n  attach east west\n  virt -name bras -phys west -if eth7\n}\n",
    );
    let config = folder.read("pleach.toml").replace("overlay.toml", "overlay.lsctl");
    folder.write("pleach.toml", &config);
    let check = folder.pleach(&["check"]).code(0);
    assert!(!check.stdout.contains("untold-uploads") && !check.stderr.contains("untold-uploads"));
    folder.pleach(&["lookup", "192.0.2.7", "--net", "reseller"]).code(0);
    folder.write("pleach.toml", config.replace("[[shaper]]", "phys = \"east\"\n[[shaper]]"));
    let check = folder.pleach(&["check"]).code(0);
    let said = check.stdout.clone() + &check.stderr;
    assert!(said.contains("net `reseller` ends on this host, and `mark` says nothing of nets"), "{said}");
    folder.write("pleach.toml", config.replace("[[shaper]]", "phys = \"north\"\n[[shaper]]"));
    let run = folder.pleach(&["check"]).code(2);
    assert!(run.stderr.contains("there is no phys `north`"), "{}", run.stderr);
}

#[test]
fn on_the_internets_side_uploads_leave_in_the_tunnel() {
    let folder = folder();
    let local = "ip = \"fd00::1\"\ninterface = \"eth0\"\nlocal = true";
    folder.write("overlay.toml", folder.read("overlay.toml").replace("ip = \"fd00::1\"", local));
    for (outer, code, inner) in [
        ("eth0", "untold-downloads", "at most 50 Mbit/s down, 9.537648 Mbit/s up of inner frames"),
        ("eth2", "untold-uploads", "at most 47.688243 Mbit/s down, 10 Mbit/s up of inner frames"),
    ] {
        let interfaces = format!("[shaper.interfaces]\ntoward_subscribers = \"eth1\"\ntoward_internet = \"{outer}\"\n");
        let config = folder.read("pleach.toml");
        folder.write("pleach.toml", config.clone() + &interfaces);
        let check = folder.pleach(&["check"]).code(0);
        let said = check.stdout.clone() + &check.stderr;
        assert_eq!(said.matches("untold-").count(), 1, "{said}");
        assert!(said.contains(code), "{said}");
        let cy = folder.pleach(&["explain", "3"]).code(0).stdout;
        assert!(cy.contains(inner), "{cy}");
        folder.write("pleach.toml", config);
    }
}

#[test]
fn a_net_that_is_bound_to_no_site_takes_nobody_and_says_so() {
    let folder = folder();
    for (at, why) in [("csv:node:Tower Z", "which is not in the network"), ("csv:circuit:1", "which is a client")] {
        let text = folder.read("overlay.toml").replace("csv:node:Tower A", at);
        folder.write("overlay.toml", &text);
        let check = folder.pleach(&["check"]);
        let said = check.stdout.clone() + &check.stderr;
        assert!(said.contains(&format!("net `reseller` is bound to `{at}`, {why}")), "{said}");
        assert!(said.contains("duplicate-prefix"), "two circuits have the address outside of nets: {said}");
        overlay(&folder, 5_001);
    }
}

#[test]
fn more_ends_than_the_classifier_knows_are_refused_before_anything_is_changed() {
    use std::fmt::Write as _;

    let folder = folder();
    // Two places a host: its port, and its fragments.
    let with = |hosts: u32| {
        let mut text = "[overlay.settings.default]\ntype = \"vxlan/e2e\"\n".to_owned();
        let names: Vec<String> = (0..hosts).map(|host| format!("\"h{host}\"")).collect();
        for host in 0..hosts {
            let _ = writeln!(text, "[overlay.phys.h{host}]\nip = \"10.99.{}.{}\"", host / 250, host % 250 + 1);
        }
        let attach = names.join(", ");
        let _ = write!(text, "[overlay.net.reseller]\nid = 1\nat = \"csv:node:Tower A\"\nattach = [{attach}]\n");
        folder.write("overlay.toml", text);
    };
    with(2_048);
    folder.pleach(&["check"]).code(0);
    with(2_049);
    for verb in ["check", "sync"] {
        let run = folder.pleach(&[verb]).code(2);
        assert!(
            run.stderr.contains(
                "pleach: the tunnels of the nets in `overlay.toml` that carry subscribers end at 4098 addresses and ports, \
                 and the classifier knows 4096 at most\nhint: nothing was changed; "
            ),
            "{}",
            run.stderr
        );
    }
    assert!(!folder.join("state/current").exists());
}
