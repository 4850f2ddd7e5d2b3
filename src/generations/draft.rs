//! A generation while it is made: a folder with a name that nobody looks at, until it is whole and on disk.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::manifest::{FileEntry, Manifest};
use super::names;
use super::store::{StoreError, failed, sync_folder};
use crate::export::hex;

const FOLDER_MODE: u32 = 0o750;
const FILE_MODE: u32 = 0o640;
const PREFIX: &str = ".new-";

/// A generation that is being made. Dropped before [`Draft::finish`], it leaves nothing.
#[derive(Debug)]
pub struct Draft {
    generations: PathBuf,
    number: u64,
    folder: PathBuf,
    files: Vec<FileEntry>,
}

impl Draft {
    pub(super) fn begin(generations: &Path, number: u64) -> Result<Self, StoreError> {
        let folder = generations.join(format!("{PREFIX}{number}"));
        make_folder(&folder)?;
        Ok(Self { generations: generations.to_owned(), number, folder, files: Vec::new() })
    }

    /// Whether a name in the folder of generations is that of a draft: whoever holds the lock may remove it.
    pub(super) fn is_leftover(name: &str) -> bool {
        name.starts_with(PREFIX)
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Adds a file; it is on disk when this returns.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let (number, sha256) = (bytes.len() as u64, hex(&Sha256::digest(bytes)));
        self.write(path, bytes)?;
        self.files.push(FileEntry { path: path.to_owned(), bytes: number, sha256 });
        Ok(())
    }

    /// Adds a file of another generation, which does not change any more either: a second name for it.
    pub fn add_from(&mut self, other: &Path, entry: &FileEntry) -> Result<(), StoreError> {
        let (from, to) = (other.join(&entry.path), self.folder.join(&entry.path));
        self.make_folder_of(&to)?;
        fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop)).map_err(failed("copy", &from))?;
        self.files.push(entry.clone());
        Ok(())
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.folder.join(path);
        self.make_folder_of(&path)?;
        let mut options = OpenOptions::new();
        let opened = options.write(true).create_new(true).mode(FILE_MODE).open(&path);
        let mut file = opened.map_err(failed("make", &path))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed("write", &path))
    }

    fn make_folder_of(&self, path: &Path) -> Result<(), StoreError> {
        path.parent().filter(|folder| *folder != self.folder).map_or(Ok(()), make_folder)
    }

    /// Writes the manifest and gives the folder its name: from then on the generation is there, whole.
    pub fn finish(mut self, mut manifest: Manifest) -> Result<Manifest, StoreError> {
        manifest.generation = self.number;
        manifest.files = std::mem::take(&mut self.files);
        let mut text = serde_json::to_vec_pretty(&manifest).expect("invariant: a manifest is text and numbers");
        text.push(b'\n');
        self.write(names::MANIFEST, &text)?;
        let folders: Vec<PathBuf> = manifest.files.iter().filter_map(|file| self.folder_of(&file.path)).collect();
        for folder in folders.iter().chain([&self.folder]) {
            sync_folder(folder)?;
        }
        let place = self.generations.join(self.number.to_string());
        fs::rename(&self.folder, &place).map_err(failed("rename", &self.folder))?;
        sync_folder(&self.generations)?;
        Ok(manifest)
    }

    fn folder_of(&self, path: &str) -> Option<PathBuf> {
        let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty())?;
        Some(self.folder.join(folder))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder); // after `finish` it is not there; what stays the next run removes
    }
}

fn make_folder(folder: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder).map_err(failed("make the folder", folder))?;
    let above = folder.parent().unwrap_or(Path::new("."));
    File::open(above).and_then(|file| file.sync_all()).map_err(failed("sync the folder", above))
}
