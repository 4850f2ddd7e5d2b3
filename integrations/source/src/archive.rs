//! What all sources answered in one run, as one file: a tar archive of an index and of each answer as a zstd frame.
//!
//! `tar xf` and `zstdcat` are enough to look into it. The index comes first, so that it can be read alone.

use std::collections::HashMap;
use std::io::{self, Read, Write};

use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::snapshot::{Part, Snapshot};

/// The answers of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// When the run was: the clock of everything that is decided from these answers.
    pub clock: Timestamp,
    /// One snapshot a source.
    pub snapshots: Vec<Snapshot>,
}

/// Why a file is no archive, or a damaged one.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It cannot be read, or is no tar archive.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Its index is not one.
    #[error("its `index.json` cannot be understood")]
    Index(#[from] serde_json::Error),
    /// It was written by a version of Pleach that this one does not know.
    #[error("it has the format {0}, and this version reads format {FORMAT}")]
    Format(u32),
    /// Something in it is not what the index says.
    #[error("`{file}` {why}")]
    File {
        /// Which file in it.
        file: String,
        /// What is wrong.
        why: &'static str,
    },
}

const FORMAT: u32 = 1;
const INDEX: &str = "index.json";

/// The most that an index may take: a line for each part of each source.
const LARGEST_INDEX: u64 = 16 << 20;

/// The most that all answers of a run may take, compressed: an archive is read into memory.
const LARGEST_ANSWERS: u64 = 4 << 30;

#[derive(Serialize, Deserialize)]
struct Index {
    format: u32,
    clock: Timestamp,
    sources: Vec<IndexSource>,
}

#[derive(Serialize, Deserialize)]
struct IndexSource {
    name: String,
    kind: String,
    taken: Timestamp,
    parts: Vec<IndexPart>,
}

#[derive(Serialize, Deserialize)]
struct IndexPart {
    name: String,
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<u64>,
    bytes: u64,
    sha256: String,
    file: String,
}

impl Archive {
    /// Writes it. The same answers give the same bytes.
    pub fn write(&self, out: impl Write) -> io::Result<()> {
        let mut tar = tar::Builder::new(out);
        let index = self.index();
        let mut text = serde_json::to_vec_pretty(&index)?;
        text.push(b'\n');
        self.append(&mut tar, INDEX, &text)?;
        for (snapshot, source) in self.snapshots.iter().zip(&index.sources) {
            for (part, named) in snapshot.parts.iter().zip(&source.parts) {
                self.append(&mut tar, &named.file, &part.body.compressed()?)?;
            }
        }
        tar.into_inner()?.flush()
    }

    fn index(&self) -> Index {
        let part = |at: usize, snapshot: &Snapshot, part: &Part| IndexPart {
            name: part.name.clone(),
            address: part.address.clone(),
            status: part.status,
            records: part.records,
            bytes: part.body.len(),
            sha256: hex(&part.body.sha256()),
            file: format!("{}/{at:03}-{}.zst", in_a_path(&snapshot.source), in_a_path(&part.name)),
        };
        let source = |snapshot: &Snapshot| IndexSource {
            name: snapshot.source.clone(),
            kind: snapshot.kind.clone(),
            taken: snapshot.taken,
            parts: snapshot.parts.iter().enumerate().map(|(at, it)| part(at, snapshot, it)).collect(),
        };
        Index { format: FORMAT, clock: self.clock, sources: self.snapshots.iter().map(source).collect() }
    }

    fn append(&self, tar: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.clock.as_second()).unwrap_or(0));
        tar.append_data(&mut header, name, bytes)
    }

    /// Reads one, and compares every answer with what the index says of it.
    pub fn read(from: impl Read) -> Result<Self, ArchiveError> {
        let mut tar = tar::Archive::new(from);
        let mut index: Option<Index> = None;
        let mut files: HashMap<String, Vec<u8>> = HashMap::new();
        let mut room = LARGEST_ANSWERS;
        for entry in tar.entries()? {
            let entry = entry?;
            let name = entry.path()?.to_string_lossy().into_owned();
            if index.is_none() {
                if name != INDEX {
                    return Err(ArchiveError::File { file: name, why: "stands where `index.json` should" });
                }
                let read: Index = serde_json::from_reader(entry.take(LARGEST_INDEX))?;
                if read.format != FORMAT {
                    return Err(ArchiveError::Format(read.format));
                }
                index = Some(read);
                continue;
            }
            let mut bytes = Vec::new();
            entry.take(room).read_to_end(&mut bytes)?;
            room -= bytes.len() as u64;
            files.insert(name, bytes);
        }
        let missing = ArchiveError::File { file: INDEX.to_owned(), why: "is not there" };
        let Index { clock, sources, .. } = index.ok_or(missing)?;
        let snapshots = sources.into_iter().map(|source| source.snapshot(&mut files)).collect::<Result<_, _>>()?;
        Ok(Self { clock, snapshots })
    }
}

