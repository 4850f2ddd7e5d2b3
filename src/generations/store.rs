//! The folder of all generations, and which of them is the current one.

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

use super::draft::Draft;
use super::generation::{Generation, GenerationError};
use super::manifest::Manifest;
use super::names;

/// What a folder of generations may be entered by: its owner, and whoever is in its group.
const FOLDER_MODE: u32 = 0o750;

/// The name of the link to the current generation.
const CURRENT: &str = "current";

/// All generations.
#[derive(Clone, Debug)]
pub struct Store {
    state: PathBuf,
    generations: PathBuf,
}

/// Why the folder of generations cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something on disk does not work.
    #[error("cannot {act} `{}`", path.display())]
    Io {
        /// What was tried.
        act: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The link does not lead to a generation.
    #[error("`{}` leads to `{}`, which is no generation", path.display(), target.display())]
    Current {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
}

pub(super) fn failed(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io { act, path, source }
}

impl Store {
    /// The generations below a state folder. Nothing is made: for verbs that only read.
    pub fn at(state: &Path) -> Self {
        Self { state: state.to_owned(), generations: state.join("generations") }
    }

    /// Makes the folder where it is missing, and removes what a killed run left half done: drafts, and generations that never
    /// became the current one, which always is the last.
    pub fn prepare(&self) -> Result<(), StoreError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(FOLDER_MODE);
        builder.create(&self.generations).map_err(failed("make the folder", &self.generations))?;
        for entry in self.entries()? {
            if Draft::is_leftover(&entry) {
                let path = self.generations.join(entry);
                fs::remove_dir_all(&path).map_err(failed("remove", &path))?;
            }
        }
        if let Some(current) = self.current()?
            && self.open(current).is_ok()
        {
            for number in self.numbers()?.into_iter().filter(|&number| number > current) {
                self.remove(number)?;
            }
        }
        Ok(())
    }

    /// The number of the current generation; none before the first.
    pub fn current(&self) -> Result<Option<u64>, StoreError> {
        let path = self.state.join(CURRENT);
        match fs::read_link(&path) {
            Ok(target) => match number_of(target.file_name().and_then(|name| name.to_str()).unwrap_or_default()) {
                Some(number) if target.parent() == Some(Path::new("generations")) => Ok(Some(number)),
                _ => Err(StoreError::Current { path, target }),
            },
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(source) => Err(StoreError::Io { act: "read the link", path, source }),
        }
    }

    /// The numbers of all generations, ascending.
    pub fn numbers(&self) -> Result<Vec<u64>, StoreError> {
        let mut numbers: Vec<u64> = self.entries()?.iter().filter_map(|name| number_of(name)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn entries(&self) -> Result<Vec<String>, StoreError> {
        let unreadable = || failed("list the folder", &self.generations);
        let entries = match fs::read_dir(&self.generations) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Vec::new());
            }
            entries => entries.map_err(unreadable())?,
        };
        let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
        entries.map(name).collect::<io::Result<_>>().map_err(unreadable())
    }

    /// The folder of a generation.
    pub fn folder(&self, number: u64) -> PathBuf {
        self.generations.join(number.to_string())
    }

    /// Opens a generation: reads its manifest.
    pub fn open(&self, number: u64) -> Result<Generation, GenerationError> {
        Generation::open(&self.folder(number))
    }

    /// Begins the next generation.
    pub fn draft(&self) -> Result<Draft, StoreError> {
        let next = self.numbers()?.last().map_or(1, |last| last + 1);
        Draft::begin(&self.generations, next)
    }

    /// Makes a generation the current one, in one step.
    pub fn set_current(&self, number: u64) -> Result<(), StoreError> {
        let (link, new) = (self.state.join(CURRENT), self.state.join(".current.new"));
        let _ = fs::remove_file(&new); // left by a killed run
        let target = Path::new("generations").join(number.to_string());
        symlink(&target, &new).map_err(failed("make the link", &new))?;
        fs::rename(&new, &link).map_err(failed("replace the link", &link))?;
        sync_folder(&self.state)
    }

    /// Removes a generation: its manifest first, so that half of one is none.
    pub fn remove(&self, number: u64) -> Result<(), StoreError> {
        let folder = self.folder(number);
        let manifest = folder.join(names::MANIFEST);
        fs::remove_file(&manifest).or_else(ignore_missing).map_err(failed("remove", &manifest))?;
        fs::remove_dir_all(&folder).map_err(failed("remove", &folder))
    }

    /// The manifests of all generations that are whole, ascending.
    pub fn manifests(&self) -> Result<Vec<Manifest>, StoreError> {
        let open = |number| self.open(number).ok().map(|generation| generation.manifest);
        Ok(self.numbers()?.into_iter().filter_map(open).collect())
    }
}

fn ignore_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn number_of(name: &str) -> Option<u64> {
    let number = name.parse().ok()?;
    (name == u64::to_string(&number)).then_some(number)
}

/// Brings a folder's names to disk.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    fs::File::open(folder).and_then(|file| file.sync_all()).map_err(failed("sync the folder", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_one_is_a_link() {
        let state = tempfile::tempdir().expect("a folder");
        let store = Store::at(&state.path().join("deep"));
        assert_eq!((store.current().expect("none"), store.numbers().expect("none")), (None, vec![]));
        store.prepare().expect("made");
        fs::create_dir(store.folder(7)).expect("made");
        fs::create_dir(store.generations.join("007")).expect("made");
        fs::create_dir(store.generations.join(".new-8")).expect("made");
        store.prepare().expect("made");
        assert!(!store.generations.join(".new-8").exists(), "half of one is removed");
        assert_eq!(store.numbers().expect("listed"), [7]);
        for number in [7, 8, 7] {
            store.set_current(number).expect("linked");
            assert_eq!(store.current().expect("read"), Some(number));
        }
        let link = state.path().join("deep/current");
        fs::remove_file(&link).expect("removed");
        symlink("/tmp", &link).expect("linked");
        let error = store.current().expect_err("no generation").to_string();
        assert!(error.ends_with("leads to `/tmp`, which is no generation"), "{error}");
        store.remove(7).expect("removed");
        assert_eq!(store.numbers().expect("listed"), [0_u64; 0]);
    }
}
