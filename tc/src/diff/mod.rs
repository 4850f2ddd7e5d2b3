//! From what is wanted and what there is to the changes in between, in an order that never leaves a packet without a class.
//!
//! What is new is made before anything points at it, and what is old is emptied before it goes: identities, decreases of
//! circuits, increases, classes from the top down, leaves, the device map, a drain, deletions from the bottom up, decreases
//! of nodes. Each is a phase of its own, because a kernel that refuses one operation goes on with the rest of its batch: a
//! map write must not travel with the class it points at.
//!
//! Handles are the key. The planner gives a circuit that moves a new one, so that old and new coexist. A class or leaf that
//! another hand has put in a place where it cannot be changed is replaced as a last resort: its packets take the direct
//! queue of their HTB meanwhile, and the plan says so in a [`Note`].
//!
//! Two sums are exact only when a plan is done, since old and new coexist: classes on their way out do not count towards
//! what their parent guarantees, and a node that will get a lower rate counts with that.

mod devices;
mod interface;
mod program;
#[cfg(test)]
mod tests;
mod tree;

use compact_str::CompactString;

use crate::handle::Handle;
use crate::interface::Interface;
use crate::operation::Operation;
use crate::plan::{Note, Phase, Plan};
use crate::state::{InterfaceState, KernelState};

use interface::InterfaceDiff;

/// Whether what somebody else has put in the way may be removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TakeOver {
    /// It is reported, and nothing is done.
    #[default]
    No,
    /// It is removed.
    Yes,
}

/// Something that is not ours stands where our qdiscs have to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{interface}` has {} `{kind}` with handle `{handle}` that is not ours", what.words())]
pub struct Foreign {
    /// Where.
    pub interface: Interface,
    /// In which place.
    pub what: ForeignPlace,
    /// Its kind.
    pub kind: CompactString,
    /// Its handle.
    pub handle: Handle,
}

/// Where something that is not ours stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignPlace {
    /// At the root.
    Root,
    /// On ingress, where it excludes clsact.
    Ingress,
}

impl ForeignPlace {
    const fn words(self) -> &'static str {
        match self {
            Self::Root => "a root qdisc",
            Self::Ingress => "an ingress qdisc",
        }
    }
}

/// Nothing was planned, because it would have removed what is not ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Refused(pub Vec<Foreign>);

/// The changes that turn `observed` into `desired`.
///
/// Only interfaces of `desired` are looked at; one that `observed` does not have is taken as empty. Where `desired` has no
/// root of ours, ours is removed and a foreign one stays.
pub fn diff(desired: &KernelState, observed: &KernelState, take_over: TakeOver) -> Result<Plan, Refused> {
    let nothing = InterfaceState::default();
    let mut foreign = Vec::new();
    let mut parts = Vec::with_capacity(desired.interfaces.len());
    for (name, want) in &desired.interfaces {
        let have = observed.interfaces.get(name).unwrap_or(&nothing);
        parts.push(InterfaceDiff::new(name, want, have, &mut foreign));
    }
    if take_over == TakeOver::No && !foreign.is_empty() {
        return Err(Refused(foreign));
    }
    let program = program::ProgramDiff::new(desired, observed, &parts);
    Ok(assemble(parts, program, foreign))
}

/// Puts the parts into the order that the module describes.
fn assemble(parts: Vec<InterfaceDiff>, program: program::ProgramDiff, foreign: Vec<Foreign>) -> Plan {
    let mut plan = Plan { unchanged: program.unchanged, ..Plan::default() };
    let mut steps = Steps::default();
    let mut early_drain = Vec::new();
    let mut late_drain = Vec::new();
    steps.bypass = program.bypass;
    steps.detours = program.detours;
    steps.prepare = program.first_time;
    steps.identify = program.identify;
    steps.map = program.map;
    steps.forget = program.forget;
    for part in parts {
        plan.unchanged += part.unchanged;
        plan.notes.extend(part.notes);
        early_drain.extend(part.early_drain.into_iter().map(|class| (part.interface.clone(), class)));
        late_drain.extend(part.late_drain.into_iter().map(|class| (part.interface.clone(), class)));
        steps.early_deletes.extend(part.early_deletes);
        steps.ground.extend(part.ground);
        steps.decreases.extend(part.decreases);
        append_by_depth(&mut steps.increases, part.increases);
        steps.qdiscs.extend(part.qdiscs);
        append_by_depth(&mut steps.classes, part.classes);
        steps.leaves.extend(part.leaves);
        append_by_depth(&mut steps.deletes, part.deletes);
        steps.late_qdiscs.extend(part.late_qdiscs);
        append_by_depth(&mut steps.node_decreases, part.node_decreases);
        steps.leave.extend(part.leave);
    }
    // clsact before the program that hangs in it
    steps.ground.append(&mut steps.prepare);
    plan.notes.extend(foreign.into_iter().map(Note::TakenOver));
    let flat = |levels: Vec<Vec<Operation>>| levels.into_iter().flatten().collect::<Vec<_>>();
    let upwards = |levels: Vec<Vec<Operation>>| levels.into_iter().rev().flatten().collect::<Vec<_>>();
    let operations = |plan: &mut Plan, operations: Vec<Operation>| {
        if !operations.is_empty() {
            plan.phases.push(Phase::Operations(operations));
        }
    };
    let drain = |plan: &mut Plan, classes: Vec<(Interface, Handle)>| {
        if !classes.is_empty() {
            plan.phases.push(Phase::Drain(classes));
        }
    };
    operations(&mut plan, steps.bypass);
    operations(&mut plan, steps.detours);
    drain(&mut plan, early_drain);
    operations(&mut plan, steps.early_deletes);
    operations(&mut plan, steps.ground);
    operations(&mut plan, steps.identify);
    operations(&mut plan, steps.decreases);
    operations(&mut plan, flat(steps.increases));
    operations(&mut plan, steps.qdiscs);
    operations(&mut plan, flat(steps.classes));
    operations(&mut plan, steps.leaves);
    operations(&mut plan, steps.map);
    drain(&mut plan, late_drain);
    operations(&mut plan, upwards(steps.deletes));
    operations(&mut plan, steps.late_qdiscs);
    operations(&mut plan, upwards(steps.node_decreases));
    operations(&mut plan, steps.forget);
    operations(&mut plan, steps.leave);
    plan
}

#[derive(Default)]
struct Steps {
    bypass: Vec<Operation>,
    detours: Vec<Operation>,
    early_deletes: Vec<Operation>,
    ground: Vec<Operation>,
    prepare: Vec<Operation>,
    identify: Vec<Operation>,
    decreases: Vec<Operation>,
    increases: Vec<Vec<Operation>>,
    qdiscs: Vec<Operation>,
    classes: Vec<Vec<Operation>>,
    leaves: Vec<Operation>,
    map: Vec<Operation>,
    deletes: Vec<Vec<Operation>>,
    late_qdiscs: Vec<Operation>,
    node_decreases: Vec<Vec<Operation>>,
    forget: Vec<Operation>,
    leave: Vec<Operation>,
}

fn append_by_depth(all: &mut Vec<Vec<Operation>>, part: Vec<Vec<Operation>>) {
    for (depth, operations) in part.into_iter().enumerate() {
        at_depth(all, depth).extend(operations);
    }
}

fn at_depth(levels: &mut Vec<Vec<Operation>>, depth: usize) -> &mut Vec<Operation> {
    if levels.len() <= depth {
        levels.resize_with(depth + 1, Vec::new);
    }
    &mut levels[depth]
}
