//! A small network in the lab: sites, access points and circuits as files.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use crate::lab::Lab;

/// A node: name, parent (empty at the top), Mbit/s both ways, kind.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) name: &'static str,
    pub(crate) parent: &'static str,
    pub(crate) mbit: u32,
    pub(crate) kind: &'static str,
}

/// A circuit: its number gives it the id `c<number>` and the address `10.1.0.<number>`.
#[derive(Clone, Debug)]
pub(crate) struct Circuit {
    pub(crate) number: u8,
    pub(crate) parent: &'static str,
    pub(crate) mbit: u32,
    pub(crate) sqm: &'static str,
}

impl Circuit {
    pub(crate) fn address(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 1, 0, self.number)
    }
}

/// A network that one shaper holds.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) nodes: Vec<Node>,
    pub(crate) circuits: Vec<Circuit>,
    /// The kind of queue of circuits that state none.
    pub(crate) leaf: &'static str,
    /// How many more circuits there are, of which nobody speaks.
    pub(crate) more: u16,
    /// More keys of the shaper's table.
    pub(crate) shaper: String,
}

impl Network {
    /// Two sites with an access point each, and eight circuits of 20 Mbit/s.
    pub(crate) fn small() -> Self {
        let node = |name, parent, mbit, kind| Node { name, parent, mbit, kind };
        let nodes = vec![
            node("Tower A", "", 200, "site"),
            node("Tower B", "", 200, "site"),
            node("AP North", "Tower A", 100, "ap"),
            node("AP South", "Tower B", 100, "ap"),
        ];
        let parent = |number| if number <= 4 { "AP North" } else { "AP South" };
        let circuit = |number| Circuit { number, parent: parent(number), mbit: 20, sqm: "" };
        Self { nodes, circuits: (1..=8).map(circuit).collect(), leaf: "pfifo", more: 0, shaper: String::new() }
    }

    /// The circuit of this number.
    pub(crate) fn circuit(&mut self, number: u8) -> &mut Circuit {
        self.circuits.iter_mut().find(|circuit| circuit.number == number).expect("a circuit of this number")
    }

    /// The node of this name.
    pub(crate) fn node(&mut self, name: &str) -> &mut Node {
        self.nodes.iter_mut().find(|node| node.name == name).expect("a node of this name")
    }

    /// Writes its files.
    pub(crate) fn write(&self, lab: &Lab) {
        let mut nodes = "Site Name,Download Mbps,Upload Mbps,Parent Site Name,Type\n".to_owned();
        for Node { name, parent, mbit, kind } in &self.nodes {
            let _ = writeln!(nodes, "{name},{mbit},{mbit},{parent},{kind}");
        }
        lab.write("nodes.csv", &nodes);
        let mut circuits = "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,Download Min Mbps,\
                            Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment,sqm\n"
            .to_owned();
        for circuit in &self.circuits {
            let Circuit { number, parent, mbit, sqm } = circuit;
            let address = circuit.address();
            let _ = writeln!(circuits, "c{number},,d{number},,{parent},,{address},,,,{mbit},{mbit},,{sqm}");
        }
        for number in 0..self.more {
            let [high, low] = number.to_be_bytes();
            let _ = writeln!(circuits, "m{number},,m{number},,Tower A,,10.9.{high}.{low},,,,5,5,,none");
        }
        lab.write("ShapedDevices.csv", &circuits);
        let Self { shaper, leaf, .. } = self;
        lab.write(
            "pleach.toml",
            &format!(
                "state = \"state\"\n\
                 [csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"nodes.csv\"\n\
                 [[shaper]]\nname = \"lab\"\n{shaper}\n\
                 [shaper.interfaces]\ntoward_subscribers = \"lan\"\ntoward_internet = \"wan\"\n\
                 [shaper.leaf]\nkind = \"{leaf}\"\n"
            ),
        );
    }
}
