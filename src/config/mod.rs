//! The configuration file.

mod error;
mod exposure;
mod interfaces;
mod overlay;
mod queues;
#[cfg(test)]
mod round_trip;
mod several;
mod shaper;
mod sync;
mod time;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use pleach_graph::guard::Limits;
use pleach_graph::same::{Prefer, SameRule};
use pleach_graph::{NodeId, Prefix};
use pleach_records::RecordsSettings;
use pleach_source::Rates;
use pleach_splynx::SplynxSettings;
use pleach_uisp::UispSettings;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{sources, toml_error};

pub use error::ConfigError;
pub use exposure::Exposure;
pub use interfaces::{Interfaces, InterfacesError};
pub use overlay::Overlay;
pub use pleach_csv::CsvFiles;
pub use pleach_graph::Bytes;
pub use queues::{CircuitOptions, CircuitTwice};
pub use several::Several;
pub use shaper::{Scope, SettingsError, Shaper, Uplink};
pub use sync::{Keep, Sync, SyncError};

/// Where a configuration is looked for when none is named, in this order.
pub const SEARCHED: [&str; 2] = ["pleach.toml", "/etc/pleach/pleach.toml"];

/// Everything an operator can set. Keys that are not known are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where Pleach keeps what it must remember between runs.
    pub state: PathBuf,
    /// The network kept in files.
    pub csv: CsvFiles,
    /// The UISPs that are read.
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub uisp: Several<UispSettings>,
    /// The Splynxes that are read.
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub splynx: Several<SplynxSettings>,
    /// The generic sources: documents of Pleach's own schema, or of any that a mapping describes.
    #[serde(skip_serializing_if = "Several::is_empty")]
    pub records: Several<RecordsSettings>,
    /// How a sync goes.
    pub sync: Sync,
    /// What a sync may lose at once.
    pub guard: Limits,
    /// Which records of several sources are one.
    pub same: Vec<SameRule>,
    /// Which source is believed where several speak of one thing.
    pub prefer: Prefer,
    /// Which addresses are shaped.
    pub addresses: Addresses,
    /// The rates of a circuit whose row leaves them blank.
    pub default_plan: Rates,
    /// What is shown differently from what the sources say.
    pub network: Network,
    /// The overlay that this host has its part in, and that carries some of the subscribers.
    #[serde(skip_serializing_if = "Overlay::is_empty")]
    pub overlay: Overlay,
    /// The shapers, each with its own place in the network.
    pub shaper: Vec<Shaper>,
    /// The SHA-256 of the text it was read from: whether anything in it may be different from the last time.
    #[serde(skip)]
    pub hash: [u8; 32],
    /// A secret in its text that others can read.
    #[serde(skip)]
    pub exposure: Option<Exposure>,
}

/// Where Pleach keeps what it must remember when nothing else is said.
pub const DEFAULT_STATE: &str = "/var/lib/pleach";

impl Default for Config {
    fn default() -> Self {
        Self {
            state: DEFAULT_STATE.into(),
            csv: CsvFiles::default(),
            uisp: Several::default(),
            splynx: Several::default(),
            records: Several::default(),
            sync: Sync::default(),
            guard: Limits::default(),
            same: Vec::new(),
            prefer: Prefer::default(),
            addresses: Addresses::default(),
            default_plan: default_plan(),
            network: Network::default(),
            overlay: Overlay::default(),
            shaper: Vec::new(),
            hash: [0; 32],
            exposure: None,
        }
    }
}

/// Allow and ignore lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Addresses {
    /// If not empty, only prefixes inside these are shaped.
    pub allow: Vec<Prefix>,
    /// Prefixes inside these are not shaped.
    pub ignore: Vec<Prefix>,
    /// Whether the built-in list of addresses that no subscriber has is used.
    pub never_shape: bool,
}

impl Default for Addresses {
    fn default() -> Self {
        Self { allow: Vec::new(), ignore: Vec::new(), never_shape: true }
    }
}

/// The plan of a circuit that states none.
fn default_plan() -> Rates {
    let (down, up) = pleach_graph::Policy::default().default_plan;
    Rates { down, up }
}

/// Changes to the network that no source knows of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// Nodes that are left out; what hangs from them hangs from the node above.
    pub exclude: Vec<String>,
    /// Nodes that are shown at the top, keeping their ceiling.
    pub promote: Vec<String>,
}

