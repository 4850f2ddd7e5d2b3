//! Disks that are full, folders that cannot be written.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};

use crate::harness::{Folder, Run, as_nobody, circuits, skip};

/// Runs a script as root of a mount namespace of its own, or says why that cannot be.
fn in_namespace(folder: &Folder, script: &str) -> Result<Run, String> {
    let unshare = |script: &str| folder.run(folder.command("unshare").args(["-rm", "bash", "-ec", script]));
    if folder.run(folder.command("bash").args(["-c", "command -v unshare"])).code != Some(0) {
        return Err("there is no `unshare`".to_owned());
    }
    let trial = unshare("mkdir -p trial && mount -t tmpfs -o size=100k tmpfs trial");
    if trial.code != Some(0) {
        return Err(format!("cannot mount in a namespace: {}", trial.stderr));
    }
    Ok(unshare(script))
}

#[test]
fn a_full_disk_leaves_the_old_files() {
    let folder = Folder::with_circuits(50);
    folder.write("more.csv", circuits(3000));
    let script = "
        mkdir full && mount -t tmpfs -o size=100k tmpfs full
        $PLEACH export --out full >/dev/null
        cd full && find . -type f -exec stat -c '%n %i %y' {} + -exec sha256sum {} + >../before && cd ..
        set +e
        $PLEACH export --out full --csv more.csv --nodes nodes.csv
        echo exit $?
        cd full && find . -type f -exec stat -c '%n %i %y' {} + -exec sha256sum {} + | diff ../before - && echo as before";
    match in_namespace(&folder, script) {
        Err(why) => skip(&why),
        Ok(run) => {
            let run = run.code(0).stdout("exit 1\nas before\n");
            run.stderr(
                "pleach: cannot write `full/default/ShapedDevices.csv`: No space left on device (os error 28)
hint: the old files stay as they are
",
            );
        }
    }
}

#[test]
fn a_full_disk_on_the_first_export_leaves_nothing() {
    let folder = Folder::with_circuits(3000);
    let script = "
        mkdir full && mount -t tmpfs -o size=100k tmpfs full
        set +e
        $PLEACH export --out full 2>/dev/null
        echo exit $?
        ls -A full";
    match in_namespace(&folder, script) {
        Err(why) => skip(&why),
        Ok(run) => {
            run.code(0).stdout("exit 1\n");
        }
    }
}

#[test]
fn a_full_disk_behind_standard_output() {
    let folder = Folder::with_circuits(1);
    let run = folder.sh("$PLEACH check > /dev/full").code(1);
    run.stderr("pleach: cannot write to standard output: No space left on device (os error 28)\n");
    let run = folder.sh("$PLEACH export > /dev/full").code(0);
    let _ =
        run.stderr("pleach: the files are written, but not the report of it: No space left on device (os error 28)\n");
    assert!(folder.join("pleach-out/default/manifest.json").exists());
}

#[test]
fn a_folder_that_cannot_be_written() {
    let folder = Folder::with_circuits(1);
    let mut pleach = match as_nobody(&folder, env!("CARGO_BIN_EXE_pleach")) {
        Ok(command) => command,
        Err(why) => return skip(&why),
    };
    fs::create_dir(folder.join("locked")).expect("made");
    let mut permissions = fs::metadata(folder.join("locked")).expect("there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder.join("locked"), permissions).expect("set");
    folder.run(pleach.args(["export", "--out", "locked"])).code(1).stdout("").stderr(
        "pleach: cannot write `locked/default/network.json`: Permission denied (os error 13)
hint: the old files stay as they are
",
    );
    assert_eq!(folder.files("locked"), [""; 0]);
}

#[test]
fn a_file_that_cannot_be_replaced_undoes_those_before_it() {
    const STICKY: u32 = 0o1777; // everybody writes, and replaces only what is theirs
    const NOBODY: u32 = 65534;
    let folder = Folder::with_circuits(1);
    folder.pleach(&["export"]).code(0);
    let out = folder.join("pleach-out/default");
    if chown(out.join("network.json"), Some(NOBODY), Some(NOBODY)).is_err() {
        return skip("only root gives files away");
    }
    let mut pleach = match as_nobody(&folder, env!("CARGO_BIN_EXE_pleach")) {
        Ok(command) => command,
        Err(why) => return skip(&why),
    };
    fs::set_permissions(&out, Permissions::from_mode(STICKY)).expect("set");
    folder.write_circuits(2);
    folder.write("nodes.csv", folder.read("nodes.csv") + "Tower C,500,400,Tower A\n");
    let before = folder.fingerprint("pleach-out");
    folder.run(pleach.arg("export")).code(5).stdout("").stderr(
        "pleach: changed and undone: cannot write `pleach-out/default/ShapedDevices.csv`: Operation not permitted (os error 1)
hint: the old files are back; export again when the cause is gone
",
    );
    assert_eq!(folder.fingerprint("pleach-out"), before);
}

#[test]
fn a_publish_folder_that_is_not_there() {
    let folder = Folder::with_circuits(1);
    folder.write("pleach.toml", folder.read("pleach.toml") + "[[shaper]]\nname = \"main\"\npublish = \"disk/lqos\"\n");
    let before = folder.files("");
    let refused = |why: &str| {
        format!(
            "pleach: shaper `main`: cannot use its `publish` folder `disk/lqos`: {why}
hint: nothing is written; make the folder, mount its disk, or correct `publish`
"
        )
    };
    let run = folder.pleach(&["export"]).code(1).stdout("");
    let _ = run.stderr(&refused("No such file or directory (os error 2)"));
    assert_eq!(folder.files(""), before);
    folder.write("disk/lqos", "");
    let run = folder.pleach(&["export", "--accept-changes"]).code(1).stdout("");
    let _ = run.stderr(&refused("not a directory"));
    assert!(!folder.join("pleach-out").exists());
    folder.pleach(&["export", "--root", "Tower A"]).code(0); // for a shaper that publishes nowhere
}

#[test]
fn a_file_instead_of_a_folder() {
    let folder = Folder::with_circuits(1);
    folder.pleach(&["export", "--out", "nodes.csv"]).code(1).stdout("").stderr(
        "pleach: cannot write `nodes.csv/default/network.json`: Not a directory (os error 20)
hint: the old files stay as they are
",
    );
}

#[test]
fn a_folder_in_the_way_stops_before_anything_is_replaced() {
    let folder = Folder::with_circuits(1);
    folder.pleach(&["export"]).code(0);
    folder.write_circuits(2);
    fs::remove_file(folder.join("pleach-out/default/manifest.json")).expect("removed");
    fs::create_dir(folder.join("pleach-out/default/manifest.json")).expect("made");
    let before = folder.fingerprint("pleach-out");
    folder.pleach(&["export"]).code(1).stdout("").stderr(
        "pleach: cannot write `pleach-out/default/manifest.json`: is a directory
hint: the old files stay as they are
",
    );
    assert_eq!(folder.fingerprint("pleach-out"), before);
}

#[test]
fn an_export_never_writes_over_what_it_reads() {
    let folder = Folder::with_circuits(2);
    folder.write("pleach.toml", folder.read("pleach.toml") + "[[shaper]]\nname = \"main\"\npublish = \".\"\n");
    let before = folder.read("ShapedDevices.csv");
    folder.pleach(&["export"]).code(1).stdout("").stderr(
        "pleach: cannot write `./ShapedDevices.csv`: this run reads it; write somewhere else
hint: the old files stay as they are
",
    );
    assert_eq!(folder.read("ShapedDevices.csv"), before);
}
