//! Writing ShapedDevices.csv: one row a device, every field quoted, CRLF, as LibreQoS's own graph writes it.

use std::fmt::Write as _;
use std::io;

use csv::{QuoteStyle, Terminator, WriterBuilder};
use petgraph::graph::NodeIndex;

use crate::capacity::Limit;
use crate::census::{Census, Circuit, ShapedRate};
use crate::dialect::Dialect;
use crate::node::Device;
use crate::prefix::Prefix;
use crate::spreadsheet;
use crate::sqm::Sqm;
use crate::view::{CEILING_UNSTATED, View};

/// The Circuit ID of the generated circuit that holds what passes unshaped.
pub const BYPASS_CIRCUIT_ID: &str = "pleach-bypass";

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows, without the header.
    pub rows: usize,
    /// Circuits with a rate that this dialect had to round up.
    pub rounded_circuits: usize,
}

/// Which circuits are written.
pub type Selection<'s> = &'s dyn Fn(usize) -> bool;

/// Writes the circuits of `census` that `selected` takes (by position in the circuit index), under the names of `view`.
///
/// In order of Circuit ID, then Device ID. A device without a shaped prefix has no row. Errors are those of `out`.
pub fn write(
    view: &View<'_>,
    census: &Census,
    dialect: Dialect,
    selected: Selection<'_>,
    out: impl io::Write,
) -> io::Result<Written> {
    let mut writer = Writer::new(view, census, dialect, out)?;
    let mut bypass_due = !census.bypass().is_empty();
    for circuit in census.circuits().iter().filter(|circuit| selected(circuit.position)) {
        if bypass_due && writer.circuit_id(circuit) > BYPASS_CIRCUIT_ID {
            writer.bypass()?;
            bypass_due = false;
        }
        writer.circuit(circuit)?;
    }
    if bypass_due {
        writer.bypass()?;
    }
    writer.csv.flush()?;
    Ok(writer.written)
}

struct Writer<'v, W: io::Write> {
    view: &'v View<'v>,
    census: &'v Census,
    dialect: Dialect,
    csv: csv::Writer<W>,
    written: Written,
    scratch: String,
}

/// What every row of a circuit repeats.
struct CircuitCells<'a> {
    id: &'a str,
    name: std::borrow::Cow<'a, str>,
    parent: std::borrow::Cow<'a, str>,
    parent_id: &'a str,
    rates: [String; 4],
    sqm: Sqm,
}

/// What a row says of its device.
struct DeviceCells<'a> {
    id: &'a str,
    name: &'a str,
    mac: &'a str,
    comment: &'a str,
    prefixes: Vec<Prefix>,
}

impl<'v, W: io::Write> Writer<'v, W> {
    fn new(view: &'v View<'v>, census: &'v Census, dialect: Dialect, out: W) -> io::Result<Self> {
        let mut csv =
            WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(out);
        csv.write_record(dialect.columns())?;
        Ok(Self { view, census, dialect, csv, written: Written::default(), scratch: String::new() })
    }

