//! A shaper's files: network.json, ShapedDevices.csv and the manifest that says what they were made from.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use pleach_graph::guard::{self, GuardLimits, Verdict};
use pleach_graph::{Circuit, Code, Counts, NodeId, Problem, View, network_json, shaped_devices};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::config::Scope;
use crate::files::{Change, Staged, WriteError};
use crate::shapers::{Holders, Rooted};
use crate::survey::Survey;

/// The names of the files, in the order they are written; the manifest comes last, when the others are whole.
pub const FILE_NAMES: [&str; 3] = ["network.json", "ShapedDevices.csv", "manifest.json"];

/// A shaper's files, in memory.
#[derive(Debug)]
pub struct ShaperFiles<'s> {
    /// The shaper's name.
    pub name: String,
    /// The bytes of network.json, ShapedDevices.csv and manifest.json.
    pub contents: [Vec<u8>; 3],
    /// The Circuit IDs they hold, in order.
    pub circuit_ids: Vec<&'s str>,
    /// How many nodes they hold.
    pub nodes: usize,
    /// What the files cannot say.
    pub problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Manifest<'a> {
    format: u32,
    shaper: &'a str,
    root: &'a str,
    projection: pleach_graph::Projection,
    dialect: pleach_graph::Dialect,
    scope: Scope,
    snapshot: &'a str,
    files: BTreeMap<&'a str, ManifestFile>,
    counts: ManifestCounts,
}

#[derive(Serialize)]
struct ManifestFile {
    bytes: usize,
    sha256: String,
}

#[derive(Serialize)]
struct ManifestCounts {
    #[serde(flatten)]
    all: Counts,
    circuits_here: usize,
    rows_here: usize,
    nodes_here: usize,
}

/// Makes the files of the shaper at `index`.
pub fn build<'s>(
    survey: &'s Survey,
    rooted: &Rooted<'_>,
    view: &View<'_>,
    holders: &Holders,
    index: usize,
) -> ShaperFiles<'s> {
    const WRITE: &str = "invariant: writing to memory does not fail";
    const ROW_BYTES: usize = 192; // a little more than the mean row, every field quoted
    let dialect = rooted.shaper.dialect;
    let is_held = |position: usize| holders.holds(index, position);
    let circuit_ids = circuit_ids_held(survey, is_held);
    let circuits = circuit_ids.len();
    let mut csv = Vec::with_capacity(circuits * ROW_BYTES);
    let written = shaped_devices::write(view, &survey.census, dialect, &is_held, &mut csv).expect(WRITE);
    let mut json = Vec::new();
    network_json::write(view, dialect, &mut json).expect(WRITE);
    let nodes = view.entries().len();
    let root = survey.network.node(rooted.tree.root());
    let manifest = Manifest {
        format: 1,
        shaper: &rooted.shaper.name,
        root: root.id.as_str(),
        projection: rooted.shaper.projection,
        dialect,
        scope: rooted.shaper.scope,
        snapshot: &survey.snapshot,
        files: [(FILE_NAMES[0], described(&json)), (FILE_NAMES[1], described(&csv))].into(),
        counts: ManifestCounts {
            all: survey.census.counts(),
            circuits_here: circuits,
            rows_here: written.rows,
            nodes_here: nodes,
        },
    };
    let mut manifest = serde_json::to_vec_pretty(&manifest).expect(WRITE);
    manifest.push(b'\n');
    let rounded_nodes =
        view.entries().iter().filter(|entry| dialect.rounds(entry.down) || dialect.rounds(entry.up)).count();
    let problem = (written.rounded_circuits + rounded_nodes > 0).then(|| {
        let message = format!(
            "shaper `{}`: rates of {} circuits and {rounded_nodes} nodes are rounded up to whole Mbit/s, which is all that `{}` can say",
            rooted.shaper.name,
            written.rounded_circuits,
            dialect.as_str()
        );
        Problem::new(Code::RoundedRate, message)
            .record(&root.id)
            .hint("use dialect `libreqos-2.0` if its reader is newer")
    });
    let problems = problem.into_iter().chain(nets_not_written(survey, &rooted.shaper.name, is_held)).collect();
    ShaperFiles { name: rooted.shaper.name.clone(), contents: [json, csv, manifest], circuit_ids, nodes, problems }
}

