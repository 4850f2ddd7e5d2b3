//! What the configuration says of a Splynx.

use std::path::Path;

use pleach_graph::{IdError, Rate};
use pleach_source::{ClientSettings, Rates, SecretSource, Suspended};
use serde::{Deserialize, Serialize};

use crate::list::List;

/// A Splynx: how it is asked, and how its records are read.
///
/// ```
/// let settings: pleach_splynx::SplynxSettings = toml::from_str(
///     r#"
///     url = "https://splynx.example.net"
///     key = "0123456789abcdef0123456789abcdef"
///     secret = { file = "/etc/pleach/splynx.secret" }
///     suspended = "walled"
///     without = ["ipv6"]
///     [service_status]
///     pending = "shape"
///     "#,
/// )?;
/// # assert_eq!(settings.name, "splynx");
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplynxSettings {
    /// What it is called: the first part of the ids of its records.
    #[serde(default = "default_name")]
    pub name: String,
    /// Where it is, as a browser has it: `https://splynx.example.net`.
    pub url: String,
    /// The API key.
    pub key: String,
    /// Its secret.
    pub secret: SecretSource,
    /// How a request says who sends it.
    #[serde(default)]
    pub auth: AuthMethod,
    /// How it is asked over HTTP.
    #[serde(default)]
    pub http: ClientSettings,
    /// Lists that are not asked for: the key may not see them, or this version has none.
    #[serde(default)]
    pub without: Vec<List>,
    /// How many bit a kilobit has.
    #[serde(default)]
    pub kilobit: Kilobit,
    /// What becomes of those who are suspended.
    #[serde(default)]
    pub suspended: Suspended,
    /// What those who are suspended share in the walled garden, and what each gets at most.
    #[serde(default = "Rates::walled")]
    pub walled: Rates,
    /// What becomes of a service by its status.
    #[serde(default)]
    pub service_status: ServiceStatusPolicy,
    /// What becomes of a customer's services by the customer's status; of both the stricter counts.
    #[serde(default)]
    pub customer_status: CustomerStatusPolicy,
}

/// What is wrong with the settings of a Splynx.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplynxSettingsError {
    /// Its name is none that ids can begin with.
    #[error("`name`")]
    Name(#[from] IdError),
    /// A list is left out that nothing goes without.
    #[error("`without` has `{0}`, and without it nobody can be shaped")]
    Needed(List),
}

impl SplynxSettings {
    /// Checks what its types cannot say.
    pub fn check(&self) -> Result<(), SplynxSettingsError> {
        let needed = self.without.iter().find(|list| !list.can_be_missed());
        needed.map_or(Ok(()), |list| Err(SplynxSettingsError::Needed(*list)))
    }

    /// Takes paths that are not absolute from `folder`: the one that the configuration stands in.
    pub fn resolve_paths(&mut self, folder: &Path) {
        self.http.resolve_paths(folder);
        if let SecretSource::File(path) = &mut self.secret {
            *path = folder.join(&*path);
        }
    }

    /// The lists that are asked for.
    pub(crate) fn lists(&self) -> impl Iterator<Item = List> + '_ {
        List::ALL.into_iter().filter(|list| !self.without.contains(list))
    }
}

fn default_name() -> String {
    "splynx".to_owned()
}

/// How a request says who sends it. A key is used in one way only: the nonces of two ways count different things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// By an access token, which one signed request buys.
    #[default]
    Token,
    /// By a signature of its own, one request at a time.
    Signature,
    /// By key and secret as they are; the key needs *Unsecure access*.
    Basic,
}

/// How many bit a kilobit has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum Kilobit {
    /// 1000, as the standard and every other system have it.
    #[default]
    Thousand,
    /// 1024, as the operator meant it where tariffs say 10240 for 10 Mbit/s.
    Binary,
}

impl Kilobit {
    /// A rate that was read with kilobits of 1000 bit.
    pub(crate) fn apply(self, rate: Rate) -> Rate {
        match self {
            Self::Thousand => rate,
            Self::Binary => rate.scaled(1024, 1000),
        }
    }
}

/// A number that no kilobit has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a kilobit has 1000 or 1024 bit, and not {0}")]
pub struct NoKilobit(u16);

