//! What a tariff sells, as rates.

use std::fmt::Write as _;

use hashbrown::HashMap;
use pleach_graph::{Code, NodeId, PlanRate, Problem, Rate};

use super::Import;
use crate::list::List;
use crate::records::{Burst, Guarantee, Tariff};

/// The rates of a tariff, and what they come from.
#[derive(Clone, Default)]
pub(super) struct TariffPlan {
    pub(super) down: PlanRate,
    pub(super) up: PlanRate,
    pub(super) reason: String,
}

impl Import<'_> {
    /// The plans of all tariffs. A tariff without a speed is named: its services get the default plan.
    pub(super) fn tariff_plans(&mut self) -> HashMap<u64, TariffPlan> {
        let data = self.data;
        let mut plans = HashMap::new();
        for tariff in data.tariffs.all() {
            let id = self.tables.id(List::Tariffs, tariff.id);
            let (plan, problems) = plan(tariff, &id);
            for problem in problems {
                self.network.report(problem.at(data.document(List::Tariffs), 0).record(&id));
            }
            plans.insert(tariff.id, plan);
        }
        plans
    }
}

fn plan(tariff: &Tariff, id: &NodeId) -> (TariffPlan, Vec<Problem>) {
    let mut problems = Vec::new();
    for (field, rate) in [("speed_download", tariff.down), ("speed_upload", tariff.up)] {
        if rate.is_none() {
            let message = format!("tariff `{}` states no `{field}`; its services get the default plan's", tariff.title);
            problems.push(
                Problem::new(Code::BlankRate, message).field(field).hint("set the speed of the tariff in Splynx"),
            );
        }
    }
    if let Guarantee::Percent(percent) = tariff.guarantee
        && percent.0 > 100_000
    {
        let message = format!("tariff `{}` guarantees {percent} % of its speed; all of it is used", tariff.title);
        let problem = Problem::new(Code::MinAboveMax, message).field("speed_limit_at");
        problems.push(problem.value(&percent.to_string()).hint("set it to 100 or less in Splynx"));
    }
    let rates = |max: Option<Rate>, fixed: Option<Rate>| PlanRate { min: minimum(tariff, max, fixed), max };
    let (down, up) = match tariff.guarantee {
        Guarantee::Fixed { down, up } => (rates(tariff.down, down), rates(tariff.up, up)),
        _ => (rates(tariff.down, None), rates(tariff.up, None)),
    };
    (TariffPlan { down, up, reason: reason(tariff, id) }, problems)
}

/// What a tariff promises at all times: what it guarantees, and no more than the share of one where several have the speed
/// together. A share is a promise of its own: so much is left when all use it.
fn minimum(tariff: &Tariff, max: Option<Rate>, fixed: Option<Rate>) -> Option<Rate> {
    let guaranteed = match tariff.guarantee {
        Guarantee::None => None,
        Guarantee::Percent(percent) => max.map(|max| max.scaled(percent.0.min(100_000), 100_000)),
        Guarantee::Fixed { .. } => fixed,
    };
    let shared = tariff.aggregation.filter(|ratio| ratio.0 > 1000);
    let share = shared.and_then(|ratio| max.map(|max| max.scaled(1000, ratio.0)));
    let least = match (guaranteed, share) {
        (Some(guaranteed), Some(share)) => Some(guaranteed.min(share)),
        (stated, None) | (None, stated) => stated,
    };
    least.filter(|rate| *rate != Rate::ZERO)
}

fn reason(tariff: &Tariff, id: &NodeId) -> String {
    let mut text = format!("tariff `{}` ({id})", tariff.title);
    let rate = |rate: Option<Rate>| rate.map_or_else(|| "nothing".to_owned(), |rate| rate.to_string());
    // Writing to a String cannot fail.
    let _ = match tariff.guarantee {
        Guarantee::None => Ok(()),
        Guarantee::Percent(percent) => write!(text, "; it guarantees {percent} %"),
        Guarantee::Fixed { down, up } => write!(text, "; it guarantees {} and {}", rate(down), rate(up)),
    };
    if let Some(ratio) = tariff.aggregation.filter(|ratio| ratio.0 > 1000) {
        let _ = write!(text, "; its speed is shared 1:{ratio}");
    }
    let _ = match tariff.burst {
        Burst::None | Burst::Fixed { down: None, up: None } => Ok(()),
        Burst::Percent(percent) => write!(text, "; its burst of {percent} % more is not used"),
        Burst::Fixed { down, up } => write!(text, "; its burst of {} and {} is not used", rate(down), rate(up)),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Thousandths;

    const MBIT: u64 = 1_000_000;

    fn tariff(guarantee: Guarantee, aggregation: Option<u64>) -> Tariff {
        Tariff {
            id: 1,
            title: "Home".into(),
            down: Some(Rate::from_mbit(100)),
            up: Some(Rate::from_mbit(20)),
            guarantee,
            aggregation: aggregation.map(Thousandths),
            burst: Burst::Percent(Thousandths(50_500)),
        }
    }

    fn minimums(tariff: &Tariff) -> [Option<u64>; 2] {
        let plan = plan(tariff, &"splynx:tariff:1".parse().expect("an id")).0;
        [plan.down.min, plan.up.min].map(|rate| rate.map(Rate::bit))
    }

    #[test]
    fn guarantees_and_shares() {
        let percent = |parts| Guarantee::Percent(Thousandths(parts));
        let fixed = Guarantee::Fixed { down: Some(Rate::from_mbit(30)), up: None };
        for (guarantee, aggregation, expected) in [
            (Guarantee::None, None, [None, None]),
            (Guarantee::None, Some(1000), [None, None]),
            (Guarantee::None, Some(5000), [Some(20 * MBIT), Some(4 * MBIT)]),
            (percent(20_000), None, [Some(20 * MBIT), Some(4 * MBIT)]),
            (percent(12_500), Some(4000), [Some(12_500_000), Some(2_500_000)]),
            (percent(100_000), Some(4000), [Some(25 * MBIT), Some(5 * MBIT)]),
            (percent(150_000), None, [Some(100 * MBIT), Some(20 * MBIT)]),
            (fixed, None, [Some(30 * MBIT), None]),
            (fixed, Some(10_000), [Some(10 * MBIT), Some(2 * MBIT)]),
        ] {
            assert_eq!(minimums(&tariff(guarantee, aggregation)), expected, "{guarantee:?} {aggregation:?}");
        }
    }

    #[test]
    fn a_burst_is_explained_and_never_added() {
        let (plan, problems) = plan(&tariff(Guarantee::None, Some(5000)), &"splynx:tariff:1".parse().expect("an id"));
        assert!(problems.is_empty());
        assert_eq!(plan.down.max, Some(Rate::from_mbit(100)));
        assert_eq!(
            plan.reason,
            "tariff `Home` (splynx:tariff:1); its speed is shared 1:5; its burst of 50.5 % more is not used"
        );
    }

    #[test]
    fn what_a_tariff_lacks_is_named() {
        let blank = Tariff { up: None, ..tariff(Guarantee::Percent(Thousandths(150_000)), None) };
        let (plan, problems) = plan(&blank, &"splynx:tariff:1".parse().expect("an id"));
        assert_eq!((plan.up, problems.len()), (PlanRate::default(), 2));
    }
}
