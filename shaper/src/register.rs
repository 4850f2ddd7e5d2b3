//! The numbers of one interface while a plan is made: what is kept, what is new, what is given back.

use std::collections::{HashMap, HashSet};

use pleach_tc::{Handle, Identity, Interface, Slot, layout};

use crate::identity::IdentityHasher;
use crate::ledger::{Holder, Holding, InterfaceLedger, LeafHolding};
use crate::majors::Majors;
use crate::numbers::Numbers;
use crate::packing::CLASSES_PER_HTB;
use crate::shape::LeafShape;

/// The numbers of one interface while a plan is made.
#[derive(Debug)]
pub(crate) struct Register<'l> {
    known: HashMap<Identity, &'l Holding, IdentityHasher>,
    majors: Majors,
    queues: u16,
    pub(crate) next: InterfaceLedger,
}

/// What a class is wanted for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) identity: Identity,
    pub(crate) queue: u16,
    pub(crate) parent: Handle,
    pub(crate) leaf: Option<LeafShape>,
    pub(crate) slot: Slot,
    pub(crate) holder: Holder,
}

impl<'l> Register<'l> {
    /// `ledger` as it was; entries that cannot be (a queue that is no more, a number given away twice) are forgotten.
    pub(crate) fn new(ledger: Option<&'l InterfaceLedger>, queues: u16) -> Self {
        let mut register =
            Self { known: HashMap::default(), majors: Majors::new(queues), queues, next: InterfaceLedger::default() };
        let Some(ledger) = ledger else { return register };
        let (mut classes, mut leaves) = (HashSet::new(), HashSet::new());
        for holding in &ledger.holdings {
            let is_ours = holding.class.minor() >= layout::FIRST_FREE_MINOR
                && layout::queue_of(holding.class).is_some_and(|queue| queue < queues);
            let has_leaf = holding
                .leaf
                .is_none_or(|leaf| register.majors.number(leaf.major).is_some() && leaves.insert(leaf.major));
            if is_ours && has_leaf && classes.insert(holding.class) {
                register.known.entry(holding.identity).or_insert(holding);
            }
        }
        register.next.majors = ledger.majors.clone();
        register.next.minors = ledger.minors.clone();
        register.next.minors.retain(|queue, _| *queue < queues);
        register.repair();
        register
    }

    /// Numbers in use are not free, whatever the file says.
    fn repair(&mut self) {
        let mut minors: HashMap<u16, Vec<u32>> = HashMap::new();
        let mut majors = Vec::new();
        for holding in self.known.values() {
            let queue = layout::queue_of(holding.class).expect("invariant: other classes were forgotten");
            minors.entry(queue).or_default().push(minor_number(holding.class));
            majors.extend(holding.leaf.and_then(|leaf| self.majors.number(leaf.major)));
        }
        for (queue, used) in minors {
            self.next.minors.entry(queue).or_default().repair(&used);
        }
        self.next.majors.repair(&majors);
    }

