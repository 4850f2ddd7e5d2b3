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

#[cfg(test)]
mod tests {
    use pleach_kernel::{Failure, UndoFailure};

    use super::*;

    fn failed(count: usize, bypass: Bypass) -> RevertError {
        let difference = |at| Difference {
            path: format!("eth1 class 3:{at:x}"),
            class: None,
            desired: Some("ceil 100 Mbit/s".into()),
            found: Some("ceil 50 Mbit/s".into()),
        };
        let left = Some((16..16 + count).map(difference).collect());
        RevertError::Kernel(Box::new(UndoFailure { failure: Failure::Refused(Vec::new()), left, bypass }))
    }

    #[test]
    fn all_that_is_left_is_said_or_written_down() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::of(root.path(), "main");
        folder.prepare().expect("made");
        assert_eq!(
            incomplete(&folder, &failed(1, Bypass::Done)),
            "all packets pass unshaped now, rather than through half a tree
left, of what was there before (1):
  eth1 class 3:10: should be ceil 100 Mbit/s, is ceil 50 Mbit/s
hint: `pleach rollback` tries again"
        );
        let text = incomplete(&folder, &failed(25, Bypass::Done));
        assert_eq!(text.matches("\n  eth1 class").count(), SHOWN);
        assert!(text.contains("\n  and 5 more: all of them are in `"), "{text}");
        let written = folder.read(Name::Left).expect("read").expect("written");
        assert_eq!(written.lines().count(), 25);
    }

    #[test]
    fn whose_class_it_is_comes_from_the_ledger() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::of(root.path(), "main");
        folder.prepare().expect("made");
        let sizes = r#""sizes":{"devices":64,"identities":64,"slots":64}"#;
        let holding =
            r#"{"identity":"07","class":"3:10","parent":"3:1","holder":{"circuit":{"id":"7","name":"Jones"}}}"#;
        let numbers = r#"{"next":0}"#;
        let interface = format!(
            r#"{{"layout":{{"download":null,"upload":null}},"majors":{numbers},"minors":{{}},"holdings":[{holding}]}}"#
        );
        let text = format!(r#"{{"version":1,{sizes},"slots":{numbers},"interfaces":{{"eth1":{interface}}}}}"#);
        folder.write(Name::Ledger, &text).expect("written");
        Ledger::from_json(&text).expect("a ledger");
        let mut error = failed(1, Bypass::Done);
        if let RevertError::Kernel(undo) = &mut error {
            let class = ("eth1".parse().expect("a name"), pleach_tc::Handle::new(3, 0x10));
            undo.left.as_mut().expect("known")[0].class = Some(class);
        }
        let text = incomplete(&folder, &error);
        assert!(text.contains("is ceil 50 Mbit/s (circuit `7` (Jones))"), "{text}");
    }
}