impl Config {
    /// Reads a configuration; its relative paths are taken from the folder it stands in.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let mut config = Self::parse(&text, path)?;
        config.resolve_paths(path.parent().unwrap_or(Path::new("")));
        config.exposure = Exposure::of(&config, path);
        Ok(config)
    }

    /// Parses a configuration; `path` is only for its messages.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let invalid = |error: toml::de::Error| ConfigError::Invalid {
            path: path.to_owned(),
            message: toml_error::describe(&error, text),
        };
        let mut config: Self = toml::from_str(text).map_err(invalid)?;
        config.hash = Sha256::digest(text).into();
        config.check_shaper_names(path)?;
        config.check_publish_folders(path)?;
        config.check_shaping(path)?;
        config.check_sync(path)?;
        Ok(config)
    }

    /// As TOML that reads back to the same.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    fn check_sync(&self, path: &Path) -> Result<(), ConfigError> {
        let wrong = |source| ConfigError::Sync { path: path.to_owned(), source };
        let names = sources::names(self);
        if let Some(twice) = names.iter().enumerate().find_map(|(at, name)| names[..at].contains(name).then_some(name))
        {
            return Err(ConfigError::SourceTwice { path: path.to_owned(), name: twice.clone() });
        }
        let unusable = |error: anyhow::Error| ConfigError::Source { path: path.to_owned(), why: format!("{error:#}") };
        sources::configured(self).map_err(unusable)?;
        self.sync.check(&names).map_err(wrong)
    }

    fn check_publish_folders(&self, path: &Path) -> Result<(), ConfigError> {
        let mut taken: HashMap<&Path, &str> = HashMap::new();
        for shaper in &self.shaper {
            let Some(folder) = shaper.publish.as_deref() else { continue };
            if let Some(first) = taken.insert(folder, &shaper.name) {
                let (first, second) = (first.to_owned(), shaper.name.clone());
                return Err(ConfigError::SharedPublish { path: path.to_owned(), first, second });
            }
        }
        Ok(())
    }

    fn check_shaper_names(&self, path: &Path) -> Result<(), ConfigError> {
        let mut seen = HashSet::new();
        for shaper in &self.shaper {
            let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
            let why = if shaper.name.is_empty() || shaper.name.starts_with('.') || !shaper.name.chars().all(fits) {
                "cannot be a folder: use letters, digits, `-`, `_` and `.`"
            } else if !seen.insert(&shaper.name) {
                "is used twice"
            } else {
                continue;
            };
            return Err(ConfigError::ShaperName { path: path.to_owned(), name: shaper.name.clone(), why });
        }
        Ok(())
    }

    fn check_shaping(&self, path: &Path) -> Result<(), ConfigError> {
        for shaper in &self.shaper {
            shaper.settings().map_err(|source| {
                let (path, name) = (path.to_owned(), shaper.name.clone());
                ConfigError::Shaping { path, name, source: Box::new(source) }
            })?;
        }
        Ok(())
    }

    fn resolve_paths(&mut self, folder: &Path) {
        let files = [&mut self.csv.shaped_devices, &mut self.csv.nodes, &mut self.csv.links];
        self.state = folder.join(&self.state);
        self.uisp.0.iter_mut().for_each(|settings| settings.resolve_paths(folder));
        self.splynx.0.iter_mut().for_each(|settings| settings.resolve_paths(folder));
        self.records.0.iter_mut().for_each(|settings| settings.resolve_paths(folder));
        let publish = self.shaper.iter_mut().map(|shaper| &mut shaper.publish);
        let other = [&mut self.sync.overrides, &mut self.sync.metrics, &mut self.overlay.file];
        for path in files.into_iter().chain(publish).chain(other).flatten() {
            *path = folder.join(&*path);
        }
        // As a shell does it: a command without a slash is one of the path.
        if let Some(command) = self.sync.hook.first_mut().filter(|command| command.contains('/'))
            && let Some(path) = folder.join(&*command).to_str()
        {
            path.clone_into(command);
        }
    }
}

/// The name of a folder for the shaper at `root`: its id's letters and digits, the rest as `-`.
pub fn folder_name(root: &NodeId) -> String {
    let keep = |c: char| if c.is_alphanumeric() || matches!(c, '_' | '-') { c } else { '-' };
    root.raw().chars().map(keep).collect()
}

