//! What becomes of subscribers who are suspended: the same words and the same rates in every source.

use pleach_graph::{Aspect, Capacity, GraphBuilder, NodeId, NodeIndex, PlanRate, Rate, rate_text};
use serde::{Deserialize, Serialize};

/// What becomes of subscribers who are suspended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suspended {
    /// They keep their plan: something else stops them.
    None,
    /// Each is shaped to the smallest rate, [`Rate::SUBSCRIBER_MIN`].
    #[default]
    Slow,
    /// They are left out.
    Ignore,
    /// They hang from the walled garden.
    Walled,
}

/// A rate for each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// Towards the subscriber.
    #[serde(serialize_with = "rate_text::write")]
    pub down: Rate,
    /// From the subscriber.
    #[serde(serialize_with = "rate_text::write")]
    pub up: Rate,
}

impl Rates {
    /// What a walled garden has unless it is said: 1 Mbit/s each, by which a page that says how to pay loads.
    pub const WALLED: Self = Self { down: Rate::from_mbit(1), up: Rate::from_mbit(1) };

    /// [`Self::WALLED`], for serde.
    pub fn walled() -> Self {
        Self::WALLED
    }
}

impl Suspended {
    /// The plan, down and up, that takes the place of a suspended subscriber's own, where one does.
    pub fn plan(self, walled: Rates) -> Option<(PlanRate, PlanRate)> {
        let Rates { down, up } = match self {
            Self::None | Self::Ignore => return None,
            Self::Slow => Rates { down: Rate::SUBSCRIBER_MIN, up: Rate::SUBSCRIBER_MIN },
            Self::Walled => walled,
        };
        let min = (self == Self::Slow).then_some(Rate::SUBSCRIBER_MIN);
        Some((PlanRate { min, max: Some(down) }, PlanRate { min, max: Some(up) }))
    }
}

/// Adds the site that suspended subscribers hang from where they are walled, at the top of the network.
pub fn walled_garden(network: &mut GraphBuilder, id: NodeId, Rates { down, up }: Rates) -> NodeIndex {
    let entry = network.site(id, "Walled garden").capacity(Capacity::of(down, up)).at_top();
    entry.because(Aspect::Capacity, "the `walled` of the configuration, shared by all who are suspended").index()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_is_slowed_or_walled_gets_another_plan() {
        let walled = Rates { down: Rate::from_mbit(2), up: Rate::from_mbit(1) };
        assert_eq!([Suspended::None, Suspended::Ignore].map(|suspended| suspended.plan(walled)), [None, None]);
        let least = PlanRate { min: Some(Rate::SUBSCRIBER_MIN), max: Some(Rate::SUBSCRIBER_MIN) };
        assert_eq!(Suspended::Slow.plan(walled), Some((least, least)));
        let most = |mbit| PlanRate { min: None, max: Some(Rate::from_mbit(mbit)) };
        assert_eq!(Suspended::Walled.plan(walled), Some((most(2), most(1))));
    }
}
