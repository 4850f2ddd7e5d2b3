//! From what was found and what is wanted to a decided change, and its way back.

use std::collections::BTreeSet;

use pleach_tc::Interface;

use super::baseline::Baseline;
use super::diff::diff;
use super::found::Found;
use super::link::{LinkId, Membership};
use super::plan::LinkPlan;
use super::state::LinkState;

/// A change that is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What should be there.
    pub desired: LinkState,
    /// What was there: where a change that fails goes back to.
    pub before: LinkState,
    /// How to get there.
    pub plan: LinkPlan,
    /// Interfaces whose clsact goes when nothing of ours is in it any more.
    pub removable: BTreeSet<Interface>,
}

/// Decides what to change. The baseline knows the interfaces already that `wanted` touches ([`Baseline::learn`]).
pub fn decide(found: &Found, wanted: &LinkState, baseline: &Baseline) -> Decision {
    let removable = baseline.removable(found);
    let mut desired = found.less_shared(wanted.clone());
    desired.down = baseline.down(found);
    desired.down.retain(|name| !desired.members.contains_key(name));
    let plan = diff(&found.toward(&desired, &removable), &desired);

    // Everything that may change counts on the way back.
    let filters = std::mem::take(&mut desired.filters);
    let mut touched = LinkState { filters, ..desired.clone() };
    let is_other = |name: &&Interface| found.others.contains_key(*name);
    touched.down.extend(desired.members.keys().filter(is_other).cloned());
    for name in &desired.down {
        touched.members.insert(name.clone(), Membership::Alone);
    }
    let mut before = found.toward(&touched, &removable);
    before.links.retain(|_, link| link.id != LinkId::half_made());
    desired.filters = touched.filters;
    Decision { desired, before, plan, removable }
}
