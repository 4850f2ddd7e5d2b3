//! Writing ShapedDevices.csv: one row a device, every field quoted, CRLF, as LibreQoS's own graph writes it.

use std::io;

use petgraph::graph::NodeIndex;
use smallvec::SmallVec;

use crate::capacity::Limit;
use crate::census::{Census, Circuit, ShapedRate};
use crate::dialect::Dialect;
use crate::node::Device;
use crate::prefix::Prefix;
use crate::rate::Rate;
use crate::spreadsheet;
use crate::sqm::Sqm;
use crate::view::{CEILING_UNSTATED, View};

use super::quoted::QuotedRows;

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
    writer.rows.finish()?;
    Ok(writer.written)
}

struct Writer<'v, W: io::Write> {
    view: &'v View<'v>,
    census: &'v Census,
    dialect: Dialect,
    rows: QuotedRows<W>,
    written: Written,
}

/// What every row of a circuit repeats.
struct CircuitCells<'a> {
    id: &'a str,
    name: &'a str,
    parent: &'a str,
    parent_id: &'a str,
    rates: [Rate; 4],
    sqm: Sqm,
}

/// What a row says of its device.
struct DeviceCells<'a> {
    id: &'a str,
    name: &'a str,
    mac: &'a str,
    comment: &'a str,
    /// In order.
    prefixes: Prefixes,
}

/// A device has one prefix of a family, as a rule.
type Prefixes = SmallVec<[Prefix; 2]>;

impl<'v, W: io::Write> Writer<'v, W> {
    fn new(view: &'v View<'v>, census: &'v Census, dialect: Dialect, out: W) -> io::Result<Self> {
        let mut rows = QuotedRows::new(out);
        dialect.columns().for_each(|name| rows.text(name));
        rows.end()?;
        Ok(Self { view, census, dialect, rows, written: Written::default() })
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
            name: &client.name,
            parent: parent.map_or("", |parent| &parent.name),
            parent_id: parent.map_or("", |parent| parent.id.as_str()),
            rates: self.rates(circuit.down, circuit.up),
            sqm: client.client().map(|client| client.sqm).unwrap_or_default(),
        };
        for &device in network.circuits().devices(circuit.position) {
            let prefixes: Prefixes = self.census.prefixes(network, device).collect();
            if let Some(cells_of_device) = self.device_cells(device, prefixes) {
                self.row(&cells, &cells_of_device)?;
            }
        }
        Ok(())
    }

    fn device_cells(&self, device: NodeIndex, prefixes: Prefixes) -> Option<DeviceCells<'v>> {
        let network = self.view.tree().network();
        let node = network.node(device);
        let Device { mac, comment, .. } = node.device()?;
        let id = network.circuits().id(network, device);
        (!prefixes.is_empty()).then(|| DeviceCells { id, name: &node.name, mac, comment, prefixes })
    }

    /// Ignored prefixes inside a wider shaped one, as one circuit at the uplink's rate.
    fn bypass(&mut self) -> io::Result<()> {
        let least = Rate::SUBSCRIBER_MIN;
        let rate = |uplink: Limit| {
            let max = uplink.or(CEILING_UNSTATED).max(least);
            ShapedRate { min: max.scaled(1, 10).max(least), max, min_is_stated: false }
        };
        let uplink = self.view.uplink();
        let cells = CircuitCells {
            id: BYPASS_CIRCUIT_ID,
            name: "Bypass (never shaped)",
            parent: "",
            parent_id: "",
            rates: self.rates(rate(uplink.down), rate(uplink.up)),
            sqm: Sqm::default(),
        };
        let prefixes = self.census.bypass().iter().copied().collect();
        let device = DeviceCells { id: BYPASS_CIRCUIT_ID, name: "Bypass", mac: "", comment: "", prefixes };
        self.row(&cells, &device)
    }

    /// The rates as this dialect writes them, in the order of the columns.
    fn rates(&mut self, down: ShapedRate, up: ShapedRate) -> [Rate; 4] {
        let dialect = self.dialect;
        let minimums = [down.min, up.min].map(|rate| (rate, dialect.minimum(rate)));
        let maximums = [down.max, up.max].map(|rate| (rate, dialect.maximum(rate)));
        let rates = [minimums[0], minimums[1], maximums[0], maximums[1]];
        self.written.rounded_circuits += usize::from(rates.iter().any(|(rate, written)| rate != written));
        rates.map(|(_, written)| written)
    }

    fn row(&mut self, circuit: &CircuitCells<'_>, device: &DeviceCells<'_>) -> io::Result<()> {
        let rows = &mut self.rows;
        rows.text(circuit.id);
        rows.text(&spreadsheet::escape(circuit.name));
        rows.text(device.id);
        rows.text(&spreadsheet::escape(device.name));
        rows.text(&spreadsheet::escape(circuit.parent));
        if self.dialect.has_parent_ids() {
            rows.text(circuit.parent_id);
            rows.text("");
        }
        rows.text(device.mac);
        let (v4, v6) = device.prefixes.split_at(device.prefixes.partition_point(|prefix| prefix.is_ipv4()));
        rows.list(v4);
        rows.list(v6);
        circuit.rates.iter().for_each(|rate| rows.rate(*rate));
        rows.text(&spreadsheet::escape(device.comment));
        if self.dialect.has_sqm() {
            rows.display(circuit.sqm);
        }
        self.written.rows += 1;
        rows.end()
    }
}
