//! systemd units and the cron line, for a program and a configuration that stand where they stand.

use std::path::Path;

use crate::config::Config;

/// A file for systemd's folder of units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitFile {
    /// Its name in that folder.
    pub name: &'static str,
    /// What is in it.
    pub text: String,
}

/// Where things are on this host.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// This program.
    pub program: &'a Path,
    /// The configuration.
    pub config: &'a Path,
    /// The folder of credentials.
    pub credentials: &'a Path,
}

/// A unit by its name, as the package has it.
const UNITS: [(&str, &str); 4] = [
    ("pleach-overlay.service", include_str!("../templates/systemd/pleach-overlay.service")),
    ("pleach-sync.service", include_str!("../templates/systemd/pleach-sync.service")),
    ("pleach-sync.timer", include_str!("../templates/systemd/pleach-sync.timer")),
    ("pleach.service", include_str!("../templates/systemd/pleach.service")),
];
const APPLY: &str = include_str!("../templates/systemd/apply.conf");
const CRON: &str = include_str!("../templates/cron");

/// What the templates say for [`Places`].
const PROGRAM: &str = "/usr/bin/pleach";
const CONFIG: &str = "/etc/pleach/pleach.toml";
const CREDENTIALS: &str = "/etc/pleach/credentials";

/// How a drop-in begins that may be replaced by a newer one.
pub const WRITTEN_HERE: &str = "# Written by `pleach init --systemd`";

/// The units.
pub fn units(places: &Places<'_>) -> Vec<UnitFile> {
    let text = |text: &str| {
        let text =
            text.replace(CONFIG, &command_word(places.config)).replace(CREDENTIALS, &specified(places.credentials));
        text.replace(PROGRAM, &command_word(places.program))
    };
    UNITS.iter().map(|(name, unit)| UnitFile { name, text: text(unit) }).collect()
}

/// What a configuration needs beyond the units: none where that is nothing.
pub fn drop_ins(config: &Config, path: &Path) -> Vec<UnitFile> {
    let own_state = (config.state != Path::new(crate::config::DEFAULT_STATE)).then_some(config.state.as_path());
    let published = config.shaper.iter().filter_map(|shaper| shaper.publish.as_deref());
    let metrics = config.sync.metrics.as_deref().and_then(Path::parent);
    let is_applied = config.shaper.iter().any(|shaper| shaper.apply);
    let sync = settings(own_state.into_iter().chain(published).chain(metrics), is_applied);
    let boot = settings(own_state.into_iter(), false);
    let drop_in = |(name, settings): (&'static str, String)| {
        let path = path.display();
        let text = format!(
            "{WRITTEN_HERE}: what `{path}` needs beyond the unit.\n\
             # Write it anew when `state`, `publish`, `metrics` or `apply` change there.\n\n[Service]\n{settings}"
        );
        (!settings.is_empty()).then_some(UnitFile { name, text })
    };
    let units = [
        ("pleach-overlay.service.d/pleach.conf", boot.clone()),
        ("pleach-sync.service.d/pleach.conf", sync),
        ("pleach.service.d/pleach.conf", boot),
    ];
    units.into_iter().filter_map(drop_in).collect()
}

fn settings<'p>(folders: impl Iterator<Item = &'p Path>, is_applied: bool) -> String {
    let mut folders: Vec<&Path> = folders.collect();
    folders.sort_unstable();
    folders.dedup();
    // `-`: a folder that is not there is for the sync to complain about, which says more than systemd does.
    let open = |folder: &&Path| format!("ReadWritePaths=\"-{}\"\n", quoted(folder));
    let opened: Vec<String> = folders.iter().map(open).collect();
    opened.concat() + if is_applied { APPLY } else { "" }
}

/// The line for a file in `/etc/cron.d`.
pub fn cron_line(places: &Places<'_>) -> String {
    CRON.replace(CONFIG, &cron_word(places.config)).replace(PROGRAM, &cron_word(places.program))
}

/// A path within double quotes, where what would end the line is written as in C (systemd.syntax(7)), and `%` begins a specifier
/// (systemd.unit(5)).
fn quoted(path: &Path) -> String {
    let mut text = String::new();
    for c in specified(path).chars() {
        match c {
            '\\' | '"' => text.extend(['\\', c]),
            c if c.is_ascii_control() => text.extend(format!("\\x{:02x}", u32::from(c)).chars()),
            c => text.push(c),
        }
    }
    text
}

/// A path where `%` begins a specifier.
fn specified(path: &Path) -> String {
    path.display().to_string().replace('%', "%%")
}

