//! Puts a plan together from its parts.

use std::collections::{BTreeMap, HashMap, HashSet};

use compact_str::CompactString;
use pleach_graph::{Problems, Rate};
use pleach_tc::{
    ClassifierState, Direction, Handle, Identity, IdentityKey, IdentityRecord, Interface, InterfaceState, KernelState,
    Leaf, MapSizes, PerDirection, Port, PortMode, Slot, layout,
};

use crate::class::Framing;
use crate::devices::{self, Values};
use crate::draw::{Drawing, Known, draw};
use crate::frame;
use crate::hang::{Hanger, Hung};
use crate::hierarchy::Hierarchy;
use crate::identity::{IdentityHasher, Role, identity};
use crate::layout::to_identity;
use crate::leaf;
use crate::ledger::{InterfaceLedger, Ledger};
use crate::memory::MemoryEstimate;
use crate::outline::Outline;
use crate::plan::{PlanError, QueuePlan};
use crate::register::{Register, Registers, Slots};
use crate::report;
use crate::settings::{Host, Ports, Rebalance, Settings};
use crate::subjects::{Subject, Subjects};
use crate::ways::{Way, ways};

pub(crate) fn build(
    hierarchy: &Hierarchy,
    settings: &Settings,
    host: &Host,
    ledger: &Ledger,
    rebalance: Rebalance,
) -> Result<QueuePlan, PlanError> {
    let outline = Outline::new(hierarchy)?;
    let ways = ways(settings, host)?;
    let mut builder = Builder::new(hierarchy, settings, ledger, &outline, &ways);
    let slots = builder.slots();
    let lanes = ways.each_ref().map(|way| builder.lane(way, &slots, rebalance));
    Ok(builder.finish(&lanes, &slots, host))
}

/// Names by place in the outline, as classes are called by them.
fn names(outline: &Outline<'_>) -> Vec<CompactString> {
    outline.nodes.iter().map(|outlined| outlined.node.name.as_str().into()).collect()
}

/// By circuit, its identity in a direction.
type Identities = PerDirection<Vec<Identity>>;

/// By circuit, its class in a direction.
type Lane = Vec<Option<Handle>>;

struct Builder<'a> {
    hierarchy: &'a Hierarchy,
    settings: &'a Settings,
    ledger: &'a Ledger,
    outline: &'a Outline<'a>,
    names: Vec<CompactString>,
    identities: Identities,
    registers: Registers<'a>,
    next_slots: Option<Slots>,
    sizes: MapSizes,
    problems: Problems,
    interfaces: BTreeMap<Interface, Parts>,
    ways: &'a [Way; 2],
}

/// What an interface is made of, in the order it was made.
struct Parts {
    state: InterfaceState,
    classes: Vec<(Handle, pleach_tc::Class)>,
    qdiscs: Vec<(Handle, pleach_tc::Qdisc)>,
    identities: Vec<(Handle, IdentityRecord)>,
    subjects: Vec<(Handle, Subject)>,
    layout: PerDirection<Option<crate::layout::Layout>>,
}

impl<'a> Builder<'a> {
    fn new(
        hierarchy: &'a Hierarchy,
        settings: &'a Settings,
        ledger: &'a Ledger,
        outline: &'a Outline<'a>,
        ways: &'a [Way; 2],
    ) -> Self {
        let of = |direction| {
            outline.circuits.iter().map(|at| identity(Role::Circuit, direction, &at.circuit.id)).collect::<Vec<_>>()
        };
        let (mut registers, mut interfaces) = (BTreeMap::new(), BTreeMap::new());
        for way in ways {
            registers
                .entry(way.interface.clone())
                .or_insert_with(|| Register::new(ledger.interfaces.get(&way.interface), way.interface_queues));
            interfaces.entry(way.interface.clone()).or_insert_with(|| Parts {
                state: InterfaceState { attached: Some(way.port), ..frame::roots(way.interface_queues) },
                classes: Vec::new(),
                qdiscs: Vec::new(),
                identities: Vec::new(),
                subjects: Vec::new(),
                layout: PerDirection::default(),
            });
        }
        Self {
            hierarchy,
            settings,
            ledger,
            outline,
            names: names(outline),
            identities: PerDirection::from_fn(of),
            registers,
            next_slots: None,
            sizes: ledger.sizes,
            problems: Problems::default(),
            interfaces,
            ways,
        }
    }

