//! What to do about an error.

use std::io;
use std::time::Duration;

use super::{FetchError, Leads, Waiting};
use crate::client::LONGEST_RETRY_AFTER;

/// Where authorities are if no file is named.
pub(crate) const THIS_HOST: &str = "this host";

impl FetchError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        let text = match self {
            Self::Secret(error) => return error.hint(),
            Self::Unusable { hint, .. } => return hint.clone(),
            Self::Status { status, retry_after, .. } => return status_hint(*status, *retry_after),
            Self::Certificate { fingerprint, .. } => {
                return format!(
                    "if its certificate has the fingerprint `{fingerprint}`, set `pin` to that; if an authority of \
                     your own signed it, name its certificate in `ca_file`"
                );
            }
            Self::Redirected { to, leads: Leads::Elsewhere | Leads::Sent, .. } => {
                return format!(
                    "if the API has moved there, correct the address to that of `{to}`; credentials are not sent on"
                );
            }
            Self::TooLarge { size, .. } => {
                return format!("if so much is right, set `{}` to more", size.key());
            }
            Self::File { .. } => "put the file back, or correct its name in the configuration",
            Self::Settings { .. } => "correct these keys in the configuration",
            Self::Address { .. } => "correct the address in the configuration",
            Self::Authorities { authorities, .. } if authorities == THIS_HOST => {
                "install the package `ca-certificates`, or set `ca_file` or `pin`"
            }
            Self::Authorities { .. } => {
                "put the certificates of the authorities there as PEM, each from `-----BEGIN CERTIFICATE-----`"
            }
            Self::Unreachable { .. } => {
                "check the name and the port in the address, the firewall, and that the server runs"
            }
            Self::Tls { .. } => "check the address: is it the right port, and should it begin with `http://`?",
            Self::TimedOut { waiting, .. } => waiting.hint(),
            Self::Broken { .. } => {
                "the server, or what stands before it, ended the connection: look into its log; the next run tries again"
            }
            Self::Redirected { leads: Leads::ToPlainHttp, .. } => {
                "it leads away from TLS, where credentials could be read: correct the address, or what redirects there"
            }
            Self::Redirected { .. } => "correct the address, or what redirects there",
            Self::OtherType { content_type, .. } if content_type.contains("html") => {
                "a page for people was answered: correct the address to that of the API, and check that the token is still good"
            }
            Self::OtherType { .. } | Self::WrongKind { .. } => {
                "check that the address is that of the API, and its version"
            }
            Self::BrokenJson { .. } => "the server ended its answer early: look into its log; the next run tries again",
            Self::Packing { .. } => "look at what stands before the server: it packs answers wrongly",
            Self::State { source, .. } if source.kind() == io::ErrorKind::InvalidData => {
                "the file is damaged: remove it, and wait a few seconds"
            }
            Self::State { .. } => "let the user that Pleach runs as write there",
            Self::Busy { .. } => "wait until it has ended, and let one process use the key",
            Self::SecondFactor { .. } => "use an API token, or an account without two-factor authentication",
            Self::Count { .. } => {
                "something changed while it was read, or the account may not see all of it; the next run tries again"
            }
        };
        text.to_owned()
    }
}

fn status_hint(status: u16, retry_after: Option<Duration>) -> String {
    let text = match status {
        401 => "the credentials are not accepted: check the token or key, and that it has not expired",
        403 => "the credentials may not read this: give them the permission to view it",
        404 => "there is no such thing: correct the address to that of the API, and check its version",
        429 if retry_after.is_some_and(|time| time > LONGEST_RETRY_AFTER) => {
            let seconds = retry_after.unwrap_or_default().as_secs();
            return format!("the server asks to wait for {seconds} s: run again later, and less often");
        }
        429 => "the server was asked too often: run less often",
        500..=599 => "the server or the proxy before it is ill, or being upgraded: the next run tries again",
        _ => "the server does not take the request: check the address, and the version of the API",
    };
    text.to_owned()
}

impl Waiting {
    fn hint(self) -> &'static str {
        match self {
            Self::Connect => "check the name and the port in the address, and the firewall",
            Self::FirstByte | Self::NextByte => "the server is slow: look at its load, or set `read_timeout` to more",
            Self::End => "the server is slow: look at its load, or set `overall_timeout` to more",
        }
    }
}