/// A path as a word of a command: `$` begins a variable there (systemd.service(5)).
fn command_word(path: &Path) -> String {
    if is_plain(path) { path.display().to_string() } else { format!("\"{}\"", quoted(path).replace('$', "$$")) }
}

/// A path as a word of a crontab's command, which a shell reads, and where `%` is a new line (crontab(5)).
fn cron_word(path: &Path) -> String {
    let text = path.display().to_string();
    if is_plain(path) { text } else { format!("'{}'", text.replace('\'', "'\\''").replace('%', "\\%")) }
}

fn is_plain(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// What a unit may, as systemd reads it: the last word counts, except where words are gathered.
    fn may(lines: &str) -> BTreeMap<&str, String> {
        let mut settings: BTreeMap<&str, String> = BTreeMap::new();
        for (key, value) in lines.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='))
        {
            let is_gathered = matches!(key, "RestrictAddressFamilies" | "SystemCallFilter");
            let before = settings.entry(key).or_default();
            *before = if is_gathered { format!("{before} {value}").trim().to_owned() } else { value.to_owned() };
        }
        settings
    }

    #[test]
    fn the_boot_units_may_what_the_sync_unit_may_with_what_changing_a_kernel_needs() {
        let [overlay, sync, _, boot] = UNITS.map(|(_, text)| {
            let rest = text.split_once("\nUser=").map_or("", |(_, rest)| rest);
            rest.split("\n[Install]").next().expect("text")
        });
        assert_eq!(may(boot), may(&format!("{sync}{APPLY}")));
        // Links and filters, and no eBPF.
        let links = APPLY.replace(" CAP_SYS_ADMIN", "").replace("SystemCallFilter=bpf", "");
        assert_eq!(may(overlay), may(&format!("{sync}{links}")));
    }

    fn drop_in(text: &str) -> Vec<(&'static str, Vec<String>)> {
        let config = Config::parse(text, Path::new("p.toml")).expect("a configuration");
        let lines =
            |text: &str| text.lines().filter(|line| !line.starts_with('#')).skip(2).map(str::to_owned).collect();
        drop_ins(&config, Path::new("p.toml")).iter().map(|file| (file.name, lines(&file.text))).collect()
    }

    #[test]
    fn a_drop_in_opens_what_is_needed_and_nothing_else() {
        assert_eq!(drop_in(""), []);
        let text = "[sync]\nmetrics = \"/m x/p.prom\"\n[[shaper]]\nname = \"a\"\npublish = \"/50%\"\n";
        let folders = ["ReadWritePaths=\"-/50%%\"", "ReadWritePaths=\"-/m x\""].map(str::to_owned);
        assert_eq!(drop_in(text), [("pleach-sync.service.d/pleach.conf", folders.to_vec())]);
        let text = "[[shaper]]\nname = \"a\"\npublish = \"/a\\nUser=root\"\n";
        assert_eq!(drop_in(text)[0].1, [r#"ReadWritePaths="-/a\x0aUser=root""#]);
        let interfaces = "interfaces = { toward_subscribers = \"a\", toward_internet = \"b\" }";
        let text = format!("state = \"/s\"\n[[shaper]]\nname = \"a\"\napply = true\n{interfaces}\n");
        let files = drop_in(&text);
        assert_eq!(files[0], ("pleach-overlay.service.d/pleach.conf", vec!["ReadWritePaths=\"-/s\"".to_owned()]));
        assert_eq!(files[1].1[..2], ["ReadWritePaths=\"-/s\"", "AmbientCapabilities=CAP_NET_ADMIN CAP_SYS_ADMIN"]);
        assert_eq!(files[2], ("pleach.service.d/pleach.conf", vec!["ReadWritePaths=\"-/s\"".to_owned()]));
    }

    #[test]
    fn paths_are_what_they_are() {
        let places = Places {
            program: Path::new("/opt/a b/100%/pleach"),
            config: Path::new("/srv/$x/it's.toml"),
            credentials: Path::new("/srv/50%"),
        };
        let units = units(&places);
        let line = |start: &str| units[1].text.lines().find(|line| line.starts_with(start)).map(str::to_owned);
        let exec = r#"ExecStart="/opt/a b/100%%/pleach" sync --quiet --config "/srv/$$x/it's.toml""#;
        assert_eq!(line("ExecStart="), Some(exec.to_owned()));
        assert_eq!(line("LoadCredential="), Some("LoadCredential=pleach:/srv/50%%".to_owned()));
        let cron = r"*/5 * * * * pleach '/opt/a b/100\%/pleach' sync --quiet --config '/srv/$x/it'\''s.toml'";
        assert_eq!(cron_line(&places).lines().last(), Some(cron));
    }
}
