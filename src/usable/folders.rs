//! Folders that a sync writes to, and files that it reads.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use anyhow::anyhow;
use pleach_graph::overrides;
use pleach_kernel::file_user;
use rustix::fs::Access;

use super::{Finding, may};
use crate::config::Config;
use crate::report;

/// The state folder, folders that are published to, the one of the metrics, and the overrides.
pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![state(&config.state)];
    for shaper in &config.shaper {
        if let Some(folder) = &shaper.publish {
            findings.push(folder_finding(format!("published folder of `{}`", shaper.name), folder));
        }
    }
    if let Some(file) = &config.sync.metrics {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        findings.push(folder_finding("folder of the metrics".to_owned(), folder));
    }
    if let Some(file) = &config.sync.overrides {
        findings.push(read_overrides(file));
    }
    findings
}

/// One that is not there yet is made by the first run, if that may.
fn state(folder: &Path) -> Finding {
    const SUBJECT: &str = "state folder";
    match may_write(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let standing = folder.ancestors().skip(1).find(|above| above.as_os_str().is_empty() || above.exists());
            let standing = standing.filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
            match may_write(standing) {
                Ok(()) => Finding::works(SUBJECT, vec![format!("`{}`, made by the first run", folder.display())]),
                Err(error) => {
                    let why = format!("`{}` is not there, and cannot be made: {error}", folder.display());
                    Finding::wrong(SUBJECT, why, hint(&error, standing))
                }
            }
        }
        _ => folder_finding(SUBJECT.to_owned(), folder),
    }
}

fn folder_finding(subject: String, folder: &Path) -> Finding {
    match may_write(folder) {
        Ok(()) => Finding::works(subject, vec![format!("`{}`", folder.display())]),
        Err(error) => {
            let why = format!("cannot write to `{}`: {error}", folder.display());
            Finding::wrong(subject, why, hint(&error, folder))
        }
    }
}

/// Whether this process may make, replace and remove files in a folder.
fn may_write(folder: &Path) -> io::Result<()> {
    if !fs::metadata(folder)?.is_dir() {
        return Err(ErrorKind::NotADirectory.into());
    }
    may(folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK)
}

fn hint(error: &io::Error, folder: &Path) -> String {
    let folder = folder.display();
    let user = file_user();
    match error.kind() {
        ErrorKind::NotFound => format!("make it, for the user that syncs: `install -d -o pleach -g pleach {folder}`"),
        ErrorKind::PermissionDenied => {
            format!("this is user {user}: run it as the user that syncs, or let that user write to `{folder}`")
        }
        ErrorKind::ReadOnlyFilesystem => {
            format!("in a service, `ReadWritePaths={folder}` opens it: `pleach init --systemd` writes that")
        }
        ErrorKind::NotADirectory => "something else stands there: name another folder".to_owned(),
        _ => String::new(),
    }
}

fn read_overrides(file: &Path) -> Finding {
    const SUBJECT: &str = "overrides";
    let name = file.display().to_string();
    match fs::read_to_string(file).map(|text| overrides::parse(&text, &name)) {
        Ok(Ok(read)) => {
            Finding::works(SUBJECT, vec![format!("`{name}`: {}", report::count(read.entries().len(), "override"))])
        }
        Ok(Err(error)) => {
            let hint = error.hint.clone();
            Finding::wrong(SUBJECT, format!("{:#}", anyhow!(error)), hint)
        }
        Err(error) => {
            let hint = "correct its name in `[sync]`, or let this user read it";
            Finding::wrong(SUBJECT, format!("cannot read `{name}`: {error}"), hint)
        }
    }
}
