//! A configuration that holds a secret in its text and can be read by others.
//!
//! A file that holds nothing but a secret is refused if others can read it: who made it so can be told at once. A configuration
//! that has been in use for months is told, and read all the same: shaping that stops for the mode of a file harms more than it
//! saves. For the same reason nothing is told to be done that would keep the service from reading it.

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
    remedy: Remedy,
}

/// What leaves it to those alone who have to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remedy {
    /// Its owner reads it.
    Owner,
    /// Somebody reads it by its group.
    Group,
    /// Somebody reads it by this group, which is not its own yet.
    OtherGroup(u32),
}

/// Whose a file or folder is, and who may do what with it.
#[derive(Clone, Copy, Debug)]
struct Access {
    owner: u32,
    group: u32,
    mode: u32,
}

/// What the group may do.
const GROUP: u32 = 0o070;

/// What those may do who are not in the group either.
const WORLD: u32 = 0o007;

/// What lets a folder be passed through.
const PASS: u32 = 0o111;

impl Access {
    fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        Some(Self { owner: found.uid(), group: found.gid(), mode: found.permissions().mode() & 0o7777 })
    }
}

impl Exposure {
    /// What is exposed of the configuration that was read from `path`; none where it has no secret, or nobody can read it who
    /// does not have to. If another user's state folder is used with it, as that of the package is, that user's group has to.
    pub fn of(config: &Config, path: &Path) -> Option<Self> {
        let keys = secrets(config);
        let file = Access::of(path).filter(|_| !keys.is_empty())?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let remedy = remedy(file, Access::of(folder)?, Access::of(&config.state))?;
        Some(Self { path: path.to_owned(), mode: file.mode, keys, remedy })
    }

    /// It and what to do about it, as a warning in one line.
    pub fn warning(&self) -> String {
        format!("warning: {self}: {}", self.hint())
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        let path = self.path.display();
        let run = match self.remedy {
            Remedy::Owner => format!("chmod 600 {path}"),
            Remedy::Group => format!("chmod 640 {path}"),
            Remedy::OtherGroup(group) => format!("chgrp {group} {path} && chmod 640 {path}"),
        };
        let elsewhere = "`{ file = \"…\" }` or `{ env = \"…\" }` in its place keeps it elsewhere";
        format!("run `{run}`, then replace the secret; {elsewhere}")
    }
}

/// What to do about a file in a folder, used with a state folder; none if only those get at it who have to.
///
/// Before there is a state folder its user is not known. A folder of another user, or one of root's that was given to a group, was
/// made for them.
fn remedy(file: Access, folder: Access, state: Option<Access>) -> Option<Remedy> {
    let is_read_by_group = match state {
        Some(state) => state.owner != file.owner,
        None => folder.owner != file.owner || (file.owner == 0 && folder.group != 0),
    };
    let group = state.unwrap_or(folder).group;
    let is_its_own = group == file.group;
    // The folder's group holds some of the world if it is not the file's.
    let (passes_group, passes_world) = if folder.group == file.group { (GROUP, WORLD) } else { (WORLD, GROUP | WORLD) };
    let passes = |who: u32| folder.mode & PASS & who != 0;
    let is_open_to_group = file.mode & GROUP != 0 && passes(passes_group) && !(is_read_by_group && is_its_own);
    let is_open_to_world = file.mode & WORLD != 0 && passes(passes_world);
    (is_open_to_group || is_open_to_world).then_some(match (is_read_by_group, is_its_own) {
        (false, _) => Remedy::Owner,
        (true, true) => Remedy::Group,
        (true, false) => Remedy::OtherGroup(group),
    })
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
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("set");
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
    fn who_reads_it_by_its_group_goes_on_doing_so() {
        const SERVICE: u32 = 996;
        let access = |owner, group, mode| Access { owner, group, mode };
        let (etc, state) = (access(0, 0, 0o755), Some(access(SERVICE, SERVICE, 0o750)));
        let given = access(0, SERVICE, 0o750);
        for (file, folder, state, expected) in [
            (access(0, 0, 0o644), etc, state, Some(Remedy::OtherGroup(SERVICE))),
            (access(0, 0, 0o640), etc, state, Some(Remedy::OtherGroup(SERVICE))),
            (access(0, SERVICE, 0o644), etc, state, Some(Remedy::Group)),
            (access(0, SERVICE, 0o640), etc, state, None),
            (access(SERVICE, SERVICE, 0o640), etc, state, Some(Remedy::Owner)),
            (access(0, 0, 0o644), etc, None, Some(Remedy::Owner)),
            (access(0, 0, 0o644), given, None, Some(Remedy::OtherGroup(SERVICE))),
            (access(0, SERVICE, 0o644), access(0, SERVICE, 0o755), None, Some(Remedy::Group)),
            (access(0, SERVICE, 0o640), given, None, None),
            // Nobody else comes as far as the file.
            (access(0, SERVICE, 0o644), given, state, None),
            (access(1000, 1000, 0o644), access(1000, 1000, 0o700), None, None),
            (access(1000, 1000, 0o640), access(1000, 100, 0o710), None, None),
            (access(1000, 1000, 0o644), access(1000, 100, 0o710), None, Some(Remedy::Owner)),
            (access(1000, 1000, 0o644), access(1000, 1000, 0o710), None, Some(Remedy::Owner)),
            (access(1000, 1000, 0o604), access(1000, 1000, 0o710), None, None),
        ] {
            assert_eq!(remedy(file, folder, state), expected, "{file:?} in {folder:?} with {state:?}");
        }
    }

    #[test]
    fn the_group_of_the_state_folder_is_named() {
        let path = PathBuf::from("pleach.toml");
        let exposure = Exposure { path, mode: 0o644, keys: Vec::new(), remedy: Remedy::OtherGroup(996) };
        assert!(exposure.hint().starts_with("run `chgrp 996 pleach.toml && chmod 640 pleach.toml`, then"));
    }

    #[test]
    fn without_a_secret_everybody_may_read_it() {
        assert_eq!(exposed("[uisp]\nurl = \"https://a.example\"\ntoken = { file = \"token\" }", 0o644), None);
        assert_eq!(exposed("", 0o666), None);
    }
}
