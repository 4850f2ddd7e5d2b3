//! The difference of one interface: its qdiscs, classes, clsact and XPS.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::class::Class;
use crate::diff::tree::Tree;
use crate::diff::{Foreign, ForeignPlace, at_depth};
use crate::handle::Handle;
use crate::interface::Interface;
use crate::layout;
use crate::operation::Operation;
use crate::plan::Note;
use crate::qdisc::{Qdisc, QdiscKind};
use crate::state::{InterfaceState, Root};

type Levels = Vec<Vec<Operation>>;

/// What there is to do on one interface, by step.
pub(super) struct InterfaceDiff {
    pub(super) interface: Interface,
    /// Everything below the root goes: the classifier must send nothing there.
    pub(super) is_torn_down: bool,
    /// Classes that must get no packets until the map is written.
    pub(super) shunned: HashSet<Handle>,
    pub(super) early_drain: Vec<Handle>,
    pub(super) early_deletes: Vec<Operation>,
    pub(super) ground: Vec<Operation>,
    pub(super) decreases: Vec<Operation>,
    pub(super) increases: Levels,
    pub(super) qdiscs: Vec<Operation>,
    pub(super) classes: Levels,
    pub(super) leaves: Vec<Operation>,
    pub(super) late_drain: Vec<Handle>,
    pub(super) deletes: Levels,
    pub(super) late_qdiscs: Vec<Operation>,
    pub(super) node_decreases: Levels,
    pub(super) leave: Vec<Operation>,
    pub(super) notes: Vec<Note>,
    pub(super) unchanged: usize,
}

/// The two trees of an interface, and what of the old one has to go before the new one can come.
struct Trees<'a> {
    want: Tree<'a>,
    have: Tree<'a>,
    /// Classes that go early: a place they are in is needed, or they stand where they cannot be changed.
    early: HashSet<Handle>,
    /// HTBs that go early, with all their classes.
    early_htbs: BTreeSet<Handle>,
}

impl InterfaceDiff {
    fn nothing(interface: Interface) -> Self {
        Self {
            interface,
            is_torn_down: false,
            shunned: HashSet::new(),
            early_drain: Vec::new(),
            early_deletes: Vec::new(),
            ground: Vec::new(),
            decreases: Vec::new(),
            increases: Levels::new(),
            qdiscs: Vec::new(),
            classes: Levels::new(),
            leaves: Vec::new(),
            late_drain: Vec::new(),
            deletes: Levels::new(),
            late_qdiscs: Vec::new(),
            node_decreases: Levels::new(),
            leave: Vec::new(),
            notes: Vec::new(),
            unchanged: 0,
        }
    }

    pub(super) fn new(
        interface: &Interface,
        want: &InterfaceState,
        have: &InterfaceState,
        foreign: &mut Vec<Foreign>,
    ) -> Self {
        let mut this = Self::nothing(interface.clone());
        this.ground(want, have, foreign);
        let nothing = (BTreeMap::new(), BTreeMap::new());
        let is_ours = |state: &InterfaceState| state.root == Root::Ours;
        let old_root = root_qdisc(have);
        this.is_torn_down = is_ours(have) && (!is_ours(want) || old_root != root_qdisc(want));
        if this.is_torn_down {
            let tree = Tree::new(&have.classes);
            this.early_drain.extend(have.classes.keys().copied().filter(|&class| !tree.has_children(class)));
            if let Some((handle, qdisc)) = old_root {
                let delete = Operation::DeleteQdisc { interface: interface.clone(), handle, parent: qdisc.parent };
                this.early_deletes.push(delete);
            }
            if is_ours(want) {
                this.notes.push(Note::RootReplaced { interface: interface.clone() });
            }
        }
        let stays = is_ours(have) && !this.is_torn_down;
        let (old_qdiscs, old_classes) = if stays { (&have.qdiscs, &have.classes) } else { (&nothing.0, &nothing.1) };
        let (new_qdiscs, new_classes) =
            if is_ours(want) { (&want.qdiscs, &want.classes) } else { (&nothing.0, &nothing.1) };
        let mut trees = Trees::new(new_qdiscs, new_classes, old_qdiscs, old_classes);
        this.compare_classes(&mut trees);
        this.compare_qdiscs(&mut trees, new_qdiscs, old_qdiscs);
        this.delete_early(&mut trees, old_qdiscs);
        this
    }

