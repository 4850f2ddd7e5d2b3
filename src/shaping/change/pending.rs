//! How to go back: what is written to the state folder before the first change of the kernel.

use std::collections::BTreeMap;

use pleach_tc::{Interface, UndoRecord};
use serde::{Deserialize, Serialize};

use super::ChangeError;
use crate::state::{Deadline, Moment, Name, Standing, StateError, StateFolder};

/// The version of the file.
const VERSION: u32 = 1;

/// How to go back to what was there before an apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    version: u32,
    /// When it was written.
    pub written: Moment,
    /// Until when the apply must be confirmed; none where nobody has to.
    pub deadline: Option<Deadline>,
    /// Whether all was done and read back. Until then there is nothing that could be confirmed.
    #[serde(default)]
    pub is_complete: bool,
    /// The interfaces that were looked at.
    pub interfaces: Vec<Interface>,
    /// Their numbers then: one that was made anew has another.
    #[serde(default)]
    pub numbers: BTreeMap<Interface, u32>,
    /// What was there, before the first of those that were cut short.
    pub undo: UndoRecord,
    /// The files of the state folder as they were, whole.
    pub files: Files,
}

/// Files of the state folder as they were; none where there was none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// Who has which numbers.
    pub ledger: Option<String>,
    /// What the interfaces were like at first.
    pub baseline: Option<String>,
}

impl Files {
    /// As they are.
    pub fn read(folder: &StateFolder) -> Result<Self, StateError> {
        Ok(Self { ledger: folder.read(Name::Ledger)?, baseline: folder.read(Name::Baseline)? })
    }

    /// Puts them back as they were.
    pub fn put_back(&self, folder: &StateFolder) -> Result<(), StateError> {
        for (name, text) in [(Name::Ledger, &self.ledger), (Name::Baseline, &self.baseline)] {
            match text {
                Some(text) => folder.write(name, text)?,
                None => folder.remove(name)?,
            }
        }
        Ok(())
    }
}

impl Pending {
    /// A record of what was there before a change that has not begun.
    pub fn new(written: Moment, interfaces: Vec<Interface>, undo: UndoRecord, files: Files) -> Self {
        Self {
            version: VERSION,
            written,
            deadline: None,
            is_complete: false,
            interfaces,
            numbers: BTreeMap::new(),
            undo,
            files,
        }
    }

    /// The same behind an apply that was cut short: going back goes back to before that.
    #[must_use]
    pub fn behind(mut self, cut_short: Self) -> Self {
        self.undo = self.undo.behind(cut_short.undo);
        for interface in cut_short.interfaces {
            if !self.interfaces.contains(&interface) {
                self.interfaces.push(interface);
            }
        }
        self.numbers.extend(cut_short.numbers);
        Self { files: cut_short.files, ..self }
    }

    /// Reads one of the two records.
    pub fn read(folder: &StateFolder, name: Name) -> Result<Option<Self>, ChangeError> {
        let Some(text) = folder.read(name)? else { return Ok(None) };
        let unreadable = |source| ChangeError::Unreadable { path: folder.file(name), source };
        serde_json::from_str(&text).map(Some).map_err(unreadable)
    }

    /// Writes it as the record of the apply that runs or waits for its confirmation.
    pub fn write(&self, folder: &StateFolder) -> Result<(), StateError> {
        let text = serde_json::to_string(self).expect("invariant: a record has no map whose keys are not text");
        folder.write(Name::Undo, &text)
    }

    /// What it is worth now.
    pub fn standing(&self, folder: &StateFolder, now: &Moment) -> Standing {
        Standing::of(&self.written, self.deadline.as_ref(), now, folder.watcher())
    }
}
