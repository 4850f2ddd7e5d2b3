//! Reading the files of a network.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use pleach_csv::{Document, Inputs, ReadError};
use pleach_graph::text::{self, RawText};
use pleach_graph::{GraphBuilder, NetworkGraph, Problems};
use sha2::{Digest, Sha256};

use crate::config::CsvFiles;
use crate::export::hex;

/// What was read.
#[derive(Debug)]
pub struct Loaded {
    /// The network.
    pub network: NetworkGraph,
    /// What was found wrong while reading.
    pub problems: Problems,
    /// The hash of all bytes that were read, `sha256:` and 64 digits.
    pub snapshot: String,
    /// The documents, for people.
    pub documents: Vec<String>,
}

/// Which of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Circuits and their devices.
    ShapedDevices,
    /// The nodes.
    Nodes,
    /// The links.
    Links,
}

/// Why a network cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// Which of the files.
        input: Input,
        /// Where it was looked for.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error(transparent)]
    Content(#[from] ReadError),
}

/// What the files say, not yet joined.
#[derive(Debug)]
pub struct Gathered {
    builder: GraphBuilder,
    snapshot: String,
    documents: Vec<String>,
}

impl Gathered {
    /// Joins the network. What is excluded claims no address, so that whoever else states it keeps it; names that lead to
    /// no node are for [`Survey`](crate::survey::Survey) to report.
    pub fn build(mut self, exclude: &[String]) -> Loaded {
        for node in exclude.iter().filter_map(|name| self.builder.find_named(name).ok()).collect::<Vec<_>>() {
            self.builder.exclude(node);
        }
        let (network, problems) = self.builder.build();
        Loaded { network, problems, snapshot: self.snapshot, documents: self.documents }
    }
}

/// Reads the files and joins the network, with nothing excluded.
pub fn load(files: &CsvFiles) -> Result<Loaded, LoadError> {
    gather(files).map(|gathered| gathered.build(&[]))
}

/// Reads the files. A file that cannot be read, or a network.json that is none, is an error; a bad row is a problem.
pub fn gather(files: &CsvFiles) -> Result<Gathered, LoadError> {
    let mut snapshot = Sha256::new();
    let mut documents = Vec::new();
    let mut read = |input, path: &Option<PathBuf>| {
        let Some(path) = path else { return Ok(None) };
        let unreadable = |source| LoadError::Unreadable { input, path: path.clone(), source };
        FileText::read(path, &mut snapshot, &mut documents).map(Some).map_err(unreadable)
    };
    let shaped_devices = read(Input::ShapedDevices, &files.shaped_devices)?;
    let nodes = read(Input::Nodes, &files.nodes)?;
    let links = read(Input::Links, &files.links)?;
    let (network_json, nodes) = nodes.map_or((None, None), |file| match file.format {
        Format::Json => (Some(file), None),
        Format::Table => (None, Some(file)),
    });
    let builder = pleach_csv::gather(&Inputs {
        shaped_devices: shaped_devices.as_ref().map(FileText::document),
        network_json: network_json.as_ref().map(FileText::document),
        nodes: nodes.as_ref().map(FileText::document),
        links: links.as_ref().map(FileText::document),
    })?;
    Ok(Gathered { builder, snapshot: format!("sha256:{}", hex(&snapshot.finalize())), documents })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Table,
    Json,
}

/// A file in memory.
struct FileText {
    name: String,
    format: Format,
    text: RawText,
}

impl FileText {
    fn read(path: &Path, snapshot: &mut Sha256, documents: &mut Vec<String>) -> io::Result<Self> {
        let name = path.display().to_string();
        let mut file = BufReader::new(Hashing { file: File::open(path)?, hash: Sha256::new() });
        let format = format(path, file.fill_buf()?);
        let text = match format {
            Format::Table => text::read_table(&mut file)?,
            Format::Json => text::read_document(&mut file)?,
        };
        snapshot.update(file.into_inner().hash.finalize());
        documents.push(name.clone());
        Ok(Self { name, format, text })
    }

    fn document(&self) -> Document<'_> {
        Document { name: &self.name, text: &self.text }
    }
}

/// JSON by its name or its first character; anything else is a table.
fn format(path: &Path, head: &[u8]) -> Format {
    let is_named_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let starts_as_json = head.trim_ascii_start().first() == Some(&b'{');
    if is_named_json || starts_as_json { Format::Json } else { Format::Table }
}

/// A file that is hashed as it is read.
struct Hashing {
    file: File,
    hash: Sha256,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}
