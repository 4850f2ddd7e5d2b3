//! Input that means harm, or is none at all.

use crate::harness::{Folder, HEADER};

/// Whether a terminal would obey anything of it.
fn obeyed(text: &str) -> Option<char> {
    text.chars().find(|&c| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c))
}

#[test]
fn names_that_steer_a_terminal_are_shown() {
    let folder = Folder::new();
    let rows = "c1,Ev\u{1b}[31mil,d1,,Tow\u{1b}]0;pwned\u{7}er,,100.64.0.1,,5,5,50,50,\nc2\u{1b}[2J,\u{202e}evil\u{9b}5m,d2,,,,,,5,5,50,fa\u{1b}st,\n";
    folder.write("ShapedDevices.csv", HEADER.to_owned() + rows);
    folder.write("network.json", r#"{"To\nwer\u001b[1m": {"downloadBandwidthMbps": "\u001b[5m"}}"#);
    let files = ["--csv", "ShapedDevices.csv", "--nodes", "network.json"];
    for verb in [
        &["check"][..],
        &["explain", "c1"],
        &["lookup", "100.64.0.1"],
        &["graph"],
        &["graph", "--format", "dot", "--clients"],
        &["explain", "To"],
        &["export"],
    ] {
        let run = folder.pleach(&[verb, &files[..]].concat());
        assert_eq!(obeyed(&run.stdout), None, "{verb:?}: {}", run.stdout);
        assert_eq!(obeyed(&run.stderr), None, "{verb:?}: {}", run.stderr);
    }
    let run = folder.pleach(&[&["lookup", "100.64.0.1"], &files[..]].concat()).code(0);
    run.stdout("100.64.0.1 is in 100.64.0.1: circuit csv:circuit:c1 (Ev\\u{1b}[31mil)\n");
    let run = folder.pleach(&[&["check"], &files[..]].concat()).code(3);
    assert!(run.stdout.contains("`To\\nwer\\u{1b}[1m`"), "{}", run.stdout);
}

#[test]
fn what_is_asked_for_is_shown_too() {
    let run = Folder::started().pleach(&["explain", "x\u{1b}[31m"]).code(2);
    assert_eq!(obeyed(&run.stderr), None, "{}", run.stderr);
}

/// Bytes without any order, the same in every run.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..bytes).map(|_| next()).collect()
}

#[test]
fn binary_garbage_is_no_panic() {
    let folder = Folder::with_circuits(1);
    for (name, bytes) in [
        ("noise", noise(200_000)),
        ("zeros", vec![0; 200_000]),
        ("quotes", vec![b'"'; 200_000]),
        ("commas", vec![b','; 200_000]),
        ("brackets", vec![b'['; 200_000]),
        ("braces", b"{\"a\":".repeat(40_000)),
    ] {
        folder.write(name, bytes);
        for arguments in
            [["check", "--csv", name, "--links", name], ["check", "--csv", "ShapedDevices.csv", "--nodes", name]]
        {
            let run = folder.pleach(&arguments);
            assert!(matches!(run.code, Some(0 | 1 | 3)), "{arguments:?}: {:?}\n{}", run.code, run.stderr);
            assert_eq!(obeyed(&run.stdout), None, "{arguments:?}");
            assert_eq!(obeyed(&run.stderr), None, "{arguments:?}");
        }
    }
}

#[test]
fn numbers_beyond_reason() {
    let folder = Folder::new();
    let rows = "c1,a,d1,,,,100.64.0.1,,1,1,1e400,50,\nc2,a,d2,,,,100.64.0.2,,1,1,18446744073709551616,50,\nc3,a,d3,,,,100.64.0.3,,1,1,NaN,50,\nc4,a,d4,,,,100.64.0.4,,1,1,-1,50,\nc5,a,d5,,,,100.64.0.5,,1,1,inf,50,\n";
    folder.write("ShapedDevices.csv", HEADER.to_owned() + rows);
    let run = folder.pleach(&["check", "--csv", "ShapedDevices.csv"]).code(3);
    assert!(run.stdout.contains("5 circuits read = 0 shaped + 5 quarantined + 0 left out by rule\n"), "{}", run.stdout);
}

#[test]
fn a_megabyte_in_a_cell_does_not_flood_the_terminal() {
    let folder = Folder::new();
    folder.write("ShapedDevices.csv", format!("{HEADER}c1,{},d1,,,,,,1,1,5,5,\n", "x".repeat(1_000_000)));
    let run = folder.pleach(&["check", "--csv", "ShapedDevices.csv"]).code(3);
    assert!(run.stdout.len() < 5000, "{} bytes", run.stdout.len());
}
