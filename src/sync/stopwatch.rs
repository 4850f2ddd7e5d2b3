//! How long each step of a run takes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::report::rounded;
use super::step::Step;

/// How long each step takes.
#[derive(Debug)]
pub(super) struct Stopwatch {
    began: Instant,
    current: Option<(Step, Instant)>,
    steps: BTreeMap<Step, Duration>,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { began: Instant::now(), current: None, steps: BTreeMap::new() }
    }

    /// A step begins, and with it the one before ends.
    pub(super) fn step(&mut self, step: Step) {
        let now = Instant::now();
        if let Some((before, since)) = self.current.replace((step, now)) {
            *self.steps.entry(before).or_default() += now - since;
        }
    }

    /// How many seconds it took in all, and each step.
    pub(super) fn stop(&self) -> (f64, BTreeMap<Step, f64>) {
        let steps = self.steps.iter().map(|(step, time)| (*step, rounded(*time))).collect();
        (rounded(self.began.elapsed()), steps)
    }
}
