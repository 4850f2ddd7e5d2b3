//! `pleach config` and `pleach config test`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::{Folder, as_nobody, skip};

#[test]
fn what_is_printed_reads_back_the_same_anywhere() {
    let folder = Folder::new();
    folder.pleach(&["init", "net"]).code(0);
    let printed = folder.pleach(&["config", "--config", "net/pleach.toml"]).code(0).quiet().stdout;
    assert!(printed.contains("nodes = \"{dir}/net/nodes.csv\"\n"), "paths are from the root:\n{printed}");
    assert!(printed.contains("interval = \"5m\"\n") && printed.contains("down = \"1 Gbit/s\"\n"), "{printed}");
    folder.sh("mkdir elsewhere && $PLEACH config --config net/pleach.toml > elsewhere/copy.toml").code(0).quiet();
    folder.pleach(&["config", "--config", "elsewhere/copy.toml"]).code(0).stdout(&printed);
    let checked = folder.pleach(&["check", "--config", "elsewhere/copy.toml"]).code(0);
    assert!(checked.stdout.contains("3 circuits read = 3 shaped"), "{}", checked.stdout);
}

#[test]
fn json_has_the_same_facts() {
    let folder = Folder::started();
    let printed = folder.pleach(&["config"]).code(0).quiet().stdout;
    let toml: toml::Table = printed.parse().expect("TOML");
    let mut json = folder.pleach(&["config", "--json"]).code(0).quiet().json();
    remove_nulls(&mut json);
    assert_eq!(json, serde_json::to_value(toml).expect("JSON"));
}

/// TOML has no word for what is not set.
fn remove_nulls(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(remove_nulls);
        }
        serde_json::Value::Array(array) => array.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

#[test]
fn without_a_file_it_is_the_defaults() {
    let folder = Folder::new();
    let run = folder.pleach(&["config"]).code(0).stderr("pleach: no configuration file; these are the defaults\n");
    folder.write("pleach.toml", &run.stdout);
    folder.pleach(&["config"]).code(0).stdout(&run.stdout).quiet();
}

#[test]
fn everything_works() {
    let folder = Folder::with_circuits(3);
    folder.write("lq/network.json", "{}");
    folder.write("tell", "#!/bin/sh\n");
    folder.write("overrides.toml", "");
    folder.sh("chmod +x tell; mkdir metrics").code(0);
    folder.write(
        "pleach.toml",
        "state = \"state\"\n[csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"nodes.csv\"\n[sync]\n\
         overrides = \"overrides.toml\"\nhook = [\"./tell\", \"noc\"]\nmetrics = \"metrics/pleach.prom\"\n\
         [[shaper]]\nname = \"main\"\npublish = \"lq\"\n",
    );
    let before = folder.fingerprint("");
    folder
        .pleach(&["config", "test"])
        .code(0)
        .stdout(
            "works  source `csv`
         `{dir}/ShapedDevices.csv`: 334 bytes
         `{dir}/nodes.csv`: 94 bytes
         3 circuits, 2 sites and access points, 0 problems
works  state folder
         `{dir}/state`, made by the first run
works  published folder of `main`
         `{dir}/lq`
works  folder of the metrics
         `{dir}/metrics`
works  overrides
         `{dir}/overrides.toml`: 0 overrides
works  hook
         `{dir}/./tell`
",
        )
        .quiet();
    assert_eq!(folder.fingerprint(""), before, "nothing was touched");
    let json = folder.pleach(&["config", "test", "--json"]).code(0).quiet().json();
    assert_eq!(json[0]["subject"], "source `csv`");
    assert_eq!((&json[0]["verdict"], &json[5]["verdict"]), (&"works".into(), &"works".into()));
    assert_eq!(json[0]["facts"][2], "3 circuits, 2 sites and access points, 0 problems");
}

