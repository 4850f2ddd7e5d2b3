//! The device of a row: its id, its addresses, and what later rows add to it.

use pleach_graph::shaped_devices::{Column, Row};
use pleach_graph::{
    Assignment, Code, NodeId, NodeIndex, Origin, Prefix, PrefixReading, Problem, read_address, read_subscriber_address,
};
use smallvec::SmallVec;

use crate::circuits::Circuits;

/// How often a Device ID is made longer by its circuit's until it is free. More happens only in made-up files.
const MOST_LENGTHENINGS: usize = 4;

pub(crate) type Prefixes = SmallVec<[Prefix; 2]>;

impl Circuits<'_> {
    /// Adds a row's device, or what the row adds to one of an earlier row. Says whether there was anything new.
    pub(crate) fn device<'n>(
        &mut self,
        circuit: u32,
        client: NodeIndex,
        row: &Row<'_>,
        names: &impl Fn(Column) -> &'n str,
    ) -> bool {
        let prefixes = self.addresses(Some(client), row, names);
        let (id, holder) = self.device_id(circuit, row, &prefixes, names);
        if let Some(device) = holder
            && self.circuit_of(device) == Some(circuit)
        {
            return self.later_device_row(device, row, &prefixes, names);
        }
        let nodes = self.builder.node_count();
        let mut entry = self
            .builder
            .device(id, row.device_name)
            .under(client)
            .mac(row.mac)
            .comment(row.comment)
            .origin(Origin { document: self.document, line: row.line });
        for prefix in prefixes {
            entry = entry.prefix(prefix, Assignment::Static);
        }
        let device = entry.index();
        if self.builder.node_count() > nodes {
            self.belongs(device, circuit);
        }
        true
    }

    /// The readable addresses of a row, of both families in either cell; of which client, for the problems.
    pub(crate) fn addresses<'n>(
        &mut self,
        client: Option<NodeIndex>,
        row: &Row<'_>,
        names: &impl Fn(Column) -> &'n str,
    ) -> Prefixes {
        let mut prefixes = Prefixes::new();
        for (column, cell) in [(Column::Ipv4, row.ipv4), (Column::Ipv6, row.ipv6)] {
            if let Ok(PrefixReading { prefix, other_reading: None }) = Prefix::parse(cell)
                && !prefix.is_too_wide()
            {
                prefixes.push(prefix); // nearly every cell holds one address
                continue;
            }
            for text in Prefix::split_list(cell) {
                let (prefix, problem) = read(text, client);
                match (prefix, client) {
                    (Some(prefix), _) => prefixes.push(prefix),
                    (None, Some(client)) => drop(self.builder.edit(client).lost_address()),
                    (None, None) => {}
                }
                if let Some(problem) = problem {
                    let problem = problem.at(self.file.name, row.line).field(names(column));
                    let circuit = client.map(|client| &self.builder.node(client).id);
                    self.problems.push(match circuit {
                        Some(circuit) => problem.record(circuit),
                        None => problem,
                    });
                }
            }
        }
        prefixes
    }

    /// A device's id: its Device ID, or what tells it apart in its circuit; both together where another circuit has it.
    /// With it the node that has the id by now.
    fn device_id<'n>(
        &mut self,
        circuit: u32,
        row: &Row<'_>,
        prefixes: &Prefixes,
        names: &impl Fn(Column) -> &'n str,
    ) -> (NodeId, Option<NodeIndex>) {
        let circuit_id = row.circuit_id;
        let id = match (row.device_id, row.mac, prefixes.first()) {
            ("", "", None) => self.device_table.id(&format!("{circuit_id}/{}", row.device_name)),
            ("", "", Some(first)) => self.device_table.id(&format!("{circuit_id}/{first}")),
            ("", mac, _) => self.device_table.id(&format!("{circuit_id}/{mac}")),
            (device_id, ..) => self.device_table.id(device_id),
        };
        let holder = match self.builder.find(&id) {
            Some(holder) if self.circuit_of(holder) != Some(circuit) => holder,
            free_or_own => return (id, free_or_own),
        };
        let (mut longer, mut longer_holder) = (id.clone(), None);
        for _ in 0..MOST_LENGTHENINGS {
            longer = self.device_table.id(&format!("{circuit_id}/{}", longer.raw()));
            longer_holder = self.builder.find(&longer);
            if longer_holder.is_none_or(|holder| self.circuit_of(holder) == Some(circuit)) {
                break;
            }
        }
        let first = self.builder.node(holder).origin;
        let message = format!(
            "Device ID `{}` is used in another circuit (line {}); here the device is known as `{}`",
            id.raw(),
            first.line,
            longer.raw()
        );
        let problem = Problem::new(Code::DuplicateDeviceId, message)
            .at(self.file.name, row.line)
            .field(names(Column::DeviceId))
            .value(row.device_id)
            .record(&longer)
            .hint("give each device an id of its own");
        self.problems.push(problem);
        (longer, longer_holder)
    }

    /// Another row of the same device: its addresses are added, its texts where there were none.
    fn later_device_row<'n>(
        &mut self,
        index: NodeIndex,
        row: &Row<'_>,
        prefixes: &Prefixes,
        names: &impl Fn(Column) -> &'n str,
    ) -> bool {
        let record = self.builder.node(index);
        let Some(device) = record.device() else { return false };
        let new: Prefixes = prefixes
            .iter()
            .copied()
            .filter(|prefix| !device.claims.iter().any(|held| held.prefix == *prefix))
            .collect();
        let unnamed = record.name == record.id.raw();
        let texts = [
            (Column::DeviceName, if unnamed { "" } else { record.name.as_str() }, row.device_name),
            (Column::Mac, device.mac.as_str(), row.mac),
            (Column::Comment, device.comment.as_str(), row.comment),
        ];
        let mut says_more = !new.is_empty();
        for (column, first, later) in texts {
            says_more |= !later.is_empty() && first != later;
            if !first.is_empty() && !later.is_empty() && first != later {
                let message = format!(
                    "device `{}` has the {} `{first}` in line {} and `{later}` in line {}; the first is used",
                    record.id.raw(),
                    names(column),
                    record.origin.line,
                    row.line
                );
                let problem = Problem::new(Code::RowsDisagree, message)
                    .at(self.file.name, row.line)
                    .field(names(column))
                    .value(later)
                    .record(&record.id)
                    .hint("write the same in all rows of the device, or give each device an id of its own");
                self.problems.push(problem);
            }
        }
        let [name, mac, comment] =
            texts.map(|(_, first, later)| if first.is_empty() { later } else { first }.to_owned());
        let mut entry = self.builder.edit(index).name(&name).mac(&mac).comment(&comment);
        for prefix in new {
            entry = entry.prefix(prefix, Assignment::Static);
        }
        says_more
    }
}

/// Reads one address. What passes unshaped is no subscriber's, and has any width. A subscriber may be the catch-all that
/// `docs/files.md` describes: the files are written by hand, so who writes it means it.
fn read(text: &str, client: Option<NodeIndex>) -> (Option<Prefix>, Option<Problem>) {
    let is_catch_all = |prefix: Prefix| prefix.net().prefix_len() == 0;
    match read_address(text) {
        (Some(prefix), problem) if client.is_none() || is_catch_all(prefix) => (Some(prefix), problem),
        _ => read_subscriber_address(text),
    }
}