    /// What is beside the tree: who was here before, XPS, clsact and the program in it.
    fn ground(&mut self, want: &InterfaceState, have: &InterfaceState, foreign: &mut Vec<Foreign>) {
        let interface = || self.interface.clone();
        if let (Root::Ours, Root::Foreign { kind, handle }) = (&want.root, &have.root) {
            let what = ForeignPlace::Root;
            foreign.push(Foreign { interface: interface(), what, kind: kind.clone(), handle: *handle });
            let parent = Handle::ROOT;
            self.early_deletes.push(Operation::DeleteQdisc { interface: interface(), handle: *handle, parent });
        }
        let set_xps = |queue: u16, cpus: &str| Operation::SetXps { interface: interface(), queue, cpus: cpus.into() };
        let cleared = have.xps.keys().filter(|&queue| !want.xps.contains_key(queue));
        self.ground.extend(cleared.map(|&queue| set_xps(queue, "0")));
        if want.has_clsact && !have.has_clsact {
            if let Some(Qdisc { kind: QdiscKind::Other(kind), .. }) = have.qdiscs.get(&Handle::CLSACT) {
                let (what, handle) = (ForeignPlace::Ingress, Handle::CLSACT);
                foreign.push(Foreign { interface: interface(), what, kind: kind.clone(), handle });
                let parent = Handle::CLSACT_PARENT;
                self.early_deletes.push(Operation::DeleteQdisc { interface: interface(), handle, parent });
            }
            self.ground.push(Operation::AddClsact { interface: interface() });
        }
        if have.attached.is_some() && want.attached.is_none() {
            self.leave.push(Operation::Detach { interface: interface() });
        }
        if have.has_clsact && !want.has_clsact {
            if have.other_filters > 0 {
                self.notes.push(Note::ClsactKept { interface: interface() });
            } else {
                self.leave.push(Operation::DeleteClsact { interface: interface() });
            }
        }
        let restored = want.xps.iter().filter(|&(queue, cpus)| have.xps.get(queue) != Some(cpus));
        self.leave.extend(restored.map(|(&queue, cpus)| set_xps(queue, cpus)));
    }

    fn compare_classes(&mut self, trees: &mut Trees) {
        let (want, have) = (trees.want.classes, trees.have.classes);
        for (&handle, class) in want {
            match have.get(&handle) {
                Some(old) if !trees.early.contains(&handle) => self.change_class(trees, handle, class, old),
                old => {
                    if old.is_some() {
                        self.notes.push(Note::ClassReplaced { interface: self.interface.clone(), class: handle });
                    }
                    let depth = trees.want.depth_below(class.parent);
                    let interface = self.interface.clone();
                    at_depth(&mut self.classes, depth).push(Operation::AddClass { interface, handle, class: *class });
                }
            }
        }
        for (&handle, class) in have.iter().filter(|(handle, _)| !want.contains_key(handle)) {
            if trees.early.contains(&handle) {
                continue;
            }
            if !trees.have.has_children(handle) {
                self.late_drain.push(handle);
            }
            let depth = trees.have.depth_below(class.parent);
            let interface = self.interface.clone();
            at_depth(&mut self.deletes, depth).push(Operation::DeleteClass { interface, handle });
        }
    }

    fn change_class(&mut self, trees: &mut Trees, handle: Handle, class: &Class, old: &Class) {
        let is_node = trees.want.has_children(handle);
        if is_node && !trees.have.has_children(handle) {
            self.shunned.insert(handle); // its queue goes when the first child comes
        }
        if class.is_kept_as(old) {
            self.unchanged += 1;
            return;
        }
        let change = Operation::ChangeClass { interface: self.interface.clone(), handle, class: *class };
        let depth = trees.want.depth_below(class.parent);
        match (class.rate < old.rate, is_node) {
            (true, false) => self.decreases.push(change),
            (true, true) => at_depth(&mut self.node_decreases, depth).push(change),
            (false, _) => at_depth(&mut self.increases, depth).push(change),
        }
    }

