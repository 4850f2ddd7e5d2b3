//! What classes are called.

use std::fmt;

use pleach_graph::EntryKind;
pub(crate) use pleach_graph::words::number as grouped;
use pleach_tc::ClassifierVersion;

use crate::subjects::Subject;

/// A name on one line: control characters are spaces.
pub(super) struct Name<'a>(pub(super) &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        self.0.chars().try_for_each(|c| f.write_char(if c.is_control() { ' ' } else { c }))
    }
}

/// What it is, in a few words: `circuit 10017 (Jones, AP North)`.
pub(super) fn subject_text(subject: &Subject) -> String {
    match subject {
        Subject::Link { direction } => format!("link, {direction}"),
        Subject::Control { direction } => format!("control, {direction}"),
        Subject::Unknown { direction } => format!("unknown addresses, {direction}"),
        Subject::Keeper { node } => format!("keeper of `{node}`"),
        Subject::Node { name, entry: Some(EntryKind::AccessPoint), .. } => format!("access point `{name}`"),
        Subject::Node { name, .. } => format!("site `{name}`"),
        Subject::Circuit { circuit_id, name, parent } => {
            let about: Vec<_> = [name, parent].into_iter().filter(|part| !part.is_empty()).map(AsRef::as_ref).collect();
            let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
            format!("circuit `{circuit_id}`{about}")
        }
    }
}

/// The version as `sha256sum` begins.
pub(super) struct Hexadecimal(pub(super) ClassifierVersion);

impl fmt::Display for Hexadecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