impl TryFrom<u16> for Kilobit {
    type Error = NoKilobit;
    fn try_from(bits: u16) -> Result<Self, NoKilobit> {
        match bits {
            1000 => Ok(Self::Thousand),
            1024 => Ok(Self::Binary),
            other => Err(NoKilobit(other)),
        }
    }
}

impl From<Kilobit> for u16 {
    fn from(kilobit: Kilobit) -> Self {
        match kilobit {
            Kilobit::Thousand => 1000,
            Kilobit::Binary => 1024,
        }
    }
}

/// What becomes of a service; the later, the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It is shaped to its plan.
    Shape,
    /// It is suspended.
    Suspend,
    /// It is left out.
    LeaveOut,
}

/// What becomes of a service by its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceStatusPolicy {
    /// In use.
    pub active: Treatment,
    /// Out of use for a time; Splynx sets it for customers who are inactive.
    pub stopped: Treatment,
    /// Over. Its address may be somebody else's by now.
    pub disabled: Treatment,
    /// Kept for the record: archived.
    pub hidden: Treatment,
    /// Not begun.
    pub pending: Treatment,
}

impl Default for ServiceStatusPolicy {
    /// What is not in use is left out.
    fn default() -> Self {
        let out = Treatment::LeaveOut;
        Self { active: Treatment::Shape, stopped: out, disabled: out, hidden: out, pending: out }
    }
}

/// What becomes of a customer's services by the customer's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CustomerStatusPolicy {
    /// Not connected yet.
    pub new: Treatment,
    /// A customer.
    pub active: Treatment,
    /// Has not paid, or is to be kept out. Splynx leaves the service active.
    pub blocked: Treatment,
    /// Does not use services any more; Splynx calls it inactive.
    pub disabled: Treatment,
}

impl Default for CustomerStatusPolicy {
    /// Who has an active service is shaped, whoever is blocked is suspended, and who uses nothing is left out.
    fn default() -> Self {
        Self {
            new: Treatment::Shape,
            active: Treatment::Shape,
            blocked: Treatment::Suspend,
            disabled: Treatment::LeaveOut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(more: &str) -> Result<SplynxSettings, String> {
        let text = format!("url = \"https://h\"\nkey = \"k\"\nsecret = \"s\"\n{more}");
        toml::from_str(&text).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_and_what_is_printed_reads_back() {
        let settings = settings("").expect("all is known");
        assert_eq!(
            (settings.name.as_str(), settings.auth, settings.suspended),
            ("splynx", AuthMethod::Token, Suspended::Slow)
        );
        assert_eq!(settings.check(), Ok(()));
        assert_eq!(settings.service_status.stopped, Treatment::LeaveOut);
        assert_eq!(settings.customer_status.blocked, Treatment::Suspend);
        let mut settings =
            super::tests::settings("kilobit = 1024\nwithout = [\"network-sites\"]").expect("all is known");
        settings.secret = SecretSource::File("secret".into());
        let printed = toml::to_string(&settings).expect("a table");
        assert_eq!(toml::from_str::<SplynxSettings>(&printed).as_ref(), Ok(&settings));
        settings.resolve_paths(Path::new("/etc/pleach"));
        assert_eq!(settings.secret, SecretSource::File("/etc/pleach/secret".into()));
    }

    #[test]
    fn unknown_words_are_refused() {
        for (text, says) in [
            ("kilobit = 1023", "a kilobit has 1000 or 1024 bit, and not 1023"),
            ("without = [\"invoices\"]", "unknown variant `invoices`"),
            ("suspendet = \"slow\"", "unknown field `suspendet`"),
            ("suspended = \"fast\"", "unknown variant `fast`"),
            ("[service_status]\nblocked = \"shape\"", "unknown field `blocked`"),
            ("[walled]\ndown = 1", "missing field `up`"),
        ] {
            let error = settings(text).expect_err("not known");
            assert!(error.contains(says), "{error}");
        }
        assert_eq!(
            settings("kilobit = 1024").expect("known").kilobit.apply(Rate::from_mbit(1)),
            Rate::from_bit(1_024_000)
        );
    }
}
