//! From the texts of the files to one network.

use pleach_graph::network_json::{self, JsonError};
use pleach_graph::text::{Decoded, RawText};
use pleach_graph::{GraphBuilder, NetworkGraph, Problems};

use crate::circuits::Circuits;
use crate::places::Places;
use crate::{late_parents, links, nodes};

/// A file: what problems call it, and its text.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its name, as the user knows it.
    pub name: &'a str,
    /// Its text: [`read_table`](pleach_graph::text::read_table) for tables,
    /// [`read_document`](pleach_graph::text::read_document) for JSON.
    pub text: &'a RawText,
}

/// The files of a network; each may be missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inputs<'a> {
    /// Subscribers: `ShapedDevices.csv` in any dialect.
    pub shaped_devices: Option<Document<'a>>,
    /// Nodes: `network.json`.
    pub network_json: Option<Document<'a>>,
    /// Nodes: a table `Site Name,Download Mbps,Upload Mbps,Parent Site Name`.
    pub nodes: Option<Document<'a>>,
    /// Links: a table `from,to,download,upload,cost`.
    pub links: Option<Document<'a>>,
}

/// A file that cannot be used as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is not JSON, or no object of nodes.
    #[error("cannot use `{document}`")]
    Json {
        /// The file.
        document: String,
        /// What is wrong, with line and column.
        source: JsonError,
    },
}

/// Reads a network. Rows that cannot be used are set aside, one by one, each with a problem.
///
/// Without nodes (neither file, or an empty `network.json`) the network is flat, and Parent cells are ignored.
pub fn read(inputs: &Inputs<'_>) -> Result<(NetworkGraph, Problems), ReadError> {
    let mut builder = NetworkGraph::builder();
    add(inputs, &mut builder)?;
    Ok(builder.build())
}

/// The first half of [`read`]: adds everything the texts say to a network. The texts are not needed after it.
pub fn add(inputs: &Inputs<'_>, builder: &mut GraphBuilder) -> Result<(), ReadError> {
    let mut problems = Problems::default();
    let mut places = Places::default();
    let mut late = Vec::new();

    if let Some(document) = inputs.network_json {
        let decoded = decode(document, &mut problems);
        let nodes = network_json::read(&decoded.text, document.name, &mut problems)
            .map_err(|source| ReadError::Json { document: document.name.to_owned(), source })?;
        nodes::add_json(&nodes, document.name, builder, &mut places);
    }
    if let Some(document) = inputs.nodes {
        let decoded = decode(document, &mut problems);
        let rows = nodes::read(&decoded.text, document, &mut problems);
        late.extend(nodes::add_rows(rows, document.name, builder, &mut places, &mut problems));
    }
    let has_nodes = inputs.nodes.is_some() || !places.is_empty();
    if let Some(document) = inputs.shaped_devices {
        let decoded = decode(document, &mut problems);
        let mut circuits = Circuits::new(document, builder, has_nodes.then_some(&places), &mut problems);
        circuits.read(&decoded.text);
        late.extend(circuits.finish());
    }
    late_parents::resolve(late, builder, &places);
    if let Some(document) = inputs.links {
        let decoded = decode(document, &mut problems);
        links::add(&decoded.text, document, builder, &places, &mut problems);
    }
    for problem in problems {
        builder.report(problem);
    }
    Ok(())
}

/// Reads a network from bytes: what a fuzzer or a test calls.
pub fn read_bytes(
    shaped_devices: &[u8],
    network_json: Option<&[u8]>,
    nodes: Option<&[u8]>,
    links: Option<&[u8]>,
) -> Result<(NetworkGraph, Problems), ReadError> {
    let shaped_devices = RawText::table(shaped_devices);
    let network_json = network_json.map(RawText::document);
    let (nodes, links) = (nodes.map(RawText::table), links.map(RawText::table));
    let document = |name, text| Document { name, text };
    read(&Inputs {
        shaped_devices: Some(document("ShapedDevices.csv", &shaped_devices)),
        network_json: network_json.as_ref().map(|text| document("network.json", text)),
        nodes: nodes.as_ref().map(|text| document("nodes.csv", text)),
        links: links.as_ref().map(|text| document("links.csv", text)),
    })
}

fn decode<'a>(document: Document<'a>, problems: &mut Problems) -> Decoded<'a> {
    let decoded = document.text.decode();
    if let Some(problem) = decoded.problem(document.name) {
        problems.push(problem);
    }
    decoded
}