    fn compare_qdiscs(&mut self, trees: &mut Trees, want: &BTreeMap<Handle, Qdisc>, have: &BTreeMap<Handle, Qdisc>) {
        for (&handle, qdisc) in want {
            let old = have.get(&handle);
            let interface = self.interface.clone();
            match old.filter(|old| !trees.goes_early(handle, old)) {
                Some(old) if qdisc.is_kept_as(old) => self.unchanged += 1,
                Some(old) if changes_in_place(old, qdisc) => {
                    self.leaves.push(Operation::ChangeQdisc { interface, handle, qdisc: qdisc.clone() });
                }
                _ => {
                    if let Some(old) = old {
                        self.remove_leaf(trees, handle, old);
                    }
                    if trees.stays(qdisc.parent) {
                        self.shunned.insert(qdisc.parent); // the queue that the kernel gave it goes
                    }
                    let add = Operation::AddQdisc { interface, handle, qdisc: qdisc.clone() };
                    let is_leaf = matches!(qdisc.kind, QdiscKind::Leaf(_));
                    if is_leaf { &mut self.leaves } else { &mut self.qdiscs }.push(add);
                }
            }
        }
        for (&handle, qdisc) in have.iter().filter(|(handle, _)| !want.contains_key(handle)) {
            if trees.have.classes.contains_key(&qdisc.parent) {
                if trees.stays(qdisc.parent) {
                    self.remove_leaf(trees, handle, qdisc);
                }
            } else if qdisc.parent.major() == layout::ROOT_MAJOR && !trees.early_htbs.contains(&handle) {
                self.remove_htb(handle, qdisc);
            }
        }
        // the root comes before what hangs in it
        self.qdiscs.sort_by_key(|operation| match operation {
            Operation::AddQdisc { handle, qdisc, .. } => (qdisc.parent != Handle::ROOT, *handle),
            _ => (true, Handle::NONE),
        });
    }

    /// Deletes a leaf whose class stays, or whose handle is needed elsewhere.
    fn remove_leaf(&mut self, trees: &Trees, handle: Handle, qdisc: &Qdisc) {
        let is_gone = trees.early.contains(&qdisc.parent) || trees.early_htbs.contains(&handle);
        if is_gone || !trees.have.classes.contains_key(&qdisc.parent) {
            return;
        }
        self.shunned.insert(qdisc.parent);
        let interface = self.interface.clone();
        self.notes.push(Note::LeafReplaced { interface: interface.clone(), class: qdisc.parent });
        self.early_deletes.push(Operation::DeleteQdisc { interface, handle, parent: qdisc.parent });
    }

    /// Deletes an HTB that is no longer wanted, when its classes are empty; they go with it.
    fn remove_htb(&mut self, handle: Handle, qdisc: &Qdisc) {
        let is_inside = |operation: &Operation| matches!(operation, Operation::DeleteClass { handle: class, .. } if class.of_qdisc() == handle);
        for level in &mut self.deletes {
            level.retain(|operation| !is_inside(operation));
        }
        let interface = self.interface.clone();
        self.late_qdiscs.push(Operation::DeleteQdisc { interface, handle, parent: qdisc.parent });
    }

    fn delete_early(&mut self, trees: &mut Trees, have: &BTreeMap<Handle, Qdisc>) {
        let mut classes: Vec<(usize, Handle)> = Vec::new();
        for &class in &trees.early {
            self.shunned.insert(class);
            let parent = trees.have.classes[&class].parent;
            classes.push((trees.have.depth_below(parent), class));
        }
        classes.sort_unstable_by(|a, b| b.cmp(a));
        let interface = self.interface.clone();
        let in_htb = |class: &Handle| trees.early_htbs.contains(&class.of_qdisc());
        let alone = classes.iter().map(|&(_, class)| class).filter(|class| !in_htb(class));
        self.early_deletes.extend(alone.map(|handle| Operation::DeleteClass { interface: interface.clone(), handle }));
        for &handle in &trees.early_htbs {
            let parent = have[&handle].parent;
            self.early_deletes.push(Operation::DeleteQdisc { interface: interface.clone(), handle, parent });
        }
        let mut shunned: Vec<Handle> = self.shunned.iter().copied().collect();
        shunned.retain(|&class| !trees.have.has_children(class));
        shunned.sort_unstable();
        self.early_drain.extend(shunned);
    }
}

