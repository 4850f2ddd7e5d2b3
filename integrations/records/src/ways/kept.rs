//! The last answer of an address, kept so that it need not be sent again.
//!
//! It is a convenience: what cannot be kept or read is asked for anew, and nothing is said.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use pleach_source::{Body, Part, Version};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Customers' names are in it: for its owner.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// An answer that was kept.
pub(super) struct Kept {
    label: Label,
    folder: PathBuf,
}

/// What is known of it.
#[derive(Serialize, Deserialize)]
struct Label {
    /// A hash of the address: another one is another document. The address itself may hold a key.
    of: String,
    /// How messages call the address.
    address: String,
    version: Version,
    bytes: u64,
    sha256: String,
}

const LABEL: &str = "answer.json";
const BODY: &str = "answer.zst";

impl Kept {
    /// The answer that is kept in a folder, if it is one of this address.
    pub(super) fn open(folder: &Path, address: &str) -> Option<Self> {
        let label: Label = serde_json::from_slice(&fs::read(folder.join(LABEL)).ok()?).ok()?;
        (label.of == digest(address.as_bytes())).then(|| Self { label, folder: folder.to_owned() })
    }

    /// Which version it is.
    pub(super) fn version(&self) -> &Version {
        &self.label.version
    }

    /// The answer, if it is undamaged.
    pub(super) fn into_part(self) -> Option<Part> {
        let Label { address, bytes, sha256, .. } = self.label;
        let body = Body::from_compressed(fs::read(self.folder.join(BODY)).ok()?, bytes).ok()?;
        let is_whole = body.len() == bytes && hex(&body.sha256()) == sha256;
        is_whole.then(|| Part { name: String::new(), address, status: Some(304), records: None, body })
    }

    /// Keeps an answer, if its server tells versions apart.
    pub(super) fn put(folder: &Path, address: &str, part: &Part, version: Version) {
        let _ = fs::remove_file(folder.join(LABEL)); // whatever happens now, the old label does not name the new bytes
        if version == Version::default() {
            return;
        }
        let label = Label {
            of: digest(address.as_bytes()),
            address: part.address.clone(),
            version,
            bytes: part.body.len(),
            sha256: hex(&part.body.sha256()),
        };
        let _ = write(folder, part, &label); // see above
    }
}

fn write(folder: &Path, part: &Part, label: &Label) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
    replace(&folder.join(BODY), &part.body.compressed()?)?;
    replace(&folder.join(LABEL), &serde_json::to_vec_pretty(label)?)
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file: File = OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}