    fn circuit_id(&self, circuit: &Circuit) -> &'v str {
        let network = self.view.tree().network();
        network.circuits().id(network, network.circuits().clients()[circuit.position])
    }

    fn circuit(&mut self, circuit: &Circuit) -> io::Result<()> {
        let network = self.view.tree().network();
        let client = network.node(network.circuits().clients()[circuit.position]);
        let parent = self.view.circuit_parent(circuit.position).map(|entry| self.view.at(entry));
        let cells = CircuitCells {
            id: self.circuit_id(circuit),
            name: spreadsheet::escape(&client.name),
            parent: parent.map_or_else(Default::default, |parent| spreadsheet::escape(&parent.name)),
            parent_id: parent.map_or("", |parent| parent.id.as_str()),
            rates: self.rates(circuit.down, circuit.up),
            sqm: client.client().map(|client| client.sqm).unwrap_or_default(),
        };
        for &device in network.circuits().devices(circuit.position) {
            let mut prefixes: Vec<Prefix> = self.census.prefixes(network, device).collect();
            prefixes.sort_unstable();
            if let Some(cells_of_device) = self.device_cells(device, prefixes) {
                self.row(&cells, &cells_of_device)?;
            }
        }
        Ok(())
    }

    fn device_cells(&self, device: NodeIndex, prefixes: Vec<Prefix>) -> Option<DeviceCells<'v>> {
        let network = self.view.tree().network();
        let node = network.node(device);
        let Device { mac, comment, .. } = node.device()?;
        let id = network.circuits().id(network, device);
        (!prefixes.is_empty()).then(|| DeviceCells { id, name: &node.name, mac, comment, prefixes })
    }

    /// Ignored prefixes inside a wider shaped one, as one circuit at the uplink's rate.
    fn bypass(&mut self) -> io::Result<()> {
        let least = crate::Rate::SUBSCRIBER_MIN;
        let rate = |uplink: Limit| {
            let max = uplink.or(CEILING_UNSTATED).max(least);
            ShapedRate { min: max.scaled(1, 10).max(least), max, min_is_stated: false }
        };
        let uplink = self.view.uplink();
        let cells = CircuitCells {
            id: BYPASS_CIRCUIT_ID,
            name: "Bypass (never shaped)".into(),
            parent: "".into(),
            parent_id: "",
            rates: self.rates(rate(uplink.down), rate(uplink.up)),
            sqm: Sqm::default(),
        };
        let prefixes = self.census.bypass().iter().copied().collect();
        let device = DeviceCells { id: BYPASS_CIRCUIT_ID, name: "Bypass", mac: "", comment: "", prefixes };
        self.row(&cells, &device)
    }

    fn rates(&mut self, down: ShapedRate, up: ShapedRate) -> [String; 4] {
        let mut rounded = false;
        let mut write = |rate: crate::Rate, written: crate::Rate| {
            rounded |= rate != written;
            written.mbit().to_string()
        };
        let dialect = self.dialect;
        let cells = [
            write(down.min, dialect.minimum(down.min)),
            write(up.min, dialect.minimum(up.min)),
            write(down.max, dialect.maximum(down.max)),
            write(up.max, dialect.maximum(up.max)),
        ];
        self.written.rounded_circuits += usize::from(rounded);
        cells
    }

    fn row(&mut self, circuit: &CircuitCells<'_>, device: &DeviceCells<'_>) -> io::Result<()> {
        let csv = &mut self.csv;
        csv.write_field(circuit.id)?;
        csv.write_field(&*circuit.name)?;
        csv.write_field(device.id)?;
        csv.write_field(&*spreadsheet::escape(device.name))?;
        csv.write_field(&*circuit.parent)?;
        if self.dialect.has_parent_ids() {
            csv.write_field(circuit.parent_id)?;
            csv.write_field("")?;
        }
        csv.write_field(device.mac)?;
        for is_ipv4 in [true, false] {
            self.scratch.clear();
            for prefix in device.prefixes.iter().filter(|prefix| prefix.is_ipv4() == is_ipv4) {
                let comma = if self.scratch.is_empty() { "" } else { ", " };
                let _ = write!(self.scratch, "{comma}{prefix}"); // writing to a String cannot fail
            }
            csv.write_field(&self.scratch)?;
        }
        for rate in &circuit.rates {
            csv.write_field(rate)?;
        }
        csv.write_field(&*spreadsheet::escape(device.comment))?;
        if self.dialect.has_sqm() {
            self.scratch.clear();
            let _ = write!(self.scratch, "{}", circuit.sqm); // writing to a String cannot fail
            csv.write_field(&self.scratch)?;
        }
        self.written.rows += 1;
        csv.write_record(None::<&[u8]>)?;
        Ok(())
    }
}
