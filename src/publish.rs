//! Files that are ready are moved into place, or it is said how far that came.

use std::fs;
use std::io;

use anyhow::Context;

use crate::config::Shaper;
use crate::exit::{Exit, Failure};
use crate::files::{LeftNew, PublishError, Staged, Undo};

/// Moves every staged file into place, or says how far it came.
pub fn publish(staged: Staged) -> Result<(), Failure> {
    staged.publish().map_err(failure)
}

/// Refuses a `publish` folder that is not there: made anew, it would hide a typo or a disk that is not mounted.
pub fn folder_is_there(shaper: &Shaper) -> Result<(), Failure> {
    let Some(folder) = &shaper.publish else { return Ok(()) };
    let found = match fs::metadata(folder) {
        Ok(standing) if standing.is_dir() => return Ok(()),
        Ok(_) => Err(io::ErrorKind::NotADirectory.into()),
        Err(error) => Err(error),
    };
    let what = || format!("shaper `{}`: cannot use its `publish` folder `{}`", shaper.name, folder.display());
    let hint = "nothing is written; make the folder, mount its disk, or correct `publish`";
    found.with_context(what).map_err(|error| Failure::from(error).hint(hint))
}

fn failure(error: PublishError) -> Failure {
    let (exit, hint) = match &error.undo {
        Undo::NotNeeded => (Exit::Failed, "the old files stay as they are".to_owned()),
        Undo::Complete => (Exit::Undone, "the old files are back; export again when the cause is gone".to_owned()),
        Undo::Incomplete(left) => {
            let left: Vec<String> = left.iter().map(left_new).collect();
            (Exit::UndoIncomplete, format!("{}\nhint: export again when the cause is gone", left.join("\nhint: ")))
        }
    };
    Failure { exit, error: error.into(), hint: Some(hint) }
}

fn left_new(left: &LeftNew) -> String {
    let (path, why) = (left.path.display(), &left.source);
    match &left.old {
        Some(old) => format!("`{path}` could not be put back ({why}); its old content is in `{}`", old.display()),
        None => format!("`{path}` was not there before and could not be removed ({why})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::WriteError;

    fn failed(undo: Undo) -> (u8, String) {
        let first = WriteError { path: "out/c".into(), source: io::Error::other("no") };
        let failure = failure(PublishError { first, undo });
        (failure.exit as u8, failure.to_string())
    }

    #[test]
    fn the_exit_code_says_what_is_left() {
        let (exit, text) = failed(Undo::NotNeeded);
        assert_eq!(exit, 1);
        assert!(text.starts_with("pleach: nothing was changed: cannot write `out/c`: no\n"), "{text}");
        let (exit, text) = failed(Undo::Complete);
        assert_eq!(exit, 5);
        assert!(text.starts_with("pleach: changed and undone: cannot write `out/c`: no\n"), "{text}");
        let left = |path: &str, old: Option<&str>| LeftNew {
            path: path.into(),
            old: old.map(Into::into),
            source: io::Error::other("read-only"),
        };
        let (exit, text) = failed(Undo::Incomplete(vec![left("out/b", None), left("out/a", Some("out/.a.7.old"))]));
        assert_eq!(exit, 6);
        assert_eq!(
            text,
            "pleach: changed, and the undo is incomplete: left new `out/b`, `out/a`: cannot write `out/c`: no
hint: `out/b` was not there before and could not be removed (read-only)
hint: `out/a` could not be put back (read-only); its old content is in `out/.a.7.old`
hint: export again when the cause is gone"
        );
    }
}
