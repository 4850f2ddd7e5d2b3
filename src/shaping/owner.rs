//! Differences as lines for people, with whose class each is about.

use pleach_shaper::Subjects;
use pleach_tc::Difference;

use super::trace::described;

/// Whose class a difference is about, in words; none where it is about none, or nobody knows.
pub fn owner(difference: &Difference, subjects: &[&Subjects]) -> Option<String> {
    let (interface, class) = difference.class.as_ref()?;
    subjects.iter().find_map(|subjects| subjects.get(interface, *class)).map(described)
}

/// A difference on one line.
pub fn line(difference: &Difference, subjects: &[&Subjects]) -> String {
    match owner(difference, subjects) {
        Some(owner) => format!("{difference} ({owner})"),
        None => difference.to_string(),
    }
}
