//! Whether what a configuration names can be used: every source, folder and command, by this user and on this host.
//!
//! Nothing is changed: folders are asked about, not written to.

mod commands;
mod folders;
mod sources;

use std::io;
use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, accessat};
use serde::Serialize;

use crate::config::Config;

/// What was found out about one thing that a configuration names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is: ``source `csv` ``.
    pub subject: String,
    /// Whether it can be used.
    pub verdict: Verdict,
    /// What can be told of it, or why it cannot be used.
    pub facts: Vec<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Whether something can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It can.
    Works,
    /// It cannot.
    Wrong,
}

impl Finding {
    fn works(subject: impl Into<String>, facts: Vec<String>) -> Self {
        Self { subject: subject.into(), verdict: Verdict::Works, facts, hint: None }
    }

    fn wrong(subject: impl Into<String>, why: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        Self { subject: subject.into(), verdict: Verdict::Wrong, facts: vec![why.into()], hint }
    }
}

/// Whether files may be touched so, as whom they are touched: `access(2)` would ask for who this process really is.
fn may(path: &Path, access: Access) -> io::Result<()> {
    Ok(accessat(CWD, path, access, AtFlags::EACCESS)?)
}

/// Tries everything that the configuration names, the sources first.
pub fn examine(config: &Config) -> io::Result<Vec<Finding>> {
    let mut findings = sources::examine(config)?;
    findings.extend(folders::examine(config));
    findings.extend(commands::examine(config));
    Ok(findings)
}
