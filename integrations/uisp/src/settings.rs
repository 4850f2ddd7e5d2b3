//! What the configuration says of a UISP.

use std::path::Path;

use pleach_graph::{IdError, Rate, Table, rate_text};
use pleach_source::{ClientSettings, Rates, SecretSource, Suspended};
use serde::{Deserialize, Serialize};

use crate::multiplier::Multiplier;

/// A UISP: how it is asked, and how its records are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UispSettings {
    /// What it is called: the first part of the ids of its records.
    pub name: String,
    /// Its address: `https://uisp.example.net`.
    pub url: String,
    /// An API token that may read everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<SecretSource>,
    /// An account, in place of a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
    /// How its billing side is asked. Without it: not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crm: Option<Crm>,
    /// The site that the internet is at, by name or id. Without it: where UISP's data links say that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// What becomes of suspended customers.
    pub suspended: Suspended,
    /// What suspended customers share in the walled garden, and what each gets at most.
    pub walled: Rates,
    /// The plan of a customer without one. Without it: the one of all sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_plan: Option<Rates>,
    /// The committed rate as a share of the plan. Without it: what UISP states, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Multiplier>,
    /// What the plan is multiplied by: the bytes that the customer's own measurement does not count.
    pub overhead: Multiplier,
    /// How much of the capacity that radios state can be had.
    pub derating: Derating,
    /// How much of an Ethernet port's speed can be had.
    pub ethernet_headroom: Multiplier,
    /// What a customer's Ethernet port does to a faster plan.
    pub customer_port: CustomerPort,
    /// A smaller capacity than this is not believed, and raised to it.
    #[serde(serialize_with = "rate_text::write")]
    pub capacity_floor: Rate,
    /// Devices that only carry a path: whether files show them.
    pub path_devices: PathDevices,
    /// What becomes of customers by the status of their service.
    pub status: StatusPolicy,
    /// How it is asked over HTTP.
    pub http: ClientSettings,
}

impl Default for UispSettings {
    fn default() -> Self {
        Self {
            name: "uisp".to_owned(),
            url: String::new(),
            token: None,
            login: None,
            crm: None,
            root: None,
            suspended: Suspended::None,
            walled: Rates::WALLED,
            default_plan: None,
            commit: None,
            overhead: Multiplier::ONE,
            derating: Derating::default(),
            ethernet_headroom: Multiplier::from_millionths(940_000), // what is left of the line rate by frame overhead
            customer_port: CustomerPort::default(),
            capacity_floor: Rate::from_mbit(15), // below it stand the readings of radios that are booting or misaligned
            path_devices: PathDevices::default(),
            status: StatusPolicy::default(),
            http: ClientSettings::default(),
        }
    }
}

/// What is wrong with the settings of a UISP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Its name cannot begin an id.
    #[error(transparent)]
    Name(IdError),
    /// It has no address.
    #[error("`url` is missing: the address of the UISP, such as `https://uisp.example.net`")]
    NoAddress,
    /// Nothing says by what it may be asked.
    #[error("`token` is missing: an API token of the UISP (or `login`, an account of it)")]
    NoAccess,
    /// There are two answers to that.
    #[error("`token` and `login` are both set: one of them is enough")]
    TwoAccesses,
}

/// By what a UISP may be asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access<'s> {
    Token(&'s SecretSource),
    Login(&'s Login),
}

impl UispSettings {
    /// Checks what its types cannot say.
    pub fn check(&self) -> Result<(), SettingsError> {
        Table::new(&self.name, "site").map_err(SettingsError::Name)?;
        match (&self.token, &self.login) {
            _ if self.url.trim().is_empty() => Err(SettingsError::NoAddress),
            (None, None) => Err(SettingsError::NoAccess),
            (Some(_), Some(_)) => Err(SettingsError::TwoAccesses),
            _ => Ok(()),
        }
    }

    /// Takes paths that are not absolute from `folder`: the one that the configuration stands in.
    pub fn resolve_paths(&mut self, folder: &Path) {
        let password = self.login.as_mut().map(|login| &mut login.password);
        let key = self.crm.as_mut().map(|crm| &mut crm.key);
        for secret in [self.token.as_mut(), password, key].into_iter().flatten() {
            if let SecretSource::File(path) = secret {
                *path = folder.join(&*path);
            }
        }
        self.http.resolve_paths(folder);
    }

    /// By what it may be asked. The settings are checked.
    pub(crate) fn access(&self) -> Access<'_> {
        match (&self.token, &self.login) {
            (Some(token), _) => Access::Token(token),
            (None, Some(login)) => Access::Login(login),
            (None, None) => unreachable!("invariant: the settings are checked"),
        }
    }
}

/// An account of a UISP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Its user name.
    pub user: String,
    /// Its password. An account with two-factor authentication cannot be used.
    pub password: SecretSource,
}

/// How the billing side is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crm {
    /// Its address, where it is not that of the UISP with `/crm/api/v1.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// An app key that may read.
    pub key: SecretSource,
}

/// What a customer's Ethernet port does to a faster plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerPort {
    /// It is listed.
    #[default]
    Advice,
    /// The plan is lowered to what the port can carry, and listed.
    Cap,
}

/// Whether files show the devices that only carry a path. Their capacity counts in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathDevices {
    /// They are not shown.
    #[default]
    Hidden,
    /// They are shown as access points.
    Shown,
}

/// How much of the capacity that radios state can be had, by what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Derating {
    /// airMAX AC, and what an airMAX access point with a flexible frame divides between its directions.
    pub airmax: Multiplier,
    /// LTU.
    pub ltu: Multiplier,
    /// A link that two radios have to themselves, beside what they are built as.
    pub ptp: Multiplier,
    /// The downlink's share of a flexible frame where the radio does not state it.
    pub flexible_frame_download: Multiplier,
}

impl Default for Derating {
    /// All of what is stated.
    fn default() -> Self {
        Self {
            airmax: Multiplier::ONE,
            ltu: Multiplier::ONE,
            ptp: Multiplier::ONE,
            flexible_frame_download: Multiplier::from_millionths(800_000),
        }
    }
}

/// What becomes of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It is shaped to its plan.
    Shape,
    /// It is suspended.
    Suspend,
    /// It is left out.
    LeaveOut,
}

/// What becomes of customers by the status of their service, as UISP CRM numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatusPolicy {
    /// 0: to be activated.
    pub prepared: Treatment,
    /// 1.
    pub active: Treatment,
    /// 2.
    pub ended: Treatment,
    /// 3.
    pub suspended: Treatment,
    /// 4.
    pub prepared_blocked: Treatment,
    /// 5.
    pub obsolete: Treatment,
    /// 6: a change of plan that is to come.
    pub deferred: Treatment,
    /// 7.
    pub quoted: Treatment,
    /// 8.
    pub inactive: Treatment,
}

impl Default for StatusPolicy {
    /// What is in use, or about to be, is shaped; what is over, or was never begun, is left out.
    fn default() -> Self {
        Self {
            prepared: Treatment::Shape,
            active: Treatment::Shape,
            ended: Treatment::LeaveOut,
            suspended: Treatment::Suspend,
            prepared_blocked: Treatment::Suspend,
            obsolete: Treatment::LeaveOut,
            deferred: Treatment::Shape,
            quoted: Treatment::LeaveOut,
            inactive: Treatment::LeaveOut,
        }
    }
}
