//! Writing ShapedDevices.csv: one row a device, every field quoted, CRLF, as LibreQoS's own graph writes it.

use std::collections::HashSet;
use std::io;
use std::ops::Range;

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
use super::repeated::repeated_in_nets;

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
pub type Selection<'s> = &'s (dyn Fn(usize) -> bool + Sync);

/// Writes the circuits of `census` that `selected` takes (by position in the circuit index), under the names of `view`.
///
/// In order of Circuit ID, then Device ID. A device without a shaped prefix has no row; what repeats in nets
/// ([`repeated_in_nets`]) is not written. Errors are those of `out`.
pub fn write(
    view: &View<'_>,
    census: &Census,
    dialect: Dialect,
    selected: Selection<'_>,
    out: impl io::Write,
) -> io::Result<Written> {
    let (circuits, id) = (census.circuits(), |circuit: &Circuit| circuit_id(view, circuit));
    let bypass_before = circuits.partition_point(|circuit| id(circuit) < BYPASS_CIRCUIT_ID);
    let repeated = repeated_in_nets(view.tree().network(), census);
    let part = |range: Range<usize>| Part { circuits, range, selected, bypass_before };
    let mut first = Writer::new(view, census, dialect, &repeated, out);
    first.header()?;
    if circuits.len() < ALONE {
        first.part(&part(0..circuits.len()))?;
        let written = first.written;
        return first.rows.finish().map(|_| written);
    }
    let middle = circuits.len() / 2;
    std::thread::scope(|scope| {
        let second = scope.spawn(|| {
            let mut second = Writer::new(
                view,
                census,
                dialect,
                &repeated,
                Vec::with_capacity((circuits.len() - middle) * ROW_BYTES),
            );
            second.part(&part(middle..circuits.len()))?;
            let written = second.written;
            Ok((second.rows.finish()?, written))
        });
        first.part(&part(0..middle))?;
        let written_first = first.written;
        let mut out = first.rows.finish()?;
        let second: io::Result<_> = second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (rows, written) = second?;
        out.write_all(&rows)?;
        Ok(written_first.and(written))
    })
}

/// Fewer circuits than this are written by one thread, more by two: starting one costs as much as a few hundred rows.
const ALONE: usize = 10_000;

/// A little more than the mean row, every field quoted.
const ROW_BYTES: usize = 192;

impl Written {
    fn and(self, other: Self) -> Self {
        Self { rows: self.rows + other.rows, rounded_circuits: self.rounded_circuits + other.rounded_circuits }
    }
}

/// A run of circuits, and where among all circuits the generated one stands that holds what passes unshaped.
struct Part<'p> {
    circuits: &'p [Circuit],
    range: Range<usize>,
    selected: Selection<'p>,
    bypass_before: usize,
}

fn circuit_id<'v>(view: &'v View<'_>, circuit: &Circuit) -> &'v str {
    let network = view.tree().network();
    network.circuits().id(network, network.circuits().clients()[circuit.position])
}

struct Writer<'v, W: io::Write> {
    view: &'v View<'v>,
    census: &'v Census,
    dialect: Dialect,
    /// What is not written.
    repeated: &'v HashSet<(NodeIndex, Prefix)>,
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
    fn new(
        view: &'v View<'v>,
        census: &'v Census,
        dialect: Dialect,
        repeated: &'v HashSet<(NodeIndex, Prefix)>,
        out: W,
    ) -> Self {
        Self { view, census, dialect, repeated, rows: QuotedRows::new(out), written: Written::default() }
    }

    fn header(&mut self) -> io::Result<()> {
        self.dialect.columns().for_each(|name| self.rows.text(name));
        self.rows.end()
    }

    fn part(&mut self, part: &Part<'_>) -> io::Result<()> {
        for at in part.range.clone() {
            if at == part.bypass_before {
                self.bypass()?;
            }
            let circuit = &part.circuits[at];
            if (part.selected)(circuit.position) {
                self.circuit(circuit)?;
            }
        }
        let is_last = part.range.end == part.circuits.len();
        if is_last && part.bypass_before == part.circuits.len() { self.bypass() } else { Ok(()) }
    }

    fn circuit(&mut self, circuit: &Circuit) -> io::Result<()> {
        let network = self.view.tree().network();
        let client = network.node(network.circuits().clients()[circuit.position]);
        let parent = self.view.circuit_parent(circuit.position).map(|entry| self.view.at(entry));
        let cells = CircuitCells {
            id: circuit_id(self.view, circuit),
            name: &client.name,
            parent: parent.map_or("", |parent| &parent.name),
            parent_id: parent.map_or("", |parent| parent.id.as_str()),
            rates: self.rates(circuit.down, circuit.up),
            sqm: client.client().map(|client| client.sqm).unwrap_or_default(),
        };
        for &device in network.circuits().devices(circuit.position) {
            let mut prefixes: Prefixes = self.census.prefixes(network, device).collect();
            if !self.repeated.is_empty() {
                prefixes.retain(|prefix| !self.repeated.contains(&(device, *prefix)));
            }
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
        if self.census.bypass().is_empty() {
            return Ok(());
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::census::Policy;
    use crate::{AddressPolicy, NetworkGraph, NeverShape, Table, Tree, ViewOptions};

    #[test]
    fn two_threads_write_what_one_writes() {
        let (clients, devices) = (Table::new("t", "client").expect("words"), Table::new("t", "device").expect("words"));
        let mut network = NetworkGraph::builder();
        for n in 0..ALONE + 7 {
            // Half of the ids stand before the generated circuit's, half behind it.
            let id = format!("{}{n:05}", if n % 2 == 0 { "a" } else { "z" });
            network.client(clients.id(&id), &id).plan(Rate::from_mbit(10), Rate::from_mbit(2));
            let address = format!("100.{}.{}.{}", 64 + n / 62_500, n / 250 % 250, n % 250);
            network.device(devices.id(&id), "").parent(clients.id(&id)).addresses(&address);
        }
        network.client(clients.id("unknown"), "").plan(Rate::from_mbit(1), Rate::from_mbit(1));
        network.device(devices.id("unknown"), "").parent(clients.id("unknown")).addresses("0.0.0.0/0");
        let (network, _) = network.build();
        let addresses = AddressPolicy::new([], [], NeverShape::BuiltIn);
        let census = Census::take(&network, &Policy { addresses, ..Policy::default() });
        let tree = Tree::grow(&network, network.top());
        let view = View::new(&tree, &census, &ViewOptions::default());
        let selected = |position: usize| !position.is_multiple_of(3);

        let mut by_two = Vec::new();
        let written = write(&view, &census, Dialect::LibreQos20, &selected, &mut by_two).expect("written");

        let circuits = census.circuits();
        let bypass_before = circuits.partition_point(|circuit| circuit_id(&view, circuit) < BYPASS_CIRCUIT_ID);
        let none = HashSet::new();
        let mut alone = Writer::new(&view, &census, Dialect::LibreQos20, &none, Vec::new());
        alone.header().expect("written");
        alone.part(&Part { circuits, range: 0..circuits.len(), selected: &selected, bypass_before }).expect("written");
        assert_eq!(written, alone.written);
        assert!(by_two == alone.rows.finish().expect("written"), "the same bytes");
        assert_eq!(by_two.windows(15).filter(|part| part == b"\"pleach-bypass\"").count(), 2, "its two ids, once");
    }
}
