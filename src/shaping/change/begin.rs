//! Everything that must be on disk, and alive, before the kernel is touched.

use pleach_tc::{Baseline, Interface, UndoRecord};

use super::{Change, ChangeError, Files, Pending, Trial};
use crate::state::{ClockError, Deadline, Moment, Name, StateError, StateFolder};

/// Writes the undo record, the ledger and the baseline, and starts the watcher. If any of that fails, the folder is as it
/// was before.
pub(super) fn begin(
    folder: &StateFolder,
    clock: &dyn Fn() -> Result<Moment, ClockError>,
    number: &dyn Fn(&Interface) -> Option<u32>,
    change: &Change,
    own: UndoRecord,
    cut_short: Option<Pending>,
    trial: Option<&mut Trial<'_>>,
) -> Result<Pending, ChangeError> {
    let now = clock()?;
    let before = (Files::read(folder)?, cut_short.clone());
    let mut pending = Pending::new(now.clone(), change.interfaces.clone(), own, before.0.clone());
    let known = change.interfaces.iter().filter_map(|interface| Some((interface.clone(), number(interface)?)));
    pending.numbers = known.collect();
    pending.deadline = trial.as_ref().map(|trial| Deadline::from_now(&now, trial.seconds));
    let pending = match cut_short {
        Some(former) => pending.behind(former),
        None => pending,
    };
    let written = pending.write(folder).and_then(|()| keep_files(folder, change, Forget::No));
    let started = written.map_err(ChangeError::from).and_then(|()| match trial {
        Some(trial) => Ok((trial.start_watcher)(folder)?),
        None => Ok(()),
    });
    if let Err(error) = started {
        take_back(folder, before)?;
        return Err(error);
    }
    Ok(pending)
}

fn take_back(folder: &StateFolder, (files, cut_short): (Files, Option<Pending>)) -> Result<(), StateError> {
    files.put_back(folder)?;
    match cut_short {
        Some(former) => former.write(folder),
        None => folder.remove(Name::Undo),
    }
}

/// Whether what is no longer needed may go: not before all is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forget {
    No,
    Yes,
}

/// Writes what belongs to a change besides its undo record.
pub(super) fn keep_files(folder: &StateFolder, change: &Change, forget: Forget) -> Result<(), StateError> {
    if let Some(ledger) = &change.ledger {
        if change.is_ledger_rebuilt {
            folder.set_aside(Name::Ledger)?;
        }
        folder.write(Name::Ledger, ledger)?;
    }
    match &change.baseline {
        Some(baseline) => folder.write(Name::Baseline, &text(baseline)),
        None if forget == Forget::Yes => folder.remove(Name::Baseline),
        None => Ok(()),
    }
}

fn text(baseline: &Baseline) -> String {
    serde_json::to_string(baseline).expect("invariant: a baseline's keys are names")
}
