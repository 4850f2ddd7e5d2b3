//! Where a secret is kept.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::text::{MASK, Secret};

/// Where a secret is kept. In a configuration it is a text, or a table of one of these keys:
///
/// ```toml
/// token = { file = "/etc/pleach/uisp.token" } # only its owner may read it
/// token = { env = "UISP_TOKEN" }
/// token = { credential = "uisp" }             # of systemd: LoadCredential=uisp:/etc/pleach/uisp.token
/// token = "0123-4567"                         # then the configuration itself must be kept from others
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In a file that only its owner may read. White space around the secret is not part of it.
    File(PathBuf),
    /// In a variable of the environment.
    Environment(String),
    /// In a file that systemd put into `$CREDENTIALS_DIRECTORY` (systemd.exec(5), `LoadCredential=`).
    Credential(String),
    /// In the configuration itself.
    Text(Secret),
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("cannot read the secret in `{path}`")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Others may read the file.
    #[error("the secret in `{path}` can be read by others (mode {mode:04o})")]
    Exposed {
        /// Which file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// The variable is not set.
    #[error("the environment has no `{0}`")]
    NoVariable(String),
    /// Pleach was not started with credentials, or the name is not one of a file.
    #[error("there is no credential `{0}`")]
    NoCredential(String),
    /// There is nothing in it, or something that cannot be sent.
    #[error("the secret in {place} {why}")]
    Unusable {
        /// Where it is kept.
        place: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// The largest secret: tokens of several KiB exist, and a file larger than this is another file.
const LARGEST: u64 = 16 << 10;

/// Where systemd says in which folder the credentials are.
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

impl SecretSource {
    /// The secret, from this process's environment and files. A path that is not absolute is taken from `folder`.
    pub fn load(&self, folder: &Path) -> Result<Secret, SecretError> {
        self.load_from(folder, &|name| env::var_os(name))
    }

    /// The secret, where `variable` gives the variables of the environment.
    pub fn load_from(&self, folder: &Path, variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Secret, SecretError> {
        let credentials = variable(CREDENTIALS_DIRECTORY).map(PathBuf::from);
        let bytes = match self {
            Self::File(path) => read(&folder.join(path), credentials.as_deref())?,
            Self::Environment(name) => {
                let value = variable(name).ok_or_else(|| SecretError::NoVariable(name.clone()))?;
                value.into_encoded_bytes()
            }
            Self::Credential(name) => {
                let file = credentials.as_deref().filter(|_| is_file_name(name)).map(|folder| folder.join(name));
                read(&file.ok_or_else(|| SecretError::NoCredential(name.clone()))?, credentials.as_deref())?
            }
            Self::Text(secret) => secret.expose().as_bytes().to_vec(),
        };
        self.usable(bytes)
    }

    fn usable(&self, bytes: Vec<u8>) -> Result<Secret, SecretError> {
        let unusable = |why| SecretError::Unusable { place: self.to_string(), why };
        let text = String::from_utf8(bytes).map_err(|_| unusable("is no text"))?;
        match text.trim() {
            "" => Err(unusable("is empty")),
            MASK => Err(unusable("is `***`, which stands for one where a configuration is printed")),
            text if text.contains(char::is_control) => Err(unusable("has more than one line, or control characters")),
            text => Ok(Secret::new(text)),
        }
    }
}

fn is_file_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name)
}

/// Reads a file whose owner alone may read it, or that systemd gave to this service alone.
fn read(path: &Path, credentials: Option<&Path>) -> Result<Vec<u8>, SecretError> {
    let shown = path.display().to_string();
    let unreadable = |source| SecretError::Unreadable { path: shown.clone(), source };
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 && !credentials.is_some_and(|folder| path.starts_with(folder)) {
        return Err(SecretError::Exposed { path: shown, mode });
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(SecretError::Unusable { place: format!("`{shown}`"), why: "is too large to be one" });
    }
    Ok(bytes)
}

impl SecretError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Unreadable { .. } => "put the file there, readable by the user that Pleach runs as".to_owned(),
            Self::Exposed { path, .. } => {
                format!("run `chmod 600 {path}`; the user that Pleach runs as must own it. Then replace the secret")
            }
            Self::NoVariable(name) => format!("set `{name}` for the command or in the service"),
            Self::NoCredential(name) => match name.strip_prefix("pleach_") {
                Some(file) => {
                    format!("put it into `/etc/pleach/credentials/{file}`, and start Pleach through its service")
                }
                None => format!("add `LoadCredential={name}:FILE` to the service, and start Pleach through it"),
            },
            Self::Unusable { .. } => "put the secret there, on one line and nothing else".to_owned(),
        }
    }
}

impl fmt::Display for SecretSource {
    /// Where it is kept, in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "`{}`", path.display()),
            Self::Environment(name) => write!(f, "the variable `{name}`"),
            Self::Credential(name) => write!(f, "the credential `{name}`"),
            Self::Text(_) => f.write_str("the configuration"),
        }
    }
}

const KEYS: [&str; 3] = ["file", "env", "credential"];