/// A problem for each net with subscribers here: files have no word for nets.
fn nets_not_written(survey: &Survey, shaper: &str, is_held: impl Fn(usize) -> bool) -> Vec<Problem> {
    let network = &survey.network;
    if network.nets().is_empty() {
        return Vec::new();
    }
    let mut counts: BTreeMap<&str, (&NodeId, usize)> = BTreeMap::new();
    for circuit in survey.census.circuits().iter().filter(|circuit| is_held(circuit.position)) {
        let devices = network.circuits().devices(circuit.position).iter();
        let prefixes = devices.flat_map(|&device| survey.census.prefixes(network, device).map(move |it| (device, it)));
        let nets = prefixes.filter_map(|(device, prefix)| network.net_of(device, prefix));
        let nets: BTreeMap<&str, &NodeId> = nets.map(|net| (net.name.as_str(), &net.at)).collect();
        for (name, at) in nets {
            counts.entry(name).or_insert((at, 0)).1 += 1;
        }
    }
    let problem = |(name, (at, count)): (&str, (&NodeId, usize))| {
        let circuits = if count == 1 { "1 circuit".to_owned() } else { format!("{count} circuits") };
        let message = format!(
            "shaper `{shaper}`: files cannot say that net `{name}` has addresses of {circuits}: readers take them for \
             untunnelled ones, and those that others have too are left out"
        );
        let hint = "shape them with `pleach apply` from a configuration with the overlay";
        Problem::new(Code::NetNotWritten, message).record(at).hint(hint)
    };
    counts.into_iter().map(problem).collect()
}

/// The Circuit IDs of what is shaped here, in order.
fn circuit_ids_held(survey: &Survey, is_held: impl Fn(usize) -> bool) -> Vec<&str> {
    let index = survey.network.circuits();
    let id = |circuit: &Circuit| index.id(&survey.network, index.clients()[circuit.position]);
    survey.census.circuits().iter().filter(|circuit| is_held(circuit.position)).map(id).collect()
}

fn described(bytes: &[u8]) -> ManifestFile {
    ManifestFile { bytes: bytes.len(), sha256: hex(&Sha256::digest(bytes)) }
}

/// Bytes as lower-case hexadecimal, as `sha256sum` prints them.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

impl ShaperFiles<'_> {
    /// Compares these files with those that stand in `folder`. Fails where something stands there and cannot be read.
    pub fn guard(&self, folder: &Path, limits: GuardLimits) -> Result<Verdict, UnreadableError> {
        let path = folder.join(FILE_NAMES[1]);
        let standing = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Vec::new(),
            Err(source) => return Err(UnreadableError { path, source }),
        };
        if standing == self.contents[1] {
            return Ok(Verdict::Accepted);
        }
        let mut previous = circuit_ids(&standing);
        previous.sort_unstable();
        previous.dedup();
        if previous.is_empty() {
            return Ok(Verdict::Accepted);
        }
        Ok(guard::compare(previous.iter().map(String::as_str), self.circuit_ids.iter().copied(), limits))
    }

    /// Writes these files beside those in `folder`; only the first two where `publish` is the folder of a reader.
    pub fn stage(&self, staged: &mut Staged, folder: &Path, which: Which) -> Result<[Change; 3], WriteError> {
        let mut changes = [Change::Unchanged; 3];
        let count = if which == Which::All { 3 } else { 2 };
        for (at, name) in FILE_NAMES.iter().enumerate().take(count) {
            changes[at] = staged.add(&folder.join(name), &self.contents[at])?;
        }
        Ok(changes)
    }
}

/// A file that stands where one is to be written and cannot be compared with it.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`, which would be replaced", path.display())]
pub struct UnreadableError {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Which of a shaper's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All three.
    All,
    /// Those a reader takes: not the manifest.
    Readable,
}

/// The Circuit IDs of a ShapedDevices.csv that Pleach wrote, generated ones left out; none where it cannot be read.
fn circuit_ids(csv: &[u8]) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv);
    let mut record = csv::ByteRecord::new();
    let mut ids = Vec::new();
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let id = String::from_utf8_lossy(record.get(0).unwrap_or_default());
        if id != shaped_devices::BYPASS_CIRCUIT_ID && ids.last().is_none_or(|last| *last != id) {
            ids.push(id.into_owned());
        }
    }
    ids
}
