//! Where each direction leaves: its interface, and which of the interface's transmit queues are its own.

use std::ops::Range;

use pleach_tc::{Direction, Handle, Interface, PortIndex, layout};

use crate::plan::PlanError;
use crate::settings::{Host, Ports, Settings};

/// Where a direction leaves.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) direction: Direction,
    pub(crate) interface: Interface,
    /// How many transmit queues the interface has, of both directions.
    pub(crate) interface_queues: u16,
    /// Those of this direction.
    pub(crate) queues: Range<u16>,
    /// What is added to the minors of classes beside the tree, where both directions share one HTB.
    pub(crate) minor_offset: u16,
    pub(crate) port: PortIndex,
}

impl Way {
    /// The HTB of a queue.
    pub(crate) fn htb(queue: u16) -> Handle {
        layout::htb(queue).expect("invariant: more queues than HTBs are refused")
    }

    /// A class beside the tree: the link class, control, or the default class.
    pub(crate) fn beside(&self, queue: u16, minor: u16) -> Handle {
        Handle::new(Self::htb(queue).major(), minor + self.minor_offset)
    }

    /// The queue that carries what has no subscriber.
    pub(crate) fn default_queue(&self) -> u16 {
        self.queues.start
    }
}

/// Both ways, download first.
pub(crate) fn ways(settings: &Settings, host: &Host) -> Result<[Way; 2], PlanError> {
    let way = |direction, interface: &Interface, interface_queues, queues, minor_offset, port| Way {
        direction,
        interface: interface.clone(),
        interface_queues,
        queues,
        minor_offset,
        port,
    };
    match &settings.ports {
        Ports::Two(interfaces) => {
            if interfaces.download == interfaces.upload {
                return Err(PlanError::SameInterface(interfaces.download.clone()));
            }
            let one = |direction, port| {
                let interface = &interfaces[direction];
                let queues = queues_of(host, interface)?;
                Ok(way(direction, interface, queues, 0..queues, 0, port))
            };
            Ok([one(Direction::Download, PortIndex::Download)?, one(Direction::Upload, PortIndex::Upload)?])
        }
        Ports::Stick { interface, vlan } => {
            let is_vlan = |id| (1..=4094).contains(&id);
            if vlan.download == vlan.upload || !is_vlan(vlan.download) || !is_vlan(vlan.upload) {
                return Err(PlanError::Vlans(vlan.download, vlan.upload));
            }
            let queues = queues_of(host, interface)?;
            // With one queue both directions are in its HTB, each under a link class of its own.
            let (down, up, offset) = match queues {
                1 => (0..1, 0..1, layout::UPLOAD_MINORS),
                _ => (0..queues.div_ceil(2), queues.div_ceil(2)..queues, 0),
            };
            Ok([
                way(Direction::Download, interface, queues, down, 0, PortIndex::Stick),
                way(Direction::Upload, interface, queues, up, offset, PortIndex::Stick),
            ])
        }
    }
}

fn queues_of(host: &Host, interface: &Interface) -> Result<u16, PlanError> {
    match host.queues.get(interface) {
        None | Some(0) => Err(PlanError::NoInterface(interface.clone())),
        Some(&queues) if queues > layout::MOST_QUEUES => Err(PlanError::TooManyQueues(interface.clone(), queues)),
        Some(&queues) => Ok(queues),
    }
}
