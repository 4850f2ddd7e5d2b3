//! What a planner wants to know of an interface besides what is shaped in it.

use std::os::fd::AsFd;

use pleach_tc::{Handle, Interface};

use super::{Linux, ethtool, observe, sysfs};
use crate::error::KernelError;

/// What a planner wants to know of an interface besides what is shaped in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkFacts {
    /// Its number.
    pub index: u32,
    /// The largest packet in bytes.
    pub mtu: u32,
    /// How many transmit queues it uses.
    pub queues: u16,
    /// How many it was made with; an `mq` has so many children, used or not.
    pub most_queues: u32,
    /// Its speed in Mbit/s; none where it has none or does not say.
    pub speed_mbit: Option<u64>,
    /// Whether the kernel hands it aggregates of this host's own packets (GSO). An HTB class counts `overhead` and `mpu` once
    /// for an aggregate, not once for each of its packets.
    pub sends_aggregates: bool,
    /// Whether the kernel joins packets that arrive on it (GRO): forwarded, they are aggregates in the other interface.
    pub receives_aggregates: bool,
    /// Whether the `ingress` qdisc is there, which excludes clsact.
    pub has_ingress: bool,
}

impl Linux {
    /// Asks the kernel about an interface.
    pub fn facts(&mut self, interface: &Interface) -> Result<LinkFacts, KernelError> {
        let link = self.link(interface)?;
        sysfs::check_namespace(interface, link.index)?;
        let asked = |feature| {
            let failed = |source| KernelError::Io { operation: format!("ethtool -k {interface}"), source };
            ethtool::is_on(self.socket.as_fd(), interface, feature).map_err(failed)
        };
        let (sends_aggregates, receives_aggregates) = (asked(ethtool::Feature::Gso)?, asked(ethtool::Feature::Gro)?);
        let qdiscs = observe::of_one(self, interface, link.index)?;
        Ok(LinkFacts {
            index: link.index,
            mtu: link.mtu,
            queues: sysfs::queues(interface)?,
            most_queues: link.transmit_queues,
            speed_mbit: sysfs::speed_mbit(interface),
            sends_aggregates,
            receives_aggregates,
            has_ingress: qdiscs.qdiscs.contains_key(&Handle::CLSACT),
        })
    }
}
