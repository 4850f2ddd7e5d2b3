//! A node while it is described to the builder.

use petgraph::graph::NodeIndex;

use crate::builder::{GraphBuilder, ParentName};
use crate::capacity::Capacity;
use crate::census::Rule;
use crate::id::NodeId;
use crate::node::{Assignment, Claim, Node, NodeKind, Origin, PlanRate, Position};
use crate::prefix::{Prefix, PrefixReading};
use crate::problem::{Code, Problem};
use crate::rate::Rate;
use crate::sqm::Sqm;
use crate::stated_reason::Aspect;

#[derive(Clone, Copy)]
pub(crate) enum Slot {
    Node(NodeIndex),
    Duplicate(usize),
}

/// A node being described; each method states one thing and returns the entry.
///
/// What is stated is in the builder at once, so the last entry of a chain may be dropped.
pub struct NodeEntry<'b> {
    pub(crate) builder: &'b mut GraphBuilder,
    pub(crate) slot: Slot,
}

#[expect(clippy::return_self_not_must_use, reason = "the entry is a way into the builder, which keeps what is stated")]
impl NodeEntry<'_> {
    /// The node's index: of the node that has this id, where the id was taken. The builder's own: the network numbers its
    /// nodes anew.
    pub fn index(&self) -> NodeIndex {
        match self.slot {
            Slot::Node(index) => index,
            Slot::Duplicate(at) => self.builder.duplicates[at].0,
        }
    }

    fn node(&mut self) -> &mut Node {
        match self.slot {
            Slot::Node(index) => &mut self.builder.graph[index],
            Slot::Duplicate(at) => &mut self.builder.duplicates[at].1,
        }
    }

    /// Its name, where it becomes known after it was added; an empty one changes nothing.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        if !name.trim().is_empty() {
            self.node().name = name.trim().into();
        }
        self
    }

    fn set_parent(self, parent: ParentName) -> Self {
        match self.slot {
            Slot::Node(index) => self.builder.parents[index.index()] = parent,
            Slot::Duplicate(at) => self.builder.duplicates[at].2 = parent,
        }
        self
    }

    /// Its parent, by id; may be added later.
    pub fn parent(self, id: NodeId) -> Self {
        self.set_parent(ParentName::Id(id))
    }

    /// Its parent, already added.
    pub fn under(self, parent: NodeIndex) -> Self {
        self.set_parent(ParentName::Node(parent))
    }

    /// It hangs from the top, whatever links it has. A node without a parent does so anyway where no link leads from it to
    /// anything but its own children.
    pub fn at_top(self) -> Self {
        let top = self.builder.top();
        self.set_parent(ParentName::Node(top))
    }

    /// Its parent is named `name`, and there is no such node.
    pub fn unknown_parent(self, name: &str) -> Self {
        self.set_parent(ParentName::Unknown(name.into()))
    }

    /// Its source says nothing of where it is: it hangs from the node `Orphans`. The caller reports why.
    pub fn unplaced(self) -> Self {
        self.set_parent(ParentName::Unplaced)
    }

    /// A site: the capacity of the link to its parent. An access point: the sector's limit, down towards its stations.
    pub fn capacity(mut self, capacity: Capacity) -> Self {
        match &mut self.node().kind {
            NodeKind::Site(site) => site.capacity = capacity,
            NodeKind::AccessPoint(ap) => ap.sector = capacity,
            NodeKind::Client(_) | NodeKind::Device(_) => {}
        }
        self
    }

    /// A site that exists for reports only.
    pub fn virtual_site(mut self) -> Self {
        if let NodeKind::Site(site) = &mut self.node().kind {
            site.is_virtual = true;
        }
        self
    }

    /// Where a site or access point stands.
    pub fn position(mut self, position: Option<Position>) -> Self {
        match &mut self.node().kind {
            NodeKind::Site(site) => site.position = position,
            NodeKind::AccessPoint(ap) => ap.position = position,
            NodeKind::Client(_) | NodeKind::Device(_) => {}
        }
        self
    }

    /// A client's maximum rates.
    pub fn plan(self, down: Rate, up: Rate) -> Self {
        self.plan_rates(PlanRate { min: None, max: Some(down) }, PlanRate { min: None, max: Some(up) })
    }

    /// A client's rates, as far as they are stated.
    pub fn plan_rates(mut self, down: PlanRate, up: PlanRate) -> Self {
        if let NodeKind::Client(client) = &mut self.node().kind {
            (client.plan.down, client.plan.up) = (down, up);
        }
        self
    }

    /// A client that its source leaves out, by this rule: it is counted, and its devices claim no address.
    pub fn leave_out(mut self, rule: Rule) -> Self {
        if let NodeKind::Client(client) = &mut self.node().kind {
            client.left_out = Some(rule);
        }
        self
    }

    /// The queue a client asks for.
    pub fn sqm(mut self, sqm: Sqm) -> Self {
        if let NodeKind::Client(client) = &mut self.node().kind {
            client.sqm = sqm;
        }
        self
    }

    /// One more prefix of a device, and how it came by it; of several claims on one prefix the best counts.
    pub fn prefix(mut self, prefix: Prefix, assignment: Assignment) -> Self {
        if let NodeKind::Device(device) = &mut self.node().kind {
            device.claims.push(Claim { prefix, assignment });
        }
        self
    }

    /// More prefixes of a device, as text: `10.0.0.1, 2001:db8::/56`. What cannot be read becomes a problem.
    pub fn addresses(mut self, list: &str) -> Self {
        for text in Prefix::split_list(list) {
            let (prefix, problem) = read_address(text);
            if let Some(problem) = problem {
                let problem = problem.record(&self.node().id);
                self.builder.problems.push(problem);
            }
            self = match prefix {
                Some(prefix) => self.prefix(prefix, Assignment::Static),
                None => self.lost_address(),
            };
        }
        self
    }

    /// An address of this client or device was set aside. A circuit without another one is quarantined for it, whatever
    /// rule its other addresses fall under.
    pub fn lost_address(self) -> Self {
        let index = self.index();
        self.builder.lost_addresses.push(index);
        self
    }

    /// A device's MAC address or user name.
    pub fn mac(mut self, mac: &str) -> Self {
        if let NodeKind::Device(device) = &mut self.node().kind {
            device.mac = mac.trim().into();
        }
        self
    }

    /// Free text on a device.
    pub fn comment(mut self, comment: &str) -> Self {
        if let NodeKind::Device(device) = &mut self.node().kind {
            device.comment = comment.trim().into();
        }
        self
    }

    /// Why something is said of it, for `explain`: what the source went by where more than one thing could decide.
    pub fn because(self, aspect: Aspect, reason: &str) -> Self {
        if let Slot::Node(index) = self.slot {
            self.builder.reasons.add(index, aspect, reason);
        }
        self
    }

    /// The record it was read from.
    pub fn origin(mut self, origin: Origin) -> Self {
        self.node().origin = origin;
        self
    }
}

