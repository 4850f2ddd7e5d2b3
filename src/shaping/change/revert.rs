//! Going back to what was there before.

use pleach_kernel::Kernel;
use pleach_tc::{Difference, Interface, KernelState, MapWrite, Operation, PortMode, TakeOver, compare, diff};

use super::carry_out::carry_out;
use super::pending::Pending;
use super::{ChangeError, Failed};
use crate::state::StateFolder;

/// Gone back, but not all the way.
#[derive(Debug, thiserror::Error)]
#[error("{first}{}", left_words(left))]
pub struct RevertError {
    /// What failed first.
    #[source]
    pub first: Box<ChangeError>,
    /// Where the kernel does not hold what it held before.
    pub left: Vec<Difference>,
    /// Whether packets pass unshaped now, rather than through half a tree.
    pub bypassed: bool,
}

/// How many differences are named before the rest is counted.
const SHOWN: usize = 20;

fn left_words(left: &[Difference]) -> String {
    let mut text: String = left.iter().take(SHOWN).map(|difference| format!("\n  {difference}")).collect();
    if left.len() > SHOWN {
        text.push_str("\n  and more");
    }
    text
}

/// Goes back: kernel first, then the files of the state folder. Doing it twice does nothing the second time.
pub fn revert(kernel: &mut dyn Kernel, folder: &StateFolder, pending: &Pending) -> Result<(), RevertError> {
    match kernel_back(kernel, pending) {
        Ok(()) => pending.files.put_back(folder).map_err(|first| failed(first, Vec::new(), false)),
        Err(first) => {
            let (left, bypassed) = give_up(kernel, pending);
            Err(failed(first, left, bypassed))
        }
    }
}

fn failed(first: ChangeError, left: Vec<Difference>, bypassed: bool) -> RevertError {
    RevertError { first: Box::new(first), left, bypassed }
}

fn kernel_back(kernel: &mut dyn Kernel, pending: &Pending) -> Result<(), ChangeError> {
    let observed = kernel.observe(&pending.interfaces)?;
    let target = pending.target(observed.clone());
    let plan = diff(&target, &observed, TakeOver::No)?;
    carry_out(kernel, &plan)?;
    let left = compare(&target, &kernel.observe(&pending.interfaces)?);
    if left.is_empty() { Ok(()) } else { Err(ChangeError::Failed(Failed::NotAsPlanned(left))) }
}

/// What is still different, and whether packets could be sent past the tree.
fn give_up(kernel: &mut dyn Kernel, pending: &Pending) -> (Vec<Difference>, bool) {
    let Ok(observed) = kernel.observe(&pending.interfaces) else { return (Vec::new(), false) };
    let left = compare(&pending.target(observed.clone()), &observed);
    let is_bypassed = bypass(kernel, &observed, &pending.interfaces);
    (left, is_bypassed)
}

/// Sends packets past the tree: one map write for each interface.
fn bypass(kernel: &mut dyn Kernel, observed: &KernelState, interfaces: &[Interface]) -> bool {
    let Some(classifier) = &observed.classifier else { return false };
    let attached = interfaces.iter().filter_map(|name| observed.interfaces.get(name)?.attached);
    let writes: Vec<Operation> = attached
        .filter_map(|index| {
            let port = *classifier.ports.get(&index)?;
            let port = pleach_tc::Port { mode: PortMode::Bypass, ..port };
            Some(Operation::Map(MapWrite::SetPort { index, port }))
        })
        .collect();
    !writes.is_empty() && kernel.execute(&writes).is_complete(writes.len())
}