    fn register(&self, way: &Way) -> &Register<'a> {
        self.registers.get(&way.interface).expect("invariant: every way has a register")
    }

    /// The ledgers of interfaces that this plan is not about: who comes back to one finds his numbers.
    fn elsewhere(&self) -> impl Iterator<Item = (&Interface, &InterfaceLedger)> {
        let ours: Vec<&Interface> = self.ways.iter().map(|way| &way.interface).collect();
        self.ledger.interfaces.iter().filter(move |(interface, _)| !ours.contains(interface))
    }

    /// By circuit, its counters: those it has in either direction, or on another interface, or new ones.
    fn slots(&mut self) -> Vec<Slot> {
        let ways = self.ways;
        let elsewhere: HashMap<Identity, Slot, IdentityHasher> = self
            .elsewhere()
            .flat_map(|(_, ledger)| &ledger.holdings)
            .filter(|holding| holding.slot != Slot::NONE)
            .map(|holding| (holding.identity, holding.slot))
            .collect();
        let reserved: HashSet<Slot> = elsewhere.values().copied().collect();
        self.sizes.slots = grown(self.sizes.slots, self.outline.circuits.len() + reserved.len());
        let known: Vec<Option<Slot>> = (0..self.outline.circuits.len())
            .map(|at| {
                let identity = |way: &Way| self.identities[way.direction][at];
                let held = ways.iter().find_map(|way| self.register(way).known(identity(way)));
                let there = || ways.iter().find_map(|way| elsewhere.get(&identity(way)).copied());
                held.map(|holding| holding.slot).or_else(there)
            })
            .collect();
        let used =
            self.ledger.interfaces.values().flat_map(|interface| &interface.holdings).map(|holding| holding.slot);
        let mut slots = Slots::new(self.ledger.slots.clone(), self.sizes.slots, used, &reserved);
        let given = known.into_iter().map(|known| slots.give(known)).collect();
        self.next_slots = Some(slots);
        given
    }

    fn known(&self, way: &Way) -> Known {
        let register = self.register(way);
        let node = |outlined: &crate::outline::OutlineNode<'_>| {
            register.queue_of(identity(Role::Node, way.direction, &outlined.node.id))
        };
        let ledger = self.ledger.interfaces.get(&way.interface);
        Known {
            layout: ledger.and_then(|ledger| ledger.layout[way.direction]),
            nodes: self.outline.nodes.iter().map(node).collect(),
            circuits: self.identities[way.direction].iter().map(|identity| register.queue_of(*identity)).collect(),
        }
    }

    fn lane(&mut self, way: &Way, slots: &[Slot], rebalance: Rebalance) -> Lane {
        let root = self.hierarchy.ceiling[way.direction].map(Rate::bit);
        let drawing = draw(self.outline, way, root, self.settings, &self.known(way), rebalance);
        let leaves: Vec<Option<Leaf>> = self
            .outline
            .circuits
            .iter()
            .map(|outlined| leaf::choose(outlined.circuit, way.direction, self.settings))
            .collect();
        let hanger = Hanger {
            outline: self.outline,
            hierarchy: self.hierarchy,
            settings: self.settings,
            way,
            drawing: &drawing,
            identities: &self.identities[way.direction],
            slots,
            leaves: &leaves,
            names: &self.names,
        };
        let register = self.registers.get_mut(&way.interface).expect("invariant: every way has a register");
        let hung = hanger.hang(register);
        let subject = report::Report { hanger: &hanger, hung: &hung };
        subject.report(&mut self.problems);
        self.put(way, &drawing, hung)
    }

    /// Puts a direction into its interface.
    fn put(&mut self, way: &Way, drawing: &Drawing, hung: Hung) -> Lane {
        let framing = Framing { overhead: self.settings.overhead, mpu: self.settings.mpu };
        let parts = self.interfaces.get_mut(&way.interface).expect("invariant: every way has an interface");
        parts.layout[way.direction] = Some(drawing.layout);
        for (queue, beside) in way.queues.clone().zip(&drawing.beside) {
            for (handle, class) in frame::classes(way, queue, beside, framing) {
                parts.subjects.push((handle, beside_subject(way, handle)));
                parts.classes.push((handle, class));
            }
        }
        parts.classes.extend(hung.classes);
        parts.qdiscs.extend(hung.qdiscs);
        parts.identities.extend(hung.identities);
        parts.subjects.extend(hung.subjects);
        hung.circuits
    }

    fn finish(mut self, lanes: &[Lane; 2], slots: &[Slot], host: &Host) -> QueuePlan {
        let ways = self.ways;
        let devices = self.devices(ways, lanes, slots);
        let mut state = KernelState::default();
        let mut subjects = Subjects::default();
        let mut next = Ledger::default();
        next.interfaces = self.elsewhere().map(|(interface, ledger)| (interface.clone(), ledger.clone())).collect();
        next.slots = self.next_slots.take().map(Slots::close).unwrap_or_default();
        let mut identities = BTreeMap::new();
        for (interface, mut parts) in std::mem::take(&mut self.interfaces) {
            let register = self.registers.remove(&interface).expect("invariant: every interface has a register");
            let mut closed = register.close();
            closed.ledger.layout = parts.layout;
            parts
                .subjects
                .extend(closed.gone.iter().filter_map(|gone| gone.holder.subject().map(|it| (gone.class, it))));
            subjects.set(interface.clone(), sorted(parts.subjects));
            let zero = to_identity(parts.layout.download, parts.layout.upload);
            parts.identities.push((Handle::NONE, IdentityRecord { identity: zero, slot: Slot::NONE }));
            let keyed = sorted(parts.identities).into_iter();
            let key = |class| IdentityKey { interface: interface.clone(), class };
            let mut keyed = keyed.map(|(class, record)| (key(class), record)).collect::<BTreeMap<_, _>>();
            identities.append(&mut keyed);
            parts.state.classes = sorted(parts.classes);
            parts.state.qdiscs.append(&mut sorted(parts.qdiscs));
            next.interfaces.insert(interface.clone(), closed.ledger);
            state.interfaces.insert(interface, parts.state);
        }
        self.sizes.devices = grown(self.sizes.devices, devices.len());
        self.sizes.identities = grown(self.sizes.identities, identities.len());
        next.sizes = self.sizes;
        state.classifier = Some(ClassifierState {
            version: host.classifier,
            sizes: self.sizes,
            ports: ports(self.settings, ways),
            devices,
            endpoints: self.settings.tunnels.endpoints.clone(),
            watched: self.settings.unknown.watch.iter().copied().collect(),
            identities,
            doubled: std::collections::BTreeSet::new(),
        });
        let Host { held, possible_cpus, memory_available, .. } = host;
        let memory = MemoryEstimate::new(held, &state, *possible_cpus, *memory_available, self.settings.memory_limit);
        QueuePlan { state, ledger: next, subjects, problems: self.problems, memory }
    }

    fn devices(
        &mut self,
        ways: &[Way; 2],
        lanes: &[Lane; 2],
        slots: &[Slot],
    ) -> BTreeMap<pleach_tc::DeviceKey, (pleach_tc::Store, pleach_tc::DeviceValue)> {
        let [down, up] = ways;
        let of = |direction| if direction == Direction::Download { down } else { up };
        let value = |class: &dyn Fn(&Way) -> Handle, slot| {
            let class = PerDirection::from_fn(|direction| class(of(direction)));
            let queue = PerDirection::from_fn(|direction| {
                layout::queue_of(class[direction]).expect("invariant: every class is in an HTB of ours")
            });
            pleach_tc::DeviceValue { class, queue, slot }
        };
        let default = |way: &Way, minor| way.beside(way.default_queue(), minor);
        let circuits: Vec<_> = (0..self.outline.circuits.len())
            .map(|at| {
                let [down, up] = lanes.each_ref().map(|lane| lane[at]);
                down.or(up)?;
                let class = |way: &Way| {
                    let own = if way.direction == Direction::Download { down } else { up };
                    own.unwrap_or_else(|| default(way, layout::UNKNOWN_MINOR))
                };
                Some(value(&class, slots[at]))
            })
            .collect();
        let values = Values {
            circuits: &circuits,
            control: value(&|way| default(way, layout::CONTROL_MINOR), Slot::NONE),
            bypass: value(&|way| Way::htb(way.default_queue()), Slot::NONE),
        };
        devices::device_map(self.outline, self.hierarchy, self.settings, &values, &mut self.problems)
    }
}