/// Reads one address that a source states for a subscriber: as [`read_address`], but what is
/// [too wide](Prefix::is_too_wide) is a problem and no prefix: the traffic of everybody who is not known would count as this
/// one's.
pub fn read_subscriber_address(text: &str) -> (Option<Prefix>, Option<Problem>) {
    let (prefix, problem) = read_address(text);
    if prefix.is_none_or(|prefix| !prefix.is_too_wide()) {
        return (prefix, problem);
    }
    let message = format!("`{text}` is wider than what one subscriber has; it is set aside");
    let hint = "write the addresses that are the subscriber's, at most a `/8` or, of IPv6, a `/16`";
    (None, Some(Problem::new(Code::BadAddress, message).value(text).hint(hint)))
}

/// Reads one address as a user wrote it: the prefix if there is one, and what is wrong or doubtful about the text.
pub fn read_address(text: &str) -> (Option<Prefix>, Option<Problem>) {
    match Prefix::parse(text) {
        Ok(PrefixReading { prefix, other_reading: None }) => (Some(prefix), None),
        Ok(PrefixReading { prefix, other_reading: Some(network) }) => {
            let message = format!("`{text}` has host bits set and is taken as the host `{prefix}`");
            let hint = format!("write `{prefix}`, or `{network}` if the whole network is meant");
            (Some(prefix), Some(Problem::new(Code::HostBits, message).value(text).hint(hint)))
        }
        Err(error) => {
            let hint = "write an address such as `100.64.1.5`, or a network such as `2001:db8:1::/56`";
            (None, Some(Problem::new(Code::BadAddress, format!("`{text}` {error}")).value(text).hint(hint)))
        }
    }
}
