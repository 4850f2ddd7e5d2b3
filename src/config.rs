//! The configuration file.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use pleach_graph::{Capacity, Dialect, Limit, NodeId, Prefix, Projection, Rate};
use serde::{Deserialize, Serialize};

/// Where a configuration is looked for when none is named, in this order.
pub const SEARCHED: [&str; 2] = ["pleach.toml", "/etc/pleach/pleach.toml"];

/// Everything an operator can set. Keys that are not known are refused.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The network kept in files.
    pub csv: CsvFiles,
    /// Which addresses are shaped.
    pub addresses: Addresses,
    /// The rates of a circuit whose row leaves them blank.
    pub default_plan: DefaultPlan,
    /// What is shown differently from what the sources say.
    pub network: Network,
    /// The shapers, each with its own place in the network.
    pub shaper: Vec<Shaper>,
}

/// The files of a network kept by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvFiles {
    /// ShapedDevices.csv: circuits and their devices.
    pub shaped_devices: Option<PathBuf>,
    /// The nodes: a table, or network.json.
    pub nodes: Option<PathBuf>,
    /// Links between nodes, beyond what parents imply.
    pub links: Option<PathBuf>,
}

impl CsvFiles {
    /// The files that are named.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        [&self.shaped_devices, &self.nodes, &self.links].into_iter().flatten().map(PathBuf::as_path)
    }
}

/// Allow and ignore lists.
#[derive(Clone, Debug, Deserialize)]
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
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultPlan {
    /// Towards the subscriber.
    pub down: Rate,
    /// From the subscriber.
    pub up: Rate,
}

impl Default for DefaultPlan {
    fn default() -> Self {
        let (down, up) = pleach_graph::Policy::default().default_plan;
        Self { down, up }
    }
}

/// Changes to the network that no source knows of.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// Nodes that are left out; what hangs from them hangs from the node above.
    pub exclude: Vec<String>,
    /// Nodes that are shown at the top, keeping their ceiling.
    pub promote: Vec<String>,
}

/// A shaper.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shaper {
    /// Its name, and that of its folder.
    pub name: String,
    /// The node it stands at: a typed id or a unique name. The top of the network if not given.
    #[serde(default)]
    pub root: Option<String>,
    /// What its own uplink carries.
    #[serde(default)]
    pub uplink: Uplink,
    /// How much of the tree its files show.
    #[serde(default)]
    pub projection: Projection,
    /// Which readers its files are for.
    #[serde(default)]
    pub dialect: Dialect,
    /// Which circuits it holds.
    #[serde(default)]
    pub scope: Scope,
    /// A folder that its two files are also written to; it must be there.
    #[serde(default)]
    pub publish: Option<PathBuf>,
}

impl Shaper {
    /// A shaper with nothing but a name and a root.
    pub fn named(name: &str, root: Option<String>) -> Self {
        Self {
            name: name.to_owned(),
            root,
            uplink: Uplink::default(),
            projection: Projection::default(),
            dialect: Dialect::default(),
            scope: Scope::default(),
            publish: None,
        }
    }
}

/// What an uplink carries, as far as it is known.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uplink {
    /// Towards subscribers.
    pub down: Option<Rate>,
    /// From subscribers.
    pub up: Option<Rate>,
}

impl Uplink {
    /// As a capacity.
    pub fn capacity(self) -> Capacity {
        Capacity { down: Limit::from(self.down), up: Limit::from(self.up) }
    }
}

/// Which circuits a shaper holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Every circuit.
    #[default]
    All,
    /// Those that are nearer to it than to any other shaper of this scope.
    Nearest,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read the configuration `{}`", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not TOML, or has a key that is not known or a value that does not fit.
    #[error("`{}` cannot be used\n{message}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Where and why, with the line shown.
        message: String,
    },
    /// Two shapers publish to one folder, where the second would replace the files of the first.
    #[error("`{}`: shapers `{first}` and `{second}` publish to one folder", path.display())]
    SharedPublish {
        /// Which file.
        path: PathBuf,
        /// The shaper that comes first.
        first: String,
        /// The other one.
        second: String,
    },
    /// A shaper's name cannot be a folder, or two shapers share one.
    #[error("`{}`: shaper name `{name}` {why}", path.display())]
    ShaperName {
        /// Which file.
        path: PathBuf,
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl Config {
    /// Reads a configuration; its relative paths are taken from the folder it stands in.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let mut config = Self::parse(&text, path)?;
        config.resolve_paths(path.parent().unwrap_or(Path::new("")));
        Ok(config)
    }

    /// Parses a configuration; `path` is only for its messages.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let invalid = |error: toml::de::Error| ConfigError::Invalid {
            path: path.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        };
        let config: Self = toml::from_str(text).map_err(invalid)?;
        config.check_shaper_names(path)?;
        config.check_publish_folders(path)?;
        Ok(config)
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

    fn resolve_paths(&mut self, folder: &Path) {
        let files = [&mut self.csv.shaped_devices, &mut self.csv.nodes, &mut self.csv.links];
        let publish = self.shaper.iter_mut().map(|shaper| &mut shaper.publish);
        for path in files.into_iter().chain(publish).flatten() {
            *path = folder.join(&*path);
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
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("pleach.toml")).map_err(|error| error.to_string())
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

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, expected) in [
            ("[[shaper]]\nname = \"a\"\nuplnk = 1", "unknown field `uplnk`"),
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
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