#[cfg(test)]
mod tests {
    use pleach_graph::{Capacity, Dialect, Projection, Rate};
    use pleach_shaper::Ports;
    use pleach_tc::{Interface, Microseconds, PerDirection};

    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("pleach.toml")).map_err(|error| format!("{:#}", anyhow::Error::from(error)))
    }

    #[test]
    fn an_empty_file_is_a_configuration() {
        let config = parse("").expect("a configuration");
        assert!(config.addresses.never_shape);
        assert_eq!(config.default_plan.down, Rate::from_mbit(100));
    }

    #[test]
    fn shapers_with_everything() {
        let config = parse(
            r#"
            [csv]
            shaped_devices = "ShapedDevices.csv"
            [[shaper]]
            name = "pop-a"
            root = "Tower A"
            uplink = { down = "2.5G", up = 1000 }
            projection = "ap_site"
            dialect = "libreqos-2.2"
            scope = "nearest"
            publish = "/opt/libreqos/src"
            "#,
        )
        .expect("a configuration");
        let shaper = &config.shaper[0];
        assert_eq!(shaper.uplink.capacity(), Capacity::of(Rate::from_bit(2_500_000_000), Rate::from_gbit(1)));
        assert_eq!(
            (shaper.projection, shaper.dialect, shaper.scope),
            (Projection::ApSite, Dialect::LibreQos22, Scope::Nearest)
        );
    }

    /// The template with its shaping uncommented.
    pub(super) fn template() -> String {
        let text = include_str!("../../templates/pleach.toml");
        let uncomment = |line: &str| match line.strip_prefix("# ") {
            Some(rest) if rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(key, _)| is_key(key)) => {
                rest.to_owned()
            }
            _ => line.to_owned(),
        };
        let is_stick = |line: &String| !line.starts_with("on_a_stick") && !line.starts_with("vlan_");
        text.lines().map(uncomment).filter(is_stick).collect::<Vec<_>>().join("\n")
    }

    fn is_key(text: &str) -> bool {
        text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    }

    #[test]
    fn every_example_in_the_template_is_true() {
        let config = parse(&template()).expect("a configuration");
        let settings = config.shaper[0].settings().expect("settings").expect("interfaces");
        assert_eq!(settings.ports, Ports::Two(PerDirection { download: named("eth1"), upload: named("eth0") }));
        let own = settings.circuits["1001"].cake.as_ref().map(|cake| cake.rtt);
        assert_eq!(own, Some(Microseconds(200_000)));
        assert_eq!((settings.memory_limit, settings.control.prefixes.len()), (Some(8 << 30), 1));
        assert_eq!(settings.unknown.watch.len(), 1);
        assert!(config.shaper[0].apply);
        let Sync { overrides, fallback, hook, metrics, .. } = &config.sync;
        let is_said = [overrides.is_some(), fallback.len() == 1, hook.len() == 2, metrics.is_some()];
        assert_eq!(is_said, [true; 4], "{:?}", config.sync);
    }

    fn named(name: &str) -> Interface {
        name.parse().expect("a name")
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, expected) in [
            ("[sync]\nfallback = { uisp = \"1h\" }", "no source is called so"),
            ("[sync]\nhook_timeout = \"0s\"", "`[sync]`: `hook_timeout` is not longer"),
            ("[[shaper]]\nname = \"a\"\napply = true", "`apply = true` needs `[shaper.interfaces]`"),
            ("[[shaper]]\nname = \"a\"\nuplnk = 1", "unknown field `uplnk`"),
            ("[[shaper]]\nname = \"a\"\nprojection = \"ap-site\"", "unknown word `ap-site`; did you mean `ap_site`"),
            ("[[shaper]]\nname = \"a\"\nleaf = { kind = \"CAKE\" }", "unknown word `CAKE`; did you mean `cake`?"),
            ("[[shaper]]\nname = \"a\"\nleaf.cake.diffserv = \"difserv4\"", "`difserv4`; did you mean `diffserv4`"),
            ("[[shaper]]\nname = \"a\"\n[[shaper.circuit]]\nid = \"7\"\ncake = { rt = 5 }", "| cake = { rt …\n"),
            ("[[shaper]]\nname = \"a b\"", "cannot be a folder"),
            ("[[shaper]]\nname = \"..\"", "cannot be a folder"),
            ("[[shaper]]\nname = \"a\"\n[[shaper]]\nname = \"a\"", "is used twice"),
            (
                "[[shaper]]\nname = \"a\"\npublish = \"x\"\n[[shaper]]\nname = \"b\"\npublish = \"x/\"",
                "`a` and `b` publish to one folder",
            ),
            ("[addresses]\nignore = [\"10.0.0.1/24\"]", "write `10.0.0.1` or `10.0.0.0/24`"),
            ("[default_plan]\ndown = \"fast\"\nup = 1", "is not a rate"),
            ("[csv", "line 1"),
            (
                "[[shaper]]\nname = \"a\"\n[shaper.interfaces]\ntoward_internet = \"b\"",
                "`a`: `interfaces`: set `toward_",
            ),
            ("[[shaper]]\nname = \"a\"\n[shaper.leaf]\nknid = \"cake\"", "unknown field `knid`"),
            ("[[shaper]]\nname = \"a\"\n[shaper.leaf.cake]\nrtt = \"1h\"", "is not a time"),
            ("[[shaper]]\nname = \"a\"\nmemory_limit = \"much\"", "is not an amount of memory"),
            (
                "[[shaper]]\nname = \"a\"\n[[shaper.circuit]]\nid = \"7\"\n[[shaper.circuit]]\nid = \"7\"",
                "`circuit`: `7` is there twice",
            ),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
