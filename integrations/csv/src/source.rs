//! The files as a source like any other.

use std::fs::File;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use pleach_graph::text::{self, MOST_TABLE_BYTES, RawText};
use pleach_graph::{GraphBuilder, NetworkGraph, Node, NodeKind};
use pleach_source::{Body, FetchError, Future, Part, ReadError, Snapshot, Source, Timestamp};
use serde::{Deserialize, Serialize};

use crate::inputs::{self, Document, Inputs};

/// The files of a network kept by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvFiles {
    /// ShapedDevices.csv: circuits and their devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shaped_devices: Option<PathBuf>,
    /// The nodes: a table, or network.json.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<PathBuf>,
    /// Links between nodes, beyond what parents imply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<PathBuf>,
}

/// Which of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Circuits and their devices.
    ShapedDevices,
    /// The nodes.
    Nodes,
    /// The links.
    Links,
}

impl Role {
    const ALL: [Self; 3] = [Self::ShapedDevices, Self::Nodes, Self::Links];

    /// The key of the configuration that names the file, and the name of its part of a snapshot.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ShapedDevices => "shaped_devices",
            Self::Nodes => "nodes",
            Self::Links => "links",
        }
    }
}

impl CsvFiles {
    /// The file of a role.
    pub fn path(&self, role: Role) -> Option<&Path> {
        let path = match role {
            Role::ShapedDevices => &self.shaped_devices,
            Role::Nodes => &self.nodes,
            Role::Links => &self.links,
        };
        path.as_deref()
    }

    /// The files that are named.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        Role::ALL.into_iter().filter_map(|role| self.path(role))
    }
}

/// The CSV source.
#[derive(Clone, Debug)]
pub struct CsvSource {
    files: CsvFiles,
}

impl CsvSource {
    /// The name and the kind of the source: there is one set of files.
    pub const NAME: &'static str = "csv";

    /// A source that reads these files.
    pub fn new(files: CsvFiles) -> Self {
        Self { files }
    }

    /// Reads the files as they are now.
    pub fn snapshot(&self, taken: Timestamp) -> Result<Snapshot, FetchError> {
        let mut parts = Vec::new();
        for role in Role::ALL {
            let Some(path) = self.files.path(role) else { continue };
            let address = path.display().to_string();
            let body = File::open(path).and_then(|file| Body::read_from(file, MOST_TABLE_BYTES));
            let failed = |source: io::Error| FetchError::File { path: address.clone(), source };
            let body = body.map_err(failed)?;
            parts.push(Part { name: role.as_str().to_owned(), address, status: None, records: None, body });
        }
        Ok(Snapshot { source: Self::NAME.to_owned(), kind: Self::NAME.to_owned(), taken, parts })
    }
}

impl Source for CsvSource {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn kind(&self) -> &'static str {
        Self::NAME
    }

    fn fetch(&self) -> Future<'_, Result<Snapshot, FetchError>> {
        Box::pin(async { self.snapshot(Timestamp::now()) })
    }

    fn read(&self, snapshot: &Snapshot, network: &mut GraphBuilder) -> Result<(), ReadError> {
        let [shaped_devices, nodes, links] = Role::ALL.map(|role| snapshot.part(role.as_str()));
        let is_json = nodes.is_some_and(is_json);
        let [shaped_devices, links] = [shaped_devices, links].map(|part| part.map(table).transpose());
        let (shaped_devices, links) = (shaped_devices?, links?);
        let nodes = nodes.map(if is_json { document } else { table }).transpose()?;
        let (network_json, nodes) = if is_json { (nodes, None) } else { (None, nodes) };
        let inputs = Inputs {
            shaped_devices: shaped_devices.as_ref().map(Text::document),
            network_json: network_json.as_ref().map(Text::document),
            nodes: nodes.as_ref().map(Text::document),
            links: links.as_ref().map(Text::document),
        };
        inputs::add(&inputs, network).map_err(|inputs::ReadError::Json { document, source }| ReadError {
            address: document,
            reason: source.to_string(),
            hint: String::new(),
        })
    }

    fn probe(&self) -> Future<'_, Result<Vec<String>, FetchError>> {
        Box::pin(async {
            let snapshot = self.snapshot(Timestamp::now())?;
            let mut network = NetworkGraph::builder();
            let unreadable = |error: ReadError| FetchError::File {
                path: error.address,
                source: io::Error::new(io::ErrorKind::InvalidData, error.reason),
            };
            self.read(&snapshot, &mut network).map_err(unreadable)?;
            let (network, problems) = network.build();
            let mut facts: Vec<String> =
                snapshot.parts.iter().map(|part| format!("`{}`: {} bytes", part.address, part.body.len())).collect();
            let is_place = |node: &Node| matches!(node.kind, NodeKind::Site(_) | NodeKind::AccessPoint(_));
            let places = network.nodes().filter(|(at, node)| *at != network.top() && is_place(node)).count();
            let (circuits, problems) = (network.circuits().len(), problems.len());
            facts.push(format!("{circuits} circuits, {places} sites and access points, {problems} problems"));
            Ok(facts)
        })
    }
}

