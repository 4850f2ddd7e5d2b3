//! Bytes as options and three files.
//!
//! The first line holds a letter an option; the files follow, with a line `----` between them: ShapedDevices.csv, the
//! nodes (network.json if they start with `{`, else a node table), the links.

use pleach_csv::{ReadError, read_bytes};
use pleach_graph::{NetworkGraph, Problems};

/// What stands between two files.
const BETWEEN: &[u8] = b"\n----\n";

/// An operator's files.
pub struct Files<'a> {
    options: &'a [u8],
    circuits: &'a [u8],
    nodes: Option<&'a [u8]>,
    links: Option<&'a [u8]>,
}

impl<'a> Files<'a> {
    /// Takes the bytes apart.
    pub fn split(bytes: &'a [u8]) -> Self {
        let (options, rest) = cut(bytes, b"\n");
        let (circuits, rest) = cut(rest.unwrap_or_default(), BETWEEN);
        let (nodes, links) = rest.map_or((None, None), |rest| {
            let (nodes, links) = cut(rest, BETWEEN);
            (Some(nodes), links)
        });
        Self { options, circuits, nodes, links }
    }

    /// The letter of an option, 0 where it is not there.
    pub fn option(&self, number: usize) -> u8 {
        self.options.get(number).copied().unwrap_or_default()
    }

    /// Reads them.
    pub fn read(&self) -> Result<(NetworkGraph, Problems), ReadError> {
        let is_json = |nodes: &&[u8]| nodes.starts_with(b"{");
        read_bytes(self.circuits, self.nodes.filter(is_json), self.nodes.filter(|nodes| !is_json(nodes)), self.links)
    }
}

fn cut<'a>(bytes: &'a [u8], at: &[u8]) -> (&'a [u8], Option<&'a [u8]>) {
    match bytes.windows(at.len()).position(|window| window == at) {
        Some(place) => (&bytes[..place], Some(&bytes[place + at.len()..])),
        None => (bytes, None),
    }
}