impl IndexSource {
    fn snapshot(self, files: &mut HashMap<String, Vec<u8>>) -> Result<Snapshot, ArchiveError> {
        let with_bytes = |part: IndexPart| {
            let wrong = || ArchiveError::File { file: part.file.clone(), why: "is not there" };
            Ok((files.remove(&part.file).ok_or_else(wrong)?, part))
        };
        let kept = self.parts.into_iter().map(with_bytes).collect::<Result<Vec<_>, ArchiveError>>()?;
        // The first damage is named, whichever is found first.
        let read: Vec<_> = kept.into_par_iter().map(|(compressed, part)| part.read(compressed)).collect();
        let parts = read.into_iter().collect::<Result<_, _>>()?;
        Ok(Snapshot { source: self.name, kind: self.kind, taken: self.taken, parts })
    }
}

impl IndexPart {
    /// The part, if its bytes are what the index says.
    fn read(self, compressed: Vec<u8>) -> Result<Part, ArchiveError> {
        let Self { name, address, status, records, bytes, sha256, file } = self;
        let wrong = |why| ArchiveError::File { file: file.clone(), why };
        let body = Body::from_compressed(compressed, bytes).map_err(|_| wrong("is damaged"))?;
        if (body.len(), hex(&body.sha256())) != (bytes, sha256) {
            return Err(wrong("is not what the index says"));
        }
        Ok(Part { name, address, status, records, body })
    }
}

/// A name as part of a path: letters and digits, the rest as `-`.
fn in_a_path(name: &str) -> String {
    const LONGEST: usize = 60; // a tar header has room for 100 bytes
    let keep = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '-' };
    name.chars().map(keep).take(LONGEST).collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive() -> Archive {
        let part = |name: &str, bytes: &[u8], status| Part {
            name: name.into(),
            address: format!("https://uisp.example.net/{name}"),
            status,
            records: Some(1),
            body: Body::plain(bytes.to_vec()),
        };
        let snapshot = |source: &str, parts| Snapshot {
            source: source.into(),
            kind: "uisp".into(),
            taken: Timestamp::from_second(1_700_000_000).expect("a moment"),
            parts,
        };
        let parts = vec![part("sites", b"[]", Some(200)), part("data/links?page=1", b"[{}]", None)];
        let clock = Timestamp::from_second(1_700_000_100).expect("a moment");
        Archive { clock, snapshots: vec![snapshot("uisp", parts), snapshot("empty", Vec::new())] }
    }

    fn bytes(archive: &Archive) -> Vec<u8> {
        let mut bytes = Vec::new();
        archive.write(&mut bytes).expect("memory");
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        let archive = archive();
        let written = bytes(&archive);
        assert_eq!(written, bytes(&archive), "the same bytes each time");
        assert_eq!(Archive::read(written.as_slice()).expect("an archive"), archive);
    }

    #[test]
    fn damage_is_named() {
        let written = bytes(&archive());
        let refused = |bytes: &[u8]| Archive::read(bytes).expect_err("damaged").to_string();
        assert_eq!(refused(b""), "`index.json` is not there");
        assert_eq!(refused(&written[..1_536]), "`uisp/000-sites.zst` is not there");
        let at = |text: &[u8]| written.windows(text.len()).position(|window| window == text).expect("it is there");
        let mut other = written.clone();
        other[at(b"\"format\": 1") + 10] = b'7';
        assert_eq!(refused(&other), "it has the format 7, and this version reads format 1");
        let mut other = written.clone();
        let frame = at(&[0x28, 0xb5, 0x2f, 0xfd]); // the magic number of a zstd frame
        other[frame + 8] ^= 0xff;
        assert_eq!(refused(&other), "`uisp/000-sites.zst` is damaged");
    }
}
