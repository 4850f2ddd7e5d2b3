//! What radios carry, asked as often as need be; what is doubtful of one is said once.

use hashbrown::HashMap;
use pleach_graph::{Capacity, Code, GraphBuilder, Problem};

use crate::capacity::{self, Doubt};
use crate::import::Context;
use crate::records::Device;
use crate::tables::node_id;

/// By device: what it carries over the air.
#[derive(Default)]
pub(crate) struct Radios(HashMap<usize, Capacity>);

impl Radios {
    /// What a device carries over the air, down towards its stations.
    pub(crate) fn of(&mut self, device: usize, context: &Context<'_>, builder: &mut GraphBuilder) -> Capacity {
        if let Some(&capacity) = self.0.get(&device) {
            return capacity;
        }
        let record = &context.decoded.devices[device];
        let radio = capacity::radio(record, context.settings);
        for &doubt in &radio.doubts {
            let problem = doubtful(record, doubt)
                .at(context.documents.devices.name, 0)
                .record(&node_id(&context.tables.devices, &record.id));
            builder.report(problem);
        }
        self.0.insert(device, radio.capacity);
        radio.capacity
    }
}

fn doubtful(record: &Device, doubt: Doubt) -> Problem {
    let name = record.called();
    match doubt {
        Doubt::Impossible(field) => {
            let message = format!("`{name}` cannot carry what its `{field}` says; it is taken as unknown");
            Problem::new(Code::BadCapacity, message)
                .field(field)
                .hint("see whether the radio is up, and reports to UISP")
        }
        Doubt::Low(field, stated, used) => {
            let message = format!("`{name}` has a `{field}` of {stated}, which is raised to {used}");
            let hint = "see why the radio is so slow; if it really is, lower `capacity_floor`";
            Problem::new(Code::LowCapacity, message).field(field).value(&stated.to_string()).hint(hint)
        }
    }
}
