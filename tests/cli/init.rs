//! `pleach init`.

use crate::harness::Folder;

#[test]
fn writes_a_network_that_check_passes() {
    let folder = Folder::new();
    folder
        .pleach(&["init", "my net"])
        .code(0)
        .stdout(
            "wrote my net/pleach.toml
wrote my net/ShapedDevices.csv
wrote my net/nodes.csv
wrote my net/links.csv
next: edit them, then `pleach check` and `pleach export` in that folder
",
        )
        .quiet();
    folder
        .pleach(&["check", "--strict", "--config", "my net/pleach.toml"])
        .code(0)
        .stdout(
            "read from my net/ShapedDevices.csv, my net/nodes.csv, my net/links.csv
problems: none
3 circuits read = 3 shaped + 0 quarantined + 0 left out by rule
shaper main  at csv:node:Tower A: 3 circuits, 3 nodes
",
        )
        .quiet();
}

#[test]
fn overwrites_nothing() {
    let folder = Folder::started();
    let before = folder.fingerprint("");
    folder.pleach(&["init"]).code(1).stdout("").stderr(
        "pleach: `.` holds pleach.toml, ShapedDevices.csv, nodes.csv, links.csv already, and nothing is overwritten
hint: name another folder: `pleach init DIR`
",
    );
    assert_eq!(folder.fingerprint(""), before);
}

#[test]
fn one_file_in_the_way_is_enough() {
    let folder = Folder::new();
    folder.write("nodes.csv", "mine");
    folder.pleach(&["init"]).code(1).stderr(
        "pleach: `.` holds nodes.csv already, and nothing is overwritten
hint: name another folder: `pleach init DIR`
",
    );
    assert_eq!(folder.files(""), ["nodes.csv"]);
}

#[test]
fn a_file_where_the_folder_should_be() {
    let folder = Folder::new();
    folder.write("here", "");
    folder
        .pleach(&["init", "here/net"])
        .code(1)
        .stderr("pleach: cannot make `here/net`: Not a directory (os error 20)\n");
}

/// A network that publishes, and is applied where `apply` says so.
fn published(folder: &Folder, apply: &str) {
    folder.write("ShapedDevices.csv", "");
    folder.write(
        "pleach.toml",
        format!(
            "[csv]\nshaped_devices = \"ShapedDevices.csv\"\n[[shaper]]\nname = \"main\"\npublish = \"lq\"\napply = {apply}\n\
             [shaper.interfaces]\ntoward_subscribers = \"eth1\"\ntoward_internet = \"eth0\"\n"
        ),
    );
}

#[test]
fn units_and_what_a_configuration_needs_beyond_them() {
    if std::path::Path::new("/usr/lib/systemd/system/pleach-sync.service").exists() {
        return crate::harness::skip("the package is installed, and its units are not written again");
    }
    let folder = Folder::new();
    published(&folder, "false");
    let next =
        "next: `systemd-sysusers --inline 'u pleach - \"Pleach\" /var/lib/pleach'`, if there is no user `pleach` yet
next: `systemctl daemon-reload`, then `systemctl enable --now pleach-sync.timer`
";
    folder
        .pleach(&["init", "--systemd", "units"])
        .code(0)
        .stdout(&format!(
            "wrote units/pleach-overlay.service
wrote units/pleach-sync.service
wrote units/pleach-sync.timer
wrote units/pleach.service
made {{dir}}/credentials
wrote units/pleach-sync.service.d/pleach.conf
{next}"
        ))
        .quiet();
    let here = folder.path().display().to_string();
    let unit = folder.read("units/pleach-sync.service");
    let sync = format!("ExecStart={} sync --quiet --config {here}/pleach.toml\n", env!("CARGO_BIN_EXE_pleach"));
    assert!(unit.contains(&sync), "{unit}");
    assert!(unit.contains(&format!("LoadCredential=pleach:{here}/credentials\n")), "{unit}");
    let drop_in = folder.read("units/pleach-sync.service.d/pleach.conf");
    assert!(drop_in.contains(&format!("ReadWritePaths=\"-{here}/lq\"\n")) && !drop_in.contains("CAP_"), "{drop_in}");

    published(&folder, "true");
    folder
        .pleach(&["init", "--systemd", "units"])
        .code(0)
        .stdout(&format!(
            "unchanged units/pleach-overlay.service
unchanged units/pleach-sync.service
unchanged units/pleach-sync.timer
unchanged units/pleach.service
wrote units/pleach-sync.service.d/pleach.conf
{next}"
        ))
        .quiet();
    let drop_in = folder.read("units/pleach-sync.service.d/pleach.conf");
    assert!(drop_in.contains("\nAmbientCapabilities=CAP_NET_ADMIN CAP_SYS_ADMIN\n"), "{drop_in}");
}

#[test]
fn a_unit_that_somebody_edited_stays() {
    let folder = Folder::new();
    published(&folder, "false");
    folder.write("units/pleach-sync.service", "mine");
    folder.write("units/pleach-sync.service.d/pleach.conf", "mine too");
    folder.pleach(&["init", "--systemd", "units"]).code(1).stderr(
        "pleach: `units/pleach-sync.service` is there already and says something else, and it is not overwritten
hint: move it away, or name another folder
",
    );
    assert_eq!(folder.read("units/pleach-sync.service"), "mine");
    folder.sh("rm units/pleach-sync.service").code(0);
    let run = folder.pleach(&["init", "--systemd", "units"]).code(1);
    assert!(run.stderr.contains("service.d/pleach.conf` is there already"), "{}", run.stderr);
    assert_eq!(folder.read("units/pleach-sync.service.d/pleach.conf"), "mine too");
}

#[test]
fn the_cron_line() {
    let folder = Folder::started();
    folder.pleach(&["init", "--cron", "pleach.cron"]).code(0).stdout("wrote pleach.cron\n").quiet();
    let here = folder.path().display();
    let line =
        format!("*/5 * * * * pleach {} sync --quiet --config {here}/pleach.toml\n", env!("CARGO_BIN_EXE_pleach"));
    assert!(folder.read("pleach.cron").ends_with(&line), "{}", folder.read("pleach.cron"));
    let run = folder.pleach(&["init", "--cron", "pleach.cron"]).code(1);
    assert!(run.stderr.contains("cannot write `pleach.cron`: File exists"), "{}", run.stderr);
}

#[test]
fn there_must_be_something_to_sync() {
    let folder = Folder::new();
    folder.pleach(&["init", "--systemd", "units"]).code(2).stdout("").stderr(
        "pleach: no configuration to sync: there is no `pleach.toml` here and no `/etc/pleach/pleach.toml`
hint: name it: `--config FILE`
",
    );
    assert!(folder.files("").is_empty());
    let run = folder.pleach(&["init", "--config", "x.toml"]).code(2);
    assert!(run.stderr.contains("neither is there"), "{}", run.stderr);
    folder.write("pleach.toml", "[sync]\nintervall = \"5m\"\n");
    let run = folder.pleach(&["init", "--systemd", "units"]).code(2);
    assert!(run.stderr.contains("did you mean `interval`?"), "{}", run.stderr);
}
