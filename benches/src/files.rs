//! The generated network as the files that shapers read.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::network::{CustomerParent, Network, SiteRecord};

/// The sites and access points.
pub const NETWORK_FILE: &str = "network.json";
/// The customers.
pub const SUBSCRIBERS_FILE: &str = "ShapedDevices.csv";
/// Prefixes to be ignored, one a line.
pub const IGNORED_FILE: &str = "ignored.txt";

const HEADER: [&str; 14] = [
    "Circuit ID",
    "Circuit Name",
    "Device ID",
    "Device Name",
    "Parent Node",
    "MAC",
    "IPv4",
    "IPv6",
    "Download Min Mbps",
    "Upload Min Mbps",
    "Download Max Mbps",
    "Upload Max Mbps",
    "Comment",
    "sqm",
];

/// Writes `network.json` and `ShapedDevices.csv` into a folder that is there.
pub fn write_files(network: &Network, folder: &Path) -> io::Result<()> {
    let mut nodes = BufWriter::new(File::create(folder.join(NETWORK_FILE))?);
    write_nodes(network, &mut nodes)?;
    nodes.flush()?;
    write_rows(network, File::create(folder.join(SUBSCRIBERS_FILE))?)
}

/// Writes so many prefixes that an operator might ignore; none of them holds a customer's address.
pub fn write_ignored(prefixes: usize, folder: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(folder.join(IGNORED_FILE))?);
    for number in 0..prefixes {
        writeln!(file, "172.{}.{}.0/24", 16 + number / 256 % 16, number % 256)?;
    }
    file.flush()
}

/// Writes the rows of `ShapedDevices.csv` with the csv crate. A customer behind a relay names it by its id.
pub fn write_rows(network: &Network, to: impl Write) -> io::Result<()> {
    let mut rows = csv::WriterBuilder::new().buffer_capacity(1 << 20).from_writer(to);
    rows.write_record(HEADER)?;
    let aps: Vec<&str> = network.access_points().map(|ap| ap.name).collect();
    for customer in network.customers() {
        match customer.parent {
            CustomerParent::AccessPoint(ap) => {
                for text in [customer.id, customer.name, customer.device_id, customer.device_name, aps[ap]] {
                    rows.write_field(text)?;
                }
            }
            CustomerParent::Relay(relay) => {
                for text in [customer.id, customer.name, customer.device_id, customer.device_name] {
                    rows.write_field(text)?;
                }
                rows.write_field(format!("csv:circuit:{}", network.customer(relay).id))?;
            }
        }
        let (plan, address) = (customer.plan, customer.address);
        rows.write_field(customer.mac)?;
        rows.write_field(address.v4.to_string())?;
        rows.write_field(address.v6.map_or_else(String::new, |v6| format!("{v6}/56")))?;
        for committed in [plan.down, plan.up] {
            rows.write_field(format!("{}.{}", committed / 10, committed % 10))?;
        }
        for most in [plan.down, plan.up] {
            rows.write_field(most.to_string())?;
        }
        rows.write_record(["", ""])?; // comment and sqm, and the row's end
    }
    rows.flush()
}

/// Writes the sites as a nested object: a site's children are its sites and access points.
fn write_nodes(network: &Network, to: &mut impl Write) -> io::Result<()> {
    let sites: Vec<SiteRecord<'_>> = network.sites().collect();
    let mut children: Vec<Vec<Child>> = vec![Vec::new(); sites.len()];
    for (number, site) in sites.iter().enumerate() {
        if let Some(parent) = site.parent {
            children[parent].push(Child::Site(number));
        }
    }
    for (number, ap) in network.access_points().enumerate() {
        children[ap.site].push(Child::AccessPoint(number));
    }
    let aps: Vec<_> = network.access_points().collect();
    let mut todo: Vec<Todo> =
        if sites.is_empty() { Vec::new() } else { vec![Todo::Write { child: Child::Site(0), is_last: true }] };
    write!(to, "{{")?;
    while let Some(next) = todo.pop() {
        let (child, is_last) = match next {
            Todo::Close { is_last } => {
                write!(to, "}}}}{}", if is_last { "" } else { "," })?;
                continue;
            }
            Todo::Write { child, is_last } => (child, is_last),
        };
        match child {
            Child::AccessPoint(ap) => {
                write_open(to, aps[ap].name, aps[ap].mbit, "ap")?;
                write!(to, "}}{}", if is_last { "" } else { "," })?;
            }
            Child::Site(site) => {
                write_open(to, sites[site].name, sites[site].mbit, "site")?;
                write!(to, ",\"children\":{{")?;
                todo.push(Todo::Close { is_last });
                let below = &children[site];
                let last = below.len().saturating_sub(1);
                let writes = below.iter().enumerate().map(|(n, &child)| Todo::Write { child, is_last: n == last });
                todo.extend(writes.rev());
            }
        }
    }
    writeln!(to, "}}")
}

#[derive(Clone, Copy)]
enum Child {
    Site(usize),
    AccessPoint(usize),
}

enum Todo {
    Write { child: Child, is_last: bool },
    Close { is_last: bool },
}

/// Begins a node's object; the names of the generated network need no escapes.
fn write_open(to: &mut impl Write, name: &str, (down, up): (u64, u64), kind: &str) -> io::Result<()> {
    write!(
        to,
        "\n\"{name}\":{{\"downloadBandwidthMbps\":{down},\"uploadBandwidthMbps\":{up},\"type\":\"{kind}\",\"id\":\"csv:node:{name}\""
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_long_as_in_the_field() {
        let network = Network::generate(10_000);
        let mut rows = Vec::new();
        write_rows(&network, &mut rows).expect("memory takes any row");
        let mean = rows.len() / network.customer_count();
        assert!((125..=155).contains(&mean), "{mean} bytes a row");
        assert_eq!(String::from_utf8_lossy(&rows).lines().count(), 10_001);
        assert!(String::from_utf8_lossy(&rows).contains(",csv:circuit:1"), "relays are named by id");
    }

    #[test]
    fn nodes_are_json_with_every_name_once() {
        let network = Network::generate(3_000);
        let mut text = Vec::new();
        write_nodes(&network, &mut text).expect("memory takes any node");
        let text = String::from_utf8(text).expect("text");
        let open = text.matches('{').count();
        assert_eq!(open, text.matches('}').count());
        assert_eq!(open, 1 + 2 * network.sites().len() + network.access_points().len());
        for name in network.sites().map(|s| s.name).chain(network.access_points().map(|a| a.name)) {
            assert_eq!(text.matches(&format!("\"{name}\":")).count(), 1, "{name}");
        }
        assert!(!text.contains(",}") && !text.contains("}\n\""), "commas stand between nodes only");
    }
}
