//! A configuration that holds a secret in its text and can be read by others.
//!
//! A file that holds nothing but a secret is refused if others can read it: who made it so can be told at once. A configuration that
//! has been in use for months is told, and read all the same: shaping that stops for the mode of a file harms more than it saves.

use std::fmt;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use pleach_source::MASK;
use serde_json::Value;

use super::Config;

/// A configuration with a secret in it that others can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    path: PathBuf,
    mode: u32,
    /// The keys of its secrets: `uisp.token`.
    keys: Vec<String>,
    /// Whether it belongs to somebody else than the state folder does, who reads it by its group.
    is_read_by_group: bool,
}

/// Everything that anybody but the owner may do.
const OTHERS: u32 = 0o077;

/// What those may do who are not in the group either.
const WORLD: u32 = 0o007;

impl Exposure {
    /// What is exposed of the configuration that was read from `path`; none where it has no secret, or its owner alone can
    /// read it. If another user's state folder is used with it, as that of the package is, that user's group has to read it.
    pub fn of(config: &Config, path: &Path) -> Option<Self> {
        let keys = secrets(config);
        let file = fs::metadata(path).ok().filter(|_| !keys.is_empty())?;
        let mode = file.permissions().mode() & 0o7777;
        let state = fs::metadata(&config.state).ok();
        let is_read_by_group = state.is_some_and(|state| state.uid() != file.uid() && state.gid() == file.gid());
        let forbidden = if is_read_by_group { WORLD } else { OTHERS };
        (mode & forbidden != 0).then(|| Self { path: path.to_owned(), mode, keys, is_read_by_group })
    }

    /// It and what to do about it, as a warning in one line.
    pub fn warning(&self) -> String {
        format!("warning: {self}: {}", self.hint())
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        let mode = if self.is_read_by_group { "640" } else { "600" };
        let path = self.path.display();
        let elsewhere = "`{ file = \"…\" }` or `{ env = \"…\" }` in its place keeps it elsewhere";
        format!("run `chmod {mode} {path}`, then replace the secret; {elsewhere}")
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, mode) = (self.path.display(), self.mode);
        let keys: Vec<String> = self.keys.iter().map(|key| format!("`{key}`")).collect();
        write!(f, "`{path}` holds {}, and others can read it (mode {mode:04o})", keys.join(", "))
    }
}

/// The keys of the secrets that stand in the configuration's own text: those that are masked where it is printed.
fn secrets(config: &Config) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), serde_json::to_value(config).unwrap_or_default())];
    let inside = |key: &str, name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    while let Some((key, value)) = open.pop() {
        match value {
            Value::String(text) if text == MASK => found.push(key),
            Value::Object(table) => open.extend(table.into_iter().map(|(name, value)| (inside(&key, &name), value))),
            Value::Array(list) => open.extend(list.into_iter().map(|value| (key.clone(), value))),
            _ => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exposed(text: &str, mode: u32) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pleach.toml");
        fs::write(&path, format!("state = \"state\"\n{text}")).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        let config = Config::read(&path).expect("a configuration");
        let exposure = Exposure::of(&config, &path)?;
        assert!(exposure.hint().contains("chmod 600"), "{}", exposure.hint());
        Some(exposure.to_string().replace(&path.display().to_string(), "pleach.toml"))
    }

    #[test]
    fn every_secret_in_the_text_is_found() {
        for (text, key) in [
            ("[uisp]\nurl = \"https://a.example\"\ntoken = \"0123\"", "uisp.token"),
            (
                "[uisp]\nurl = \"https://a.example\"\nlogin = { user = \"a\", password = \"0123\" }",
                "uisp.login.password",
            ),
            (
                "[[uisp]]\nname = \"a\"\nurl = \"https://a.example\"\ntoken = { env = \"A\" }\n\
                 [[uisp]]\nname = \"b\"\nurl = \"https://b.example\"\ntoken = \"0123\"",
                "uisp.token",
            ),
            ("[splynx]\nurl = \"https://a.example\"\nkey = \"k\"\nsecret = \"s\"", "splynx.secret"),
            (
                "[records]\n[[records.input]]\nurl = \"https://a.example\"\nheader = { name = \"A\", value = \"s\" }",
                "records.input.header.value",
            ),
        ] {
            let told = exposed(text, 0o644).unwrap_or_else(|| panic!("nothing is found in\n{text}"));
            assert!(told.starts_with("`pleach.toml` holds ") && told.contains(key), "{told}");
            assert!(told.ends_with(", and others can read it (mode 0644)"), "{told}");
            assert_eq!(exposed(text, 0o600), None, "only its owner reads it");
            assert!(exposed(text, 0o640).is_some(), "the group is others");
        }
    }

    #[test]
    fn without_a_secret_everybody_may_read_it() {
        assert_eq!(exposed("[uisp]\nurl = \"https://a.example\"\ntoken = { file = \"token\" }", 0o644), None);
        assert_eq!(exposed("", 0o666), None);
    }
}
