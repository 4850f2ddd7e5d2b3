//! What an undo that failed left behind, in words: what, where, and whose.

use std::fmt::Write as _;

use pleach_kernel::Bypass;
use pleach_shaper::{Ledger, Subjects};
use pleach_tc::Difference;

use crate::shaping::change::{Files, Pending, RevertError};
use crate::shaping::owner::line;
use crate::state::{Name, StateFolder};

/// How many differences are said; the file has all of them.
const SHOWN: usize = 20;

/// How packets pass now, what is left, and what to do.
pub(super) fn incomplete(folder: &StateFolder, undo: &RevertError) -> String {
    let again = "hint: `pleach rollback` tries again";
    let undo = match undo {
        RevertError::Files(_) => {
            return format!("the kernel is as it was before; only the state folder is not\n{again}");
        }
        RevertError::Kernel(undo) => undo,
    };
    let mut text = match &undo.bypass {
        Bypass::Done => "all packets pass unshaped now, rather than through half a tree".to_owned(),
        Bypass::Failed(error) => {
            format!("the shaper could not be bypassed ({error}): `pleach stop` removes it")
        }
    };
    match &undo.left {
        Some(left) => text.push_str(&list(folder, left)),
        None => text.push_str("\nwhat is left could not be read back: `pleach verify` says"),
    }
    let _ = write!(text, "\n{again}");
    text
}

fn list(folder: &StateFolder, left: &[Difference]) -> String {
    let owners = owners(folder);
    let owners: Vec<&Subjects> = owners.iter().collect();
    let lines: Vec<String> = left.iter().map(|difference| line(difference, &owners)).collect();
    let mut text = format!("\nleft, of what was there before ({}):", lines.len());
    for line in lines.iter().take(SHOWN) {
        let _ = write!(text, "\n  {line}");
    }
    if lines.len() > SHOWN {
        let more = lines.len() - SHOWN;
        let _ = match folder.write(Name::Left, &format!("{}\n", lines.join("\n"))) {
            Ok(()) => write!(text, "\n  and {more} more: all of them are in `{}`", folder.file(Name::Left).display()),
            Err(error) => write!(text, "\n  and {more} more, which could not be written down: {error}"),
        };
    }
    text
}

/// Who had which class: by the ledger of the change, and by the one before it.
fn owners(folder: &StateFolder) -> Vec<Subjects> {
    let now = Files::read(folder).ok().and_then(|files| files.ledger);
    let pending = Pending::read(folder, Name::Undo).or_else(|_| Pending::read(folder, Name::Previous));
    let before = pending.ok().flatten().and_then(|pending| pending.files.ledger);
    let ledgers = [before, now].into_iter().flatten();
    ledgers.filter_map(|text| Some(Ledger::from_json(&text).ok()?.subjects())).collect()
}