#[test]
fn what_does_not_work_is_named_with_what_to_do() {
    let folder = Folder::new();
    folder.write("state", "a file");
    folder.write("tell", "");
    folder.write(
        "pleach.toml",
        "state = \"state\"\n[csv]\nshaped_devices = \"gone.csv\"\n[sync]\noverrides = \"gone.toml\"\n\
         hook = [\"./tell\"]\nmetrics = \"gone/pleach.prom\"\n[[shaper]]\nname = \"main\"\npublish = \"lq\"\n",
    );
    folder
        .pleach(&["config", "test"])
        .code(1)
        .stdout(
            "WRONG  source `csv`
         cannot read `{dir}/gone.csv`: No such file or directory (os error 2)
         hint: put the file back, or correct its name in the configuration
WRONG  state folder
         cannot write to `{dir}/state`: not a directory
         hint: something else stands there: name another folder
WRONG  published folder of `main`
         cannot write to `{dir}/lq`: No such file or directory (os error 2)
         hint: make it, for the user that syncs: `install -d -o pleach -g pleach {dir}/lq`
WRONG  folder of the metrics
         cannot write to `{dir}/gone`: No such file or directory (os error 2)
         hint: make it, for the user that syncs: `install -d -o pleach -g pleach {dir}/gone`
WRONG  overrides
         cannot read `{dir}/gone.toml`: No such file or directory (os error 2)
         hint: correct its name in `[sync]`, or let this user read it
WRONG  hook
         cannot run `{dir}/./tell`: Permission denied (os error 13)
         hint: `chmod +x {dir}/./tell`
",
        )
        .quiet();
    folder.write("o.toml", "[[override]]\nid = \"csv:circuit:1\"\nrenam = \"x\"\n");
    let hook = "[csv]\nshaped_devices = \"tell\"\n[sync]\nhook = [\"no-such-command\"]\noverrides = \"o.toml\"\n";
    folder.write("pleach.toml", hook);
    let run = folder.pleach(&["config", "test"]).code(1);
    assert!(
        run.stdout.contains("WRONG  overrides\n         `{dir}/o.toml`") && run.stdout.contains("renam"),
        "{run:?}"
    );
    let run = folder.pleach(&["config", "test"]).code(1);
    assert!(run.stdout.contains("WRONG  hook\n         there is no `no-such-command`\n"), "{}", run.stdout);
    folder.write("pleach.toml", "");
    let run = folder.pleach(&["config", "test"]).code(1);
    assert!(run.stdout.starts_with("WRONG  sources\n         none is configured\n"), "{}", run.stdout);
}

#[test]
fn a_network_json_that_is_none_is_told() {
    let folder = Folder::with_circuits(1);
    folder.write("nodes.csv", "{ \"Tower\": ");
    let run = folder.pleach(&["config", "test"]).code(1);
    assert!(run.stdout.starts_with("WRONG  source `csv`\n         cannot read `{dir}/nodes.csv`: "), "{}", run.stdout);
}

#[test]
fn how_old_the_last_good_answers_are() {
    let folder = Folder::with_circuits(3);
    let config = folder.read("pleach.toml");
    folder.write("pleach.toml", format!("state = \"state\"\n{config}"));
    folder.pleach(&["sync"]).code(0);
    folder.sh("rm nodes.csv").code(0);
    let status = folder.read("state/status.json").replace("\"last_success\": \"20", "\"last_success\": \"19");
    folder.write("state/status.json", status);
    let run = folder.pleach(&["config", "test"]).code(1);
    let age = run.stdout.lines().nth(2).expect("a third line");
    assert!(age.starts_with("         a sync last read it 36") && age.ends_with("h ago"), "{}", run.stdout);
}

#[test]
fn folders_of_somebody_else() {
    let folder = Folder::with_circuits(1);
    folder.write(
        "pleach.toml",
        "state = \"state\"\n[csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"nodes.csv\"\n[[shaper]]\n\
         name = \"main\"\npublish = \"lq\"\n",
    );
    folder.write("lq/network.json", "{}");
    let mut command = match as_nobody(&folder, env!("CARGO_BIN_EXE_pleach")) {
        Ok(command) => command,
        Err(why) => return skip(&why),
    };
    for name in ["lq", "."] {
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o555)).expect("set");
    }
    let run = folder.run(command.args(["config", "test"])).code(1);
    for expected in [
        "WRONG  state folder\n         `{dir}/state` is not there, and cannot be made: Permission denied (os error 13)\n",
        "WRONG  published folder of `main`\n         cannot write to `{dir}/lq`: Permission denied (os error 13)\n",
        ": run it as the user that syncs, or let that user write to `{dir}/lq`\n",
    ] {
        assert!(run.stdout.contains(expected), "{expected}\n{}", run.stdout);
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("set");
}

