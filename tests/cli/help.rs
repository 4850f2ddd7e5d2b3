//! `--help`, completions, manual pages.

use crate::harness::Folder;

const VERBS: [&str; 20] = [
    "init",
    "config",
    "check",
    "export",
    "graph",
    "explain",
    "lookup",
    "demo",
    "plan",
    "apply",
    "confirm",
    "rollback",
    "recover",
    "verify",
    "show",
    "trace",
    "stop",
    "overlay",
    "completions",
    "man",
];

const EXIT_CODES: &str = "
Exit codes:
  0  done, or nothing to do (warnings too)
  1  failed; nothing was changed, unless the message says what was
  2  the command line or the configuration cannot be used
  3  done, but a subscriber is not shaped (--strict: any error or warning, and nothing is written)
  4  refused by a guard, nothing was changed
  5  changed and undone
  6  changed, and the undo is incomplete
  7  plan, verify, trace, diff or a dry sync found differences
";

#[test]
fn the_first_page() {
    let folder = Folder::new();
    let run = folder.pleach(&["--help"]).code(0).quiet();
    assert!(run.stdout.ends_with(EXIT_CODES), "{}", run.stdout);
    for verb in VERBS {
        assert!(run.stdout.contains(&format!("\n  {verb} ")), "{verb} is listed");
    }
    let nothing = folder.pleach(&[]).code(2).stdout("");
    assert_eq!(nothing.stderr, run.stdout, "no verb: the same page, as an error");
}

#[test]
fn every_verb_lists_the_exit_codes() {
    for verb in VERBS {
        let run = Folder::new().pleach(&[verb, "--help"]).code(0).quiet();
        assert!(run.stdout.ends_with(EXIT_CODES), "{verb}: {}", run.stdout);
        assert!(run.stdout.contains(&format!("Usage: pleach {verb}")), "{}", run.stdout);
    }
}

#[test]
fn check_in_full() {
    Folder::new().pleach(&["check", "--help"]).code(0).stdout(&format!(
        "\
Read the network, report every problem, and count what would be shaped

Usage: pleach check [OPTIONS]

Options:
      --config <FILE>        Configuration file [default: ./pleach.toml, then
                             /etc/pleach/pleach.toml]
      --csv <FILE>           ShapedDevices.csv: works without a configuration, and replaces the
                             configured file
      --nodes <FILE>         Nodes: a table with a header, or network.json
      --links <FILE>         Links between nodes: from,to,download,upload,cost
      --generation <N>       Read this generation instead of the current one
      --strategy <STRATEGY>  How much of the tree files show, for every shaper: full, ap_site,
                             ap_only or flat
      --dialect <DIALECT>    Which readers files are for, for every shaper: libreqos-1.4,
                             libreqos-2.0 or libreqos-2.2
      --strict               Treat any error or warning as a failure: exit code 3, and nothing is
                             written
      --json                 Print the report as JSON
  -h, --help                 Print help
{EXIT_CODES}"
    ));
}

#[test]
fn a_misspelt_verb() {
    Folder::new().pleach(&["chek"]).code(2).stdout("").stderr(
        "error: unrecognized subcommand 'chek'

  tip: a similar subcommand exists: 'check'

Usage: pleach <COMMAND>

For more information, try '--help'.
",
    );
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = Folder::new().pleach(&["completions", shell]).code(0).quiet();
        assert!(run.stdout.contains("pleach") && run.stdout.contains("accept-changes"), "{shell}");
    }
    let run = Folder::new().sh("$PLEACH completions bash > pleach.bash && bash -n pleach.bash");
    run.code(0).stdout("").quiet();
}

#[test]
fn manual_pages() {
    let folder = Folder::new();
    folder.pleach(&["man", "man1"]).code(1).stdout("").stderr(
        "pleach: cannot write manual pages to `man1`: No such file or directory (os error 2)
hint: the folder must be there already
",
    );
    folder.sh("mkdir man1").code(0);
    folder.pleach(&["man", "man1"]).code(0).stdout("wrote the manual pages to `man1`\n").quiet();
    for verb in VERBS {
        let page = folder.read(&format!("man1/pleach-{verb}.1"));
        assert!(page.contains("Exit codes:"), "{verb}");
    }
}
