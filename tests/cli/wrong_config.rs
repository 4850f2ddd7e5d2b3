//! Configurations that cannot be used.

use crate::harness::Folder;

#[track_caller]
fn refuses(added: &str, stderr: &str) {
    let folder = Folder::started();
    folder
        .write("pleach.toml", format!("[csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"nodes.csv\"\n{added}"));
    folder.pleach(&["check"]).code(2).stdout("").stderr(stderr);
    folder.pleach(&["export"]).code(2).stdout("").stderr(stderr);
}

#[test]
fn no_such_file() {
    Folder::new()
        .pleach(&["check", "--config", "gone.toml"])
        .code(2)
        .stderr("pleach: cannot read the configuration `gone.toml`: No such file or directory (os error 2)\n");
}

#[test]
fn names_no_network() {
    let folder = Folder::new();
    folder.write("pleach.toml", "");
    folder.pleach(&["check"]).code(2).stderr(
        "pleach: `pleach.toml` names no network to read
hint: set `shaped_devices` under `[csv]`, or name a file with `--csv ShapedDevices.csv`
",
    );
}

#[test]
fn an_unknown_key() {
    refuses(
        "link = \"links.csv\"\n",
        "pleach: `pleach.toml` cannot be used
line 4, column 1
  |
4 | link …
  | ^^^^
unknown field `link`; did you mean `links`?
",
    );
}

#[test]
fn an_unknown_word() {
    refuses(
        "[[shaper]]\nname = \"a\"\nprojection = \"ap-site\"\n",
        "pleach: `pleach.toml` cannot be used
line 6, column 14
  |
6 | projection = \"ap-site\"
  |              ^^^^^^^^^
unknown word `ap-site`; did you mean `ap_site`?
",
    );
}

#[test]
fn a_bad_rate() {
    refuses(
        "[default_plan]\ndown = \"fast\"\nup = 5\n",
        "pleach: `pleach.toml` cannot be used
line 5, column 8
  |
5 | down = \"fast\"
  |        ^^^^^^
`fast` is not a rate such as `100`, `2.5G` or `500 kbit/s`
",
    );
}

#[test]
fn host_bits_in_the_ignore_list() {
    refuses(
        "[addresses]\nignore = [\"10.0.0.1/8\"]\n",
        "pleach: `pleach.toml` cannot be used
line 5, column 10
  |
5 | ignore = [\"10.0.0.1/8\"]
  |          ^^^^^^^^^^^^^^
`10.0.0.1/8` has host bits set: write `10.0.0.1` or `10.0.0.0/8`
",
    );
}

#[test]
fn shapers_that_share_a_name_or_a_folder() {
    refuses(
        "[[shaper]]\nname = \"a\"\n[[shaper]]\nname = \"a\"\n",
        "pleach: `pleach.toml`: shaper name `a` is used twice\n",
    );
    refuses(
        "[[shaper]]\nname = \"../a\"\n",
        "pleach: `pleach.toml`: shaper name `../a` cannot be a folder: use letters, digits, `-`, `_` and `.`\n",
    );
    refuses(
        "[[shaper]]\nname = \"a\"\npublish = \"lq\"\n[[shaper]]\nname = \"b\"\npublish = \"lq/\"\n",
        "pleach: `pleach.toml`: shapers `a` and `b` publish to one folder\n",
    );
}

#[test]
fn an_unknown_root_with_what_was_meant() {
    refuses(
        "[[shaper]]\nname = \"main\"\nroot = \"Towr A\"\n",
        "pleach: shaper `main`: there is no node `Towr A` in the network; did you mean `Tower A` or `Tower B`?
hint: that is its `root` in `pleach.toml`
",
    );
    for verb in ["export", "graph"] {
        Folder::started()
            .pleach(&[verb, "--root", "Towr A"])
            .code(2)
            .stdout("")
            .stderr("pleach: there is no node `Towr A` in the network; did you mean `Tower A` or `Tower B`?\n");
    }
    let run = Folder::started().pleach(&["export", "--root", "zzz"]).code(2);
    run.stderr("pleach: there is no node `zzz` in the network\n");
}

#[test]
fn an_ambiguous_root_lists_the_ids() {
    let folder = Folder::with_circuits(1);
    folder.write(
        "nodes.csv",
        "Site Name,Download Mbps,Upload Mbps,Parent Site Name,ID\nTwin,1,1,,7\nTwin,1,1,,8\nTower B,1,1,7,9\n",
    );
    folder
        .pleach(&["export", "--root", "Twin"])
        .code(2)
        .stdout("")
        .stderr("pleach: `Twin` is the name of several nodes; use an id: `csv:node:7`, `csv:node:8`\n");
    assert!(!folder.join("pleach-out").exists());
    folder.pleach(&["export", "--root", "csv:node:8"]).code(0);
}

#[test]
fn lists_that_name_nobody_are_a_warning() {
    let folder = Folder::with_circuits(1);
    folder.write(
        "pleach.toml",
        "[csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"nodes.csv\"\n[network]\nexclude = [\"Tower X\"]\n",
    );
    folder.pleach(&["check"]).code(0).stdout(
        "warning no-such-node: 1
  `exclude`: there is no node `Tower X` in the network; did you mean `Tower A` or `Tower B`?
    hint: correct the name, or remove it from the list

read from ShapedDevices.csv, nodes.csv
problems: 1 warning
1 circuit read = 1 shaped + 0 quarantined + 0 left out by rule
shaper default  at pleach:top:internet: 1 circuit, 2 nodes
",
    );
}