/// What the classifier does on each interface.
fn ports(settings: &Settings, ways: &[Way; 2]) -> BTreeMap<pleach_tc::PortIndex, Port> {
    let [down, up] = ways;
    let default = |way: &Way| way.beside(way.default_queue(), layout::UNKNOWN_MINOR);
    let vlan = match &settings.ports {
        Ports::Two(_) => PerDirection::default(),
        Ports::Stick { vlan, .. } => *vlan,
    };
    let port = Port {
        mode: PortMode::Shape,
        default_class: PerDirection { download: default(down), upload: default(up) },
        default_queue: PerDirection { download: down.default_queue(), upload: up.default_queue() },
        vlan,
        mark: settings.tunnels.mark,
    };
    ways.iter().map(|way| (way.port, port)).collect()
}

/// How large a map is that holds so many: what it is, as long as all could be there twice; else with room to grow.
fn grown(size: u32, count: usize) -> u32 {
    const LEAST: u32 = 4_096;
    let count = u32::try_from(count).unwrap_or(u32::MAX / 4).min(u32::MAX / 4);
    if size >= count * 2 && size > 0 { size } else { (count * 3).next_power_of_two().max(LEAST) }
}

fn sorted<T>(mut of: Vec<(Handle, T)>) -> BTreeMap<Handle, T> {
    of.sort_by_key(|(handle, _)| *handle); // a map is built from sorted pairs in one go
    of.into_iter().collect()
}

fn beside_subject(way: &Way, handle: Handle) -> Subject {
    let direction = way.direction;
    match handle.minor() - way.minor_offset {
        layout::LINK_MINOR => Subject::Link { direction },
        layout::CONTROL_MINOR => Subject::Control { direction },
        _ => Subject::Unknown { direction },
    }
}
