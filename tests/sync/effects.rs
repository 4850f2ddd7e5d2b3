//! What a run does to the world, watched.

use pleach::exit::{Exit, Failure};
use pleach::survey::Survey;
use pleach::sync::{Effects, Step};

/// Notes each step, and plays the kernel.
pub(crate) struct Watched<'a> {
    /// The steps so far.
    pub(crate) steps: Vec<Step>,
    /// How often each shaper was applied, by position.
    pub(crate) applied: Vec<usize>,
    /// Called at each step, before it begins.
    pub(crate) at_step: Box<dyn FnMut(Step) + 'a>,
    /// How an apply ends.
    pub(crate) kernel: KernelMood,
}

/// How an apply ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KernelMood {
    /// Well.
    Good,
    /// Undone.
    Undone,
}

impl Watched<'_> {
    pub(crate) fn new() -> Self {
        Self { steps: Vec::new(), applied: Vec::new(), at_step: Box::new(|_| ()), kernel: KernelMood::Good }
    }
}

impl Effects for Watched<'_> {
    fn step(&mut self, step: Step) {
        (self.at_step)(step);
        self.steps.push(step);
    }

    fn apply(&mut self, shaper: usize, survey: &Survey) -> Result<String, Failure> {
        self.applied.push(shaper);
        match self.kernel {
            KernelMood::Good => Ok(format!("applied {} circuits", survey.census.circuits().len())),
            KernelMood::Undone => {
                Err(Failure { exit: Exit::Undone, error: anyhow::anyhow!("the kernel said no"), hint: None })
            }
        }
    }
}
