//! What is applied: the plan for the network that everything is measured on.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use pleach::config::Shaper;
use pleach::shapers::Rooted;
use pleach_graph::{Projection, Rate, View};
use pleach_shaper::{
    Control, Hierarchy, Host, LeafSettings, Ledger, Ports, QueuePlan, Rebalance, RootSpread, Settings, Share, Unknown,
    plan,
};
use pleach_tc::{Class, Interface, KernelState, LeafKind, PerDirection};

use super::Sizes;
use super::namespace::{INTERFACE, OTHER_INTERFACE};
use crate::measure::{Measure, Series};
use crate::subject::Subject;

/// The priority that the planner gives the classes of circuits.
const CIRCUIT_PRIORITY: u8 = 3;

fn interface(name: &str) -> Result<Interface> {
    name.parse().context("invariant: a good name")
}

fn settings() -> Result<Settings> {
    let ports = PerDirection { download: interface(INTERFACE)?, upload: interface(OTHER_INTERFACE)? };
    let leaf = LeafSettings { kind: LeafKind::Pfifo, ..LeafSettings::default() };
    Ok(Settings {
        ports: Ports::Two(ports),
        share: Share::default(),
        root_spread: RootSpread::default(),
        leaf,
        circuits: BTreeMap::new(),
        control: Control::default(),
        unknown: Unknown::default(),
        overhead: 0,
        mpu: 0,
        tunnels: pleach_shaper::Tunnels::default(),
        memory_limit: Some(u64::MAX),
    })
}

fn hierarchy(subject: &Subject) -> Result<Hierarchy> {
    let survey = subject.survey();
    let shaper = Shaper { projection: Projection::ApOnly, ..Subject::shaper() }; // many subtrees: all queues are used
    let rooted = Rooted::new(&survey.network, shaper)?;
    let view: View<'_> = rooted.view(&survey.census, &survey.nodes);
    Ok(Hierarchy::from_view(&view, &survey.census, |_| true))
}

fn planned(subject: &Subject, queues: u16) -> Result<(Hierarchy, Settings, Host, QueuePlan)> {
    let (hierarchy, settings) = (hierarchy(subject)?, settings()?);
    let queues = [INTERFACE, OTHER_INTERFACE].map(|name| interface(name).map(|interface| (interface, queues)));
    let queues = queues.into_iter().collect::<Result<_>>()?;
    let host = Host { queues, memory_available: u64::MAX, ..Host::default() };
    let queue_plan = plan(&hierarchy, &settings, &host, &Ledger::default(), Rebalance::Never)?;
    Ok((hierarchy, settings, host, queue_plan))
}

/// What both interfaces and the classifier should hold.
pub(crate) fn whole(sizes: Sizes) -> Result<KernelState> {
    let (.., queue_plan) = planned(&Subject::new(sizes.circuits, None), sizes.queues)?;
    let mut state = queue_plan.state;
    if let Some(classifier) = &mut state.classifier {
        classifier.version = pleach_kernel::bpf::embedded_version();
    }
    Ok(state)
}

/// The download interface's part of it, without the classifier.
pub(crate) fn one_direction(whole: &KernelState) -> KernelState {
    let mut state = whole.clone();
    state.classifier = None;
    state.interfaces.retain(|name, _| name.as_str() == INTERFACE);
    for interface in state.interfaces.values_mut() {
        interface.attached = None;
        interface.has_clsact = false;
    }
    state
}

pub(crate) fn interfaces(state: &KernelState) -> Vec<Interface> {
    state.interfaces.keys().cloned().collect()
}

/// The state with the ceilings of `count` leaf classes a little lower; another run, another amount.
pub(crate) fn with_ceilings_changed(state: &KernelState, count: usize, run: usize) -> Result<KernelState> {
    let mut changed = state.clone();
    let lower = 800 * (run as u64 + 1);
    let classes = changed.interfaces.values_mut().flat_map(|interface| interface.classes.values_mut());
    let circuits = classes.filter(|class| class.priority == CIRCUIT_PRIORITY);
    let mut left = count;
    for class in circuits.take(count) {
        class.ceil = Class::kernel_rate(Rate::from_bit(class.ceil.bit() - lower));
        left -= 1;
    }
    ensure!(left == 0, "{left} classes are missing");
    Ok(changed)
}

/// How long the planner takes: without a ledger, and with the first plan's.
pub fn plan_times(circuits: usize, queues: u16, runs: usize) -> Result<(Series, Series)> {
    let subject = Subject::new(circuits, None);
    let (hierarchy, settings, host, first) = planned(&subject, queues)?;
    let times = |ledger: &Ledger| -> Result<Series> {
        let mut measures = Vec::new();
        for _ in 0..runs {
            let mut outcome = None;
            measures.push(Measure::of(|| {
                outcome = Some(plan(&hierarchy, &settings, &host, ledger, Rebalance::Never));
            }));
            let made = outcome.context("invariant: it ran")??;
            ensure!(made.ledger != Ledger::default(), "nothing was planned");
        }
        Ok(Series::new(measures))
    };
    Ok((times(&Ledger::default())?, times(&first.ledger)?))
}
