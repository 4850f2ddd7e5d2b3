//! What classes are called.

use std::fmt;

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
        Subject::Node { name, .. } => format!("site `{name}`"),
        Subject::Circuit { circuit_id, name, parent } => {
            let about: Vec<_> = [name, parent].into_iter().filter(|part| !part.is_empty()).map(AsRef::as_ref).collect();
            let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
            format!("circuit `{circuit_id}`{about}")
        }
    }
}