impl Serialize for SecretSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (key, value) = match self {
            Self::Text(secret) => return secret.serialize(serializer),
            Self::File(path) => (KEYS[0], path.to_string_lossy()),
            Self::Environment(name) => (KEYS[1], name.into()),
            Self::Credential(name) => (KEYS[2], name.into()),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(key, &value)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl<'de> Visitor<'de> for Reads {
            type Value = SecretSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a table with one of `file`, `env` and `credential`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretSource, E> {
                Ok(SecretSource::Text(Secret::new(text)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretSource, A::Error> {
                let Some((key, value)) = map.next_entry::<String, String>()? else {
                    return Err(de::Error::custom("a secret needs one of `file`, `env` and `credential`"));
                };
                let source = match key.as_str() {
                    "file" => SecretSource::File(value.into()),
                    "env" => SecretSource::Environment(value),
                    "credential" => SecretSource::Credential(value),
                    _ => return Err(de::Error::unknown_field(&key, &KEYS)),
                };
                match map.next_key::<String>()? {
                    None => Ok(source),
                    Some(second) => Err(de::Error::custom(format!("a secret is in one place: `{key}` or `{second}`"))),
                }
            }
        }
        deserializer.deserialize_any(Reads)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn no_environment(_: &str) -> Option<OsString> {
        None
    }

    fn file(folder: &Path, name: &str, text: &str, mode: u32) -> SecretSource {
        let path = folder.join(name);
        fs::write(&path, text).expect("a folder to write to");
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
        SecretSource::File(name.into())
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        for mode in [0o644, 0o640, 0o604, 0o620] {
            let error = file(folder.path(), "token", "tok-1\n", mode).load_from(folder.path(), &no_environment);
            let error = error.expect_err("others can read it");
            assert!(matches!(error, SecretError::Exposed { mode: found, .. } if found == mode), "{error}");
            assert!(error.hint().starts_with("run `chmod 600 "));
        }
        for mode in [0o600, 0o400] {
            let secret = file(folder.path(), &format!("{mode:o}"), " tok-1\r\n", mode);
            let secret = secret.load_from(folder.path(), &no_environment).expect("only we can read it");
            assert_eq!(secret.expose(), "tok-1");
        }
    }

    #[test]
    fn credentials_are_files_of_systemd() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().as_os_str().to_owned();
        let environment = |name: &str| (name == CREDENTIALS_DIRECTORY).then(|| path.clone());
        file(folder.path(), "uisp", "tok-1", 0o440); // systemd gives access through its access control list
        let load = |source: SecretSource| source.load_from(Path::new("/"), &environment);
        assert_eq!(load(SecretSource::Credential("uisp".into())).expect("it is there").expose(), "tok-1");
        assert_eq!(load(SecretSource::File(folder.path().join("uisp"))).expect("it is there").expose(), "tok-1");
        for name in ["../uisp", "/etc/passwd", "", ".", "a/b", "uisp/"] {
            let error = load(SecretSource::Credential(name.into())).expect_err("no file's name");
            assert!(matches!(error, SecretError::NoCredential(_)), "{name}: {error}");
        }
        let none = SecretSource::Credential("uisp".into()).load_from(Path::new("/"), &no_environment);
        assert!(matches!(none, Err(SecretError::NoCredential(_))));
    }

    #[test]
    fn what_is_no_secret_is_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let environment = |name: &str| (name == "TOKEN").then(|| OsString::from("tok-1"));
        let load = |source: SecretSource| {
            source
                .load_from(folder.path(), &environment)
                .map(|secret| secret.expose().to_owned())
                .map_err(|e| e.to_string())
        };
        assert_eq!(load(SecretSource::Environment("TOKEN".into())).as_deref(), Ok("tok-1"));
        assert_eq!(load(SecretSource::Text(Secret::new("tok-2"))).as_deref(), Ok("tok-2"));
        let too_large = "x".repeat(20_000);
        for (source, says) in [
            (SecretSource::Environment("TOKN".into()), "the environment has no `TOKN`"),
            (SecretSource::Text(Secret::new(" ")), "the secret in the configuration is empty"),
            (SecretSource::Text(Secret::new(MASK)), "the secret in the configuration is `***`, which stands for one"),
            (file(folder.path(), "two", "a\nb\n", 0o600), "the secret in `two` has more than one line"),
            (file(folder.path(), "large", &too_large, 0o600), "is too large to be one"),
            (SecretSource::File("none".into()), "cannot read the secret in `"),
            (SecretSource::File(".".into()), "can be read by others"),
        ] {
            let error = load(source).expect_err("it cannot be used");
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn it_reads_back_and_text_is_masked() {
        for text in [r#"{"file":"/etc/pleach/uisp.token"}"#, r#"{"env":"UISP_TOKEN"}"#, r#"{"credential":"uisp"}"#] {
            let source: SecretSource = serde_json::from_str(text).expect("a place");
            assert_eq!(serde_json::to_string(&source).expect("a table"), text);
        }
        let plain: SecretSource = serde_json::from_str("\"tok-1\"").expect("a text");
        assert_eq!(serde_json::to_string(&plain).expect("a text"), "\"***\"");
        assert!(!format!("{plain:?}").contains("tok-1"));
        for (text, says) in [
            (r#"{"fil":"a"}"#, "unknown field `fil`, expected one of `file`, `env`, `credential`"),
            (r#"{"file":"a","env":"b"}"#, "a secret is in one place: `file` or `env`"),
            ("{}", "a secret needs one of"),
            ("7", "expected a text, or a table"),
        ] {
            let error = serde_json::from_str::<SecretSource>(text).expect_err("no place").to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
