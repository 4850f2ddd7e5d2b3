//! Several sources that speak of one thing: which records are one, and what is believed where they disagree.
//!
//! Nothing is guessed. Records become one node where a [rule](SameRule) says so, and only then. The node keeps the id that
//! the source has for it which is believed for topology; its other ids still lead to it. What a group of records states is
//! put together field by field: the first source of the [preference](Prefer) that states a value is believed, a
//! different value of another is a problem, an equal one is none. Links of all sources stay side by side; the one between a
//! site and its parent, which a link says more of than a parent does, carries what the source says that is believed.

mod addresses;
mod candidates;
mod groups;
mod keys;
mod links;
mod matching;
mod merge;
mod places;
mod preference;
mod report;
mod rules;
mod sets;
mod stated;

use std::cell::OnceCell;

pub use rules::{By, Prefer, RuleError, SameRule, SameRules};

use crate::builder::GraphBuilder;
use crate::owners::Owners;
use preference::Preferences;

/// Makes records one as the rules say. To be called when all sources have added their records, and before anything else
/// changes what they state. `source_order` is the order in which sources are configured.
///
/// Without a rule it does nothing. Nor does it on records that have been made one already: rules speak of what sources
/// state, not of what came of it.
pub fn apply(builder: &mut GraphBuilder, rules: &SameRules, source_order: &[String]) {
    report_unknown_sources(builder, &rules.prefer, source_order);
    if rules.same.is_empty() || builder.is_joined {
        return;
    }
    builder.is_joined = true;
    crate::join::settle_duplicates(builder);
    let known_owners = OnceCell::new();
    let mut owners = |builder: &GraphBuilder| known_owners.get_or_init(|| stated_owners(builder));
    let prefer = Preferences::new(&rules.prefer, source_order);

    let pairs = matching::pairs(builder, &rules.same, &mut owners);
    let groups = groups::form(builder, pairs, &prefer.topology);
    groups.iter().for_each(|group| merge::explain_identity(builder, group));
    groups.iter().for_each(|group| merge::name(builder, group, &prefer));
    addresses::settle(builder, &groups, &prefer.addresses, &mut owners);
    let winners = places::Winners::new(builder, &groups);
    groups.iter().for_each(|group| merge::merge(builder, group, &prefer, &winners));
    links::settle(builder, &groups, &winners, &prefer.topology);
    groups.iter().for_each(|group| merge::capacities(builder, group));
    places::close_up(builder, &winners);
}

/// For each record its client, by the parents that records state.
fn stated_owners(builder: &GraphBuilder) -> Owners {
    Owners::by(&builder.graph, |node| builder.parent(node))
}

fn report_unknown_sources(builder: &mut GraphBuilder, prefer: &Prefer, source_order: &[String]) {
    let Prefer { topology, rates, addresses, names } = prefer;
    for (list, sources) in [("topology", topology), ("rates", rates), ("addresses", addresses), ("names", names)] {
        for source in sources.iter().filter(|source| !source_order.contains(source)) {
            report::unknown_source(builder, list, source, source_order);
        }
    }
}
