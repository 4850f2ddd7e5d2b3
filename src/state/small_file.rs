//! Small files of the state folder that are read whole and replaced whole.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use super::folder::StateError;
use super::replace::{remove, replace};

/// What its owner may enter, and whoever is in its group.
const FOLDER_MODE: u32 = 0o750;

/// The bytes of a file; none if it is not there.
pub fn read_optional(path: &Path) -> Result<Option<Vec<u8>>, StateError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(StateError { act: "read", path: path.to_owned(), source }),
    }
}

/// Replaces a file, and makes its folder where that is missing; it is on disk when this returns. Touches nothing if it holds
/// these bytes already.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    if read_optional(path).is_ok_and(|old| old.as_deref() == Some(bytes)) {
        return Ok(());
    }
    make_folder(path.parent().unwrap_or(Path::new(".")))?;
    replace(path, bytes).map_err(|source| StateError { act: "write", path: path.to_owned(), source })
}

/// Removes a file, if it is there.
pub fn remove_file(path: &Path) -> Result<(), StateError> {
    remove(path).map_err(|source| StateError { act: "remove", path: path.to_owned(), source })
}

/// Makes a folder, and those above it, where they are missing.
pub fn make_folder(folder: &Path) -> Result<(), StateError> {
    let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder);
    made.map_err(|source| StateError { act: "make the folder", path: folder.to_owned(), source })
}