/// A part as text, with the name that problems call it.
struct Text {
    name: String,
    text: RawText,
}

impl Text {
    fn document(&self) -> Document<'_> {
        Document { name: &self.name, text: &self.text }
    }
}

/// JSON by its name or its first character; anything else is a table.
fn is_json(part: &Part) -> bool {
    let is_named_json = Path::new(&part.address).extension().is_some_and(|name| name.eq_ignore_ascii_case("json"));
    let starts_as_json = part.body.reader().fill_buf().is_ok_and(|head| head.trim_ascii_start().first() == Some(&b'{'));
    is_named_json || starts_as_json
}

/// The text of a table. An empty one, but for the optional links, and a page of a web server are what an export leaves that
/// failed: they are no network without customers.
fn table(part: &Part) -> Result<Text, ReadError> {
    let text = text(part, text::read_table(part.body.reader()))?;
    let decoded = text.text.decode();
    let what = match decoded.text.trim_start().chars().next() {
        None if part.name != Role::Links.as_str() => "it is empty",
        Some('<') => "it begins with `<`: HTML or XML, not CSV",
        _ => return Ok(text),
    };
    let hint = "look at what writes the file; a table without rows still has its header line".to_owned();
    Err(ReadError { address: part.address.clone(), reason: what.to_owned(), hint })
}

fn document(part: &Part) -> Result<Text, ReadError> {
    text(part, text::read_document(part.body.reader()))
}

fn text(part: &Part, read: io::Result<RawText>) -> Result<Text, ReadError> {
    let unreadable =
        |error: io::Error| ReadError { address: part.address.clone(), reason: error.to_string(), hint: String::new() };
    Ok(Text { name: part.address.clone(), text: read.map_err(unreadable)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    /// What reading a part of the source says is wrong.
    fn refused(role: Role, bytes: &[u8]) -> Option<ReadError> {
        let body = Body::read_from(bytes, MOST_TABLE_BYTES).expect("kept");
        let address = "x/file.csv".to_owned();
        let part = Part { name: role.as_str().to_owned(), address, status: None, records: None, body };
        let name = CsvSource::NAME.to_owned();
        let snapshot = Snapshot { source: name.clone(), kind: name, taken: Timestamp::UNIX_EPOCH, parts: vec![part] };
        CsvSource::new(CsvFiles::default()).read(&snapshot, &mut NetworkGraph::builder()).err()
    }

    #[test]
    fn what_is_no_csv_is_named() {
        let page = b"<!DOCTYPE html>\n<html><body>Log in</body></html>\n";
        for role in Role::ALL {
            for page in [&page[..], b"\xef\xbb\xbf \n<html>", b"\xff\xfe<\0h\0>\0"] {
                let error = refused(role, page).expect("no CSV");
                assert_eq!(
                    (error.address.as_str(), error.reason.as_str()),
                    ("x/file.csv", "it begins with `<`: HTML or XML, not CSV")
                );
                assert!(!error.hint.is_empty());
            }
        }
        for role in [Role::ShapedDevices, Role::Nodes] {
            for nothing in [&b""[..], b" \r\n\n", b"\xef\xbb\xbf"] {
                assert_eq!(refused(role, nothing).expect("nothing").reason, "it is empty");
            }
        }
        assert!(refused(Role::Links, b"").is_none(), "no links is a network like any other");
        let row = b"10017,Jones,1,cpe,Tower,,100.64.0.1,,10,5,100,20,\n";
        assert!(refused(Role::ShapedDevices, row).is_none(), "a first line of data");
    }

    #[test]
    fn files_are_fetched_once_and_read_as_often_as_one_likes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("nodes.csv"), "Site Name,Download Mbps,Upload Mbps,Parent Site Name\nTower,1000,500,\n")
            .expect("written");
        std::fs::write(path("rows.csv"), "10017,Jones,1,cpe,Tower,,100.64.0.1,,10,5,100,20,\n").expect("written");
        let files = CsvFiles { shaped_devices: Some(path("rows.csv")), nodes: Some(path("nodes.csv")), links: None };
        let source = CsvSource::new(files);
        let snapshot = source.fetch().now_or_never().expect("files do not wait").expect("they are there");
        let names: Vec<&str> = snapshot.parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["shaped_devices", "nodes"]);
        std::fs::remove_file(path("rows.csv")).expect("removed");
        for _ in 0..2 {
            let mut network = NetworkGraph::builder();
            source.read(&snapshot, &mut network).expect("text");
            let (network, problems) = network.build();
            assert_eq!((network.circuits().len(), problems.len()), (1, 0));
            assert_eq!(network.documents()[1], path("rows.csv").display().to_string());
        }
        let facts = source.probe().now_or_never().expect("files do not wait").expect_err("it is gone");
        assert!(matches!(facts, FetchError::File { .. }));
        let error = source.fetch().now_or_never().expect("files do not wait").expect_err("it is gone");
        assert_eq!(error.to_string(), format!("cannot read `{}`", path("rows.csv").display()));
    }
}