    /// What someone has.
    pub(crate) fn known(&self, identity: Identity) -> Option<&'l Holding> {
        self.known.get(&identity).copied()
    }

    /// The queue that someone is on.
    pub(crate) fn queue_of(&self, identity: Identity) -> Option<u16> {
        layout::queue_of(self.known(identity)?.class)
    }

    /// Gives a class: the one there is, where it can become what is wanted with its packets staying; else a new one. None
    /// where the HTB has no number left.
    ///
    /// The leaf given may be none though one is wanted, where no major is left.
    pub(crate) fn give(&mut self, wanted: Wanted) -> Option<&Holding> {
        let kept = self.known(wanted.identity).and_then(|holding| self.kept(holding, &wanted));
        let (class, leaf) = match kept {
            Some(kept) => kept,
            None => (self.new_class(wanted.queue)?, wanted.leaf.and_then(|shape| self.leaf(wanted.identity, shape))),
        };
        self.next.holdings.push(Holding {
            identity: wanted.identity,
            class,
            parent: wanted.parent,
            leaf,
            slot: wanted.slot,
            holder: wanted.holder,
        });
        self.next.holdings.last()
    }

    /// Whether the HTB of a queue has room for so many more classes.
    pub(crate) fn has_room(&self, queue: u16, classes: u32) -> bool {
        let in_use = self.next.minors.get(&queue).map_or(0, Numbers::in_use);
        in_use + classes <= CLASSES_PER_HTB
    }

    /// The class that someone has with the leaf it will have, where it can stay.
    fn kept(&self, holding: &Holding, wanted: &Wanted) -> Option<(Handle, Option<LeafHolding>)> {
        if holding.parent != wanted.parent || layout::queue_of(holding.class) != Some(wanted.queue) {
            return None;
        }
        match (holding.leaf, wanted.leaf) {
            (None, None) => Some((holding.class, None)),
            (Some(leaf), Some(shape)) if leaf.shape.can_become(shape) => {
                Some((holding.class, Some(LeafHolding { shape, ..leaf })))
            }
            // Where there are no majors, who has a leaf keeps the major for another one in its place, and who would have one
            // stays as it is until there are.
            (leaf, Some(shape)) if !self.next.majors.has_more(self.majors.size()) => {
                Some((holding.class, leaf.map(|leaf| LeafHolding { shape, ..leaf })))
            }
            _ => None,
        }
    }

    fn new_class(&mut self, queue: u16) -> Option<Handle> {
        let number = self.next.minors.entry(queue).or_default().take(CLASSES_PER_HTB)?;
        let minor = u16::try_from(number).ok()? + layout::FIRST_FREE_MINOR;
        Some(Handle::new(layout::htb(queue)?.major(), minor))
    }

    /// A leaf for a new class: a new major, or where there is none left the one that its holder has already.
    fn leaf(&mut self, identity: Identity, shape: LeafShape) -> Option<LeafHolding> {
        let new = self.next.majors.take(self.majors.size()).and_then(|number| self.majors.at(number));
        let major = new.or_else(|| Some(self.known(identity)?.leaf?.major))?;
        Some(LeafHolding { major, shape })
    }

    /// Closes the books: the next ledger, and what classes are gone.
    pub(crate) fn close(mut self) -> Closed<'l> {
        let kept: HashMap<Identity, (Handle, Option<u16>), IdentityHasher> = self
            .next
            .holdings
            .iter()
            .map(|holding| (holding.identity, (holding.class, holding.leaf.map(|leaf| leaf.major))))
            .collect();
        let mut gone: Vec<&Holding> = Vec::new();
        let mut minors: HashMap<u16, Vec<u32>> = HashMap::new();
        let mut majors = Vec::new();
        for (identity, holding) in &self.known {
            let now = kept.get(identity);
            if now.is_some_and(|(class, _)| *class == holding.class) {
                continue;
            }
            gone.push(holding);
            if let Some(queue) = layout::queue_of(holding.class) {
                minors.entry(queue).or_default().push(minor_number(holding.class));
            }
            let given_up = holding.leaf.filter(|leaf| now.and_then(|(_, major)| *major) != Some(leaf.major));
            majors.extend(given_up.and_then(|leaf| self.majors.number(leaf.major)));
        }
        for (queue, freed) in minors {
            self.next.minors.entry(queue).or_default().give_back(freed);
        }
        self.next.majors.give_back(majors);
        gone.sort_by_key(|holding| holding.class);
        self.next.holdings.sort_unstable_by_key(|holding| holding.identity);
        debug_assert!(self.next.minors.keys().all(|queue| *queue < self.queues));
        Closed { ledger: self.next, gone }
    }
}

/// The books of an interface, closed.
pub(crate) struct Closed<'l> {
    pub(crate) ledger: InterfaceLedger,
    /// Classes that are no longer wanted, by handle.
    pub(crate) gone: Vec<&'l Holding>,
}

/// A minor as [`Numbers`] count them.
pub(crate) fn minor_number(class: Handle) -> u32 {
    u32::from(class.minor() - layout::FIRST_FREE_MINOR)
}

/// The register of an interface, by name.
pub(crate) type Registers<'l> = std::collections::BTreeMap<Interface, Register<'l>>;

/// Counters of circuits while a plan is made.
#[derive(Debug)]
pub(crate) struct Slots {
    numbers: Numbers,
    size: u32,
    /// What circuits have.
    before: HashSet<u32>,
    /// What those have that are on other interfaces than the plan's.
    reserved: HashSet<u32>,
    given: HashSet<u32>,
}

impl Slots {
    /// `used` are those that circuits have, and `reserved` those among them that stay theirs whether the plan gives them or not.
    pub(crate) fn new(
        mut numbers: Numbers,
        size: u32,
        used: impl Iterator<Item = Slot>,
        reserved: &HashSet<Slot>,
    ) -> Self {
        let before: HashSet<u32> =
            used.filter(|slot| *slot != Slot::NONE && slot.0 < size).map(|slot| slot.0).collect();
        numbers.repair(&before.iter().copied().collect::<Vec<_>>());
        let reserved = reserved.iter().map(|slot| slot.0).collect();
        Self { numbers, size, before, reserved, given: HashSet::new() }
    }

    /// The counters there are, if nobody else has them by now; else new ones.
    pub(crate) fn give(&mut self, known: Option<Slot>) -> Slot {
        let kept = known.filter(|slot| self.before.contains(&slot.0) && !self.given.contains(&slot.0));
        let slot = kept.or_else(|| self.numbers.take(self.size).map(Slot)).unwrap_or(Slot::NONE);
        if slot != Slot::NONE {
            self.given.insert(slot.0);
        }
        slot
    }

    /// The numbers for the next ledger.
    pub(crate) fn close(mut self) -> Numbers {
        let is_free = |slot: &u32| !self.given.contains(slot) && !self.reserved.contains(slot);
        self.numbers.give_back(self.before.iter().copied().filter(is_free).collect());
        self.numbers
    }
}