impl<'a> Trees<'a> {
    fn new(
        new_qdiscs: &BTreeMap<Handle, Qdisc>,
        new_classes: &'a BTreeMap<Handle, Class>,
        old_qdiscs: &BTreeMap<Handle, Qdisc>,
        old_classes: &'a BTreeMap<Handle, Class>,
    ) -> Self {
        let (want, have) = (Tree::new(new_classes), Tree::new(old_classes));
        let early_htbs = early_htbs(new_qdiscs, old_qdiscs);
        let both = new_classes.iter().filter_map(|(&handle, new)| Some((handle, new, old_classes.get(&handle)?)));
        let mut elsewhere = HashSet::new(); // go with all below
        let mut hollow = HashSet::new(); // all below go
        for (handle, new, old) in both {
            if new.parent != old.parent {
                elsewhere.insert(handle);
            } else if have.has_children(handle) && !want.has_children(handle) {
                hollow.insert(handle);
            }
        }
        let early = if elsewhere.is_empty() && hollow.is_empty() && early_htbs.is_empty() {
            HashSet::new()
        } else {
            have.below(|handle| {
                let parent = old_classes.get(&handle).map(|class| class.parent);
                elsewhere.contains(&handle)
                    || parent.is_some_and(|parent| hollow.contains(&parent))
                    || early_htbs.contains(&handle.of_qdisc())
            })
        };
        Self { want, have, early, early_htbs }
    }

    /// Whether a class is there now and not deleted early, and so may have packets.
    fn stays(&self, class: Handle) -> bool {
        self.have.classes.contains_key(&class) && self.want.classes.contains_key(&class) && !self.early.contains(&class)
    }

    fn goes_early(&self, handle: Handle, qdisc: &Qdisc) -> bool {
        self.early_htbs.contains(&handle) || self.early.contains(&qdisc.parent)
    }
}

/// HTBs and strangers in the slots of our `mq` that are in the way of what is wanted there.
fn early_htbs(want: &BTreeMap<Handle, Qdisc>, have: &BTreeMap<Handle, Qdisc>) -> BTreeSet<Handle> {
    let is_slot = |parent: Handle| parent.major() == layout::ROOT_MAJOR && parent.minor() > 0;
    let wanted_slots: BTreeMap<Handle, Handle> =
        want.iter().filter(|(_, qdisc)| is_slot(qdisc.parent)).map(|(&handle, qdisc)| (qdisc.parent, handle)).collect();
    let old = have.iter().filter(|(_, qdisc)| is_slot(qdisc.parent));
    let in_the_way = old.filter(|&(&handle, qdisc)| {
        wanted_slots.get(&qdisc.parent).is_some_and(|&wanted| wanted != handle)
            || want.get(&handle).is_some_and(|wanted| wanted != qdisc)
    });
    in_the_way.map(|(&handle, _)| handle).collect()
}

fn changes_in_place(old: &Qdisc, new: &Qdisc) -> bool {
    match (&old.kind, &new.kind) {
        (QdiscKind::Leaf(from), QdiscKind::Leaf(to)) => old.parent == new.parent && from.can_become(to),
        _ => false,
    }
}

fn root_qdisc(state: &InterfaceState) -> Option<(Handle, &Qdisc)> {
    let candidates = [Some(Handle::qdisc(layout::ROOT_MAJOR)), layout::htb(0)];
    let found = candidates.into_iter().flatten().filter_map(|handle| Some((handle, state.qdiscs.get(&handle)?)));
    found.into_iter().find(|(_, qdisc)| qdisc.parent == Handle::ROOT)
}
