//! The dot names of files that stand beside others while a run lasts, and what killed runs left of them.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

/// Where Linux shows the processes that exist.
const PROCESSES: &str = "/proc";

/// What a file beside another one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// What will replace it.
    New,
    /// What it was before it was replaced.
    Old,
}

impl Role {
    const ALL: [Self; 2] = [Self::New, Self::Old];

    const fn ending(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Old => "old",
        }
    }
}

/// The folder of a file; a bare name stands in the current one.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The path beside `path` that this process uses: `.name.<pid>.new` or `.name.<pid>.old`.
pub(super) fn beside(path: &Path, role: Role) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.{}", std::process::id(), role.ending()));
    path.with_file_name(name)
}

/// Removes what stands beside `path` and belongs to a process that no longer exists.
///
/// Processes are those of this process's own namespace: a run in another container counts as over, and then fails whole.
pub(super) fn remove_leftovers(path: &Path) {
    let (Some(name), Ok(entries)) = (path.file_name(), fs::read_dir(folder_of(path))) else { return };
    for entry in entries.flatten() {
        if process_of(&entry.file_name(), name).is_some_and(is_over) {
            let _ = fs::remove_file(entry.path()); // it harms nobody, and the next run tries again
        }
    }
}

/// Whose file `entry` is, if it is one that stands beside `name`.
fn process_of(entry: &OsStr, name: &OsStr) -> Option<u32> {
    let rest = entry.to_str()?.strip_prefix('.')?.strip_prefix(name.to_str()?)?.strip_prefix('.')?;
    let (process, ending) = rest.split_once('.')?;
    let is_ours = Role::ALL.iter().any(|role| role.ending() == ending);
    let process = process.parse().ok().filter(|number: &u32| number.to_string() == process)?;
    is_ours.then_some(process)
}

/// Whether no such process exists; where processes cannot be seen, every one may.
fn is_over(process: u32) -> bool {
    let processes = Path::new(PROCESSES);
    processes.join("self").exists() && !processes.join(process.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_names_are_known() {
        let process = |entry: &str| process_of(OsStr::new(entry), OsStr::new("a.csv"));
        assert_eq!(process(".a.csv.12.new"), Some(12));
        assert_eq!(process(".a.csv.12.old"), Some(12));
        for other in ["a.csv", "a.csv.12.new", ".a.csv.new", ".a.csv.12.tmp", ".b.csv.12.new", ".a.csv.+12.new"] {
            assert_eq!(process(other), None, "{other}");
        }
        for other in [".a.csv.12.new.13.new", ".a.csv.012.new", ".a.csv.99999999999.old", ".a.csv.x.12.new"] {
            assert_eq!(process(other), None, "{other}");
        }
    }

    #[test]
    fn a_file_has_a_folder_and_a_name_beside_it() {
        assert_eq!(folder_of(Path::new("a")), Path::new("."));
        let new = beside(Path::new("x/a"), Role::New);
        assert_eq!(new, PathBuf::from(format!("x/.a.{}.new", std::process::id())));
    }
}
