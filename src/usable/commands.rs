//! Commands that a sync runs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use super::{Finding, may};
use crate::config::Config;

const SUBJECT: &str = "hook";

/// The hook.
pub(super) fn examine(config: &Config) -> Option<Finding> {
    let command = config.sync.hook.first()?;
    let standing = candidates(command).into_iter().find(|path| fs::metadata(path).is_ok_and(|meta| meta.is_file()));
    Some(match standing {
        None => Finding::wrong(
            SUBJECT,
            format!("there is no `{command}`"),
            "correct `hook` in `[sync]`: a full path is best",
        ),
        Some(path) => match may(&path, Access::EXEC_OK) {
            Ok(()) => Finding::works(SUBJECT, vec![format!("`{}`", path.display())]),
            Err(error) => {
                let path = path.display();
                Finding::wrong(SUBJECT, format!("cannot run `{path}`: {error}"), format!("`chmod +x {path}`"))
            }
        },
    })
}

/// Where a command is looked for: one without a slash is one of the path.
fn candidates(command: &str) -> Vec<PathBuf> {
    if command.contains('/') {
        return vec![Path::new(command).to_owned()];
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(command)).collect()
}
