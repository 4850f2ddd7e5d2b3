//! What of a shaper's configuration decides its files and its queues.

use pleach_graph::{Dialect, Projection};
use serde::{Deserialize, Serialize};

use crate::config::{Scope, Shaper, Uplink};

/// What of a shaper's configuration decides its files and, by the uplink, its queues: from where it sees the network, and how
/// much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// The node it stands at, as the configuration names it.
    pub root: Option<String>,
    /// What its own uplink carries.
    pub uplink: Uplink,
    /// How much of the tree its files show.
    pub projection: Projection,
    /// Which readers its files are for.
    pub dialect: Dialect,
    /// Which circuits it holds.
    pub scope: Scope,
}

impl Outlook {
    /// That of a shaper.
    pub fn of(shaper: &Shaper) -> Self {
        let Shaper { root, uplink, projection, dialect, scope, .. } = shaper.clone();
        Self { root, uplink, projection, dialect, scope }
    }

    /// A shaper that sees this, and has nothing else to say.
    pub fn shaper(&self, name: &str) -> Shaper {
        let Self { root, uplink, projection, dialect, scope } = self.clone();
        Shaper { uplink, projection, dialect, scope, ..Shaper::named(name, root) }
    }

    /// What it takes to come from this one to `after`: a key with both values each.
    pub fn changes(&self, after: &Self) -> Vec<(String, String, String)> {
        let words = |outlook: &Self| match serde_json::to_value(outlook) {
            Ok(serde_json::Value::Object(keys)) => keys,
            _ => serde_json::Map::new(),
        };
        let (before, after) = (words(self), words(after));
        let text = |value: Option<&serde_json::Value>| match value {
            None | Some(serde_json::Value::Null) => "none".to_owned(),
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        };
        let differs = before.keys().filter(|key| before.get(*key) != after.get(*key));
        differs.map(|key| (key.clone(), text(before.get(key)), text(after.get(key)))).collect()
    }
}