#[test]
fn root_shuts_the_owner_of_the_state_folder_out_of_nothing() {
    let folder = Folder::with_circuits(3);
    let config = folder.read("pleach.toml");
    folder.write("pleach.toml", format!("state = \"state\"\n{config}[[shaper]]\nname = \"main\"\npublish = \"lq\"\n"));
    let mut as_nobody = match as_nobody(&folder, env!("CARGO_BIN_EXE_pleach")) {
        Ok(command) => command,
        Err(why) => return skip(&why),
    };
    if folder.sh("mkdir state lq && chown 65534:65534 state lq").code != Some(0) {
        return skip("needs root");
    }
    folder.pleach(&["sync"]).code(0);
    folder.write_circuits(4);
    folder.run(as_nobody.args(["sync"])).code(0);
    let owners = folder.sh("find state lq -not -user 65534 -o -not -group 65534").code(0);
    assert_eq!(owners.stdout, "", "files that are not its owner's");

    folder.sh("chown -R 0:0 lq").code(0);
    folder.write_circuits(5);
    let run = folder.pleach(&["sync"]).code(1);
    assert!(run.stderr.contains("Permission denied"), "{}", run.stderr);
    assert!(
        run.stderr.ends_with("note: files were touched as user 65534, whose the state folder is\n"),
        "{}",
        run.stderr
    );
    let run = folder.pleach(&["config", "test"]).code(1);
    assert!(
        run.stdout.contains("WRONG  published folder of `main`"),
        "what root cannot do this way the service cannot: {run:?}"
    );
}

/// A UISP that nobody answers for, and where its token is.
fn uisp(token: &str) -> String {
    format!("[uisp]\nurl = \"http://127.0.0.1:9\"\ntoken = {token}\nhttp = {{ retries = 0 }}\n")
}

#[test]
fn secrets_are_not_printed_and_what_is_printed_says_so() {
    let folder = Folder::new();
    folder.write("pleach.toml", uisp("\"tok-123456\""));
    for arguments in [&["config"][..], &["config", "--json"], &["config", "test"], &["config", "test", "--json"]] {
        let run = folder.pleach(arguments);
        assert!(!format!("{run:?}").contains("tok-123456"), "{arguments:?}: {run:?}");
    }
    let printed = folder.pleach(&["config"]).code(0).quiet().stdout;
    assert!(printed.contains("token = \"***\"\n"), "{printed}");
    folder.write("pleach.toml", &printed);
    folder.pleach(&["config"]).code(0).stdout(&printed);
    let run = folder.pleach(&["config", "test"]).code(1);
    let said = "the secret in the configuration is `***`, which stands for one where a configuration is printed";
    assert!(run.stdout.contains(said), "{}", run.stdout);

    folder.write("pleach.toml", uisp("{ file = \"token\" }"));
    let printed = folder.pleach(&["config"]).code(0).quiet().stdout;
    assert!(printed.contains("[uisp.token]\nfile = \"{dir}/token\"\n"), "{printed}");
}

#[test]
fn a_source_that_cannot_be_asked_is_told_with_what_to_do() {
    let folder = Folder::new();
    folder.write("pleach.toml", uisp("{ file = \"token\" }"));
    folder.write("token", "tok-123456\n");
    folder.sh("chmod 644 token").code(0);
    let run = folder.pleach(&["config", "test"]).code(1);
    let expected = "WRONG  source `uisp`
         the secret in `{dir}/token` can be read by others (mode 0644)
         hint: run `chmod 600 {dir}/token`; the user that Pleach runs as must own it. Then replace the secret
";
    assert!(run.stdout.starts_with(expected), "{}", run.stdout);
    folder.sh("chmod 600 token").code(0);
    let run = folder.pleach(&["config", "test"]).code(1);
    assert!(run.stdout.starts_with("WRONG  source `uisp`\n         cannot connect to "), "{}", run.stdout);
    assert!(run.stdout.contains("         hint: "), "{}", run.stdout);
    folder.write("pleach.toml", uisp("{ credential = \"uisp\" }"));
    let run = folder.pleach(&["config", "test"]).code(1);
    assert!(run.stdout.contains("there is no credential `uisp`\n"), "{}", run.stdout);
}

#[test]
fn a_misspelt_secret_is_not_shown() {
    let folder = Folder::new();
    for text in
        ["[uisp]\ntokn = \"tok-123456\"\n", "[uisp]\ntoken = \"tok-123456\n", "[uisp]\ntoken = [\"tok-123456\"]\n"]
    {
        folder.write("pleach.toml", text);
        let run = folder.pleach(&["config"]).code(2);
        assert!(run.stderr.contains("line 2, ") && !run.stderr.contains("tok-123456"), "{}", run.stderr);
    }
}
