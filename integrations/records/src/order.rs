//! One order for records, whatever order they came in: by their ids, then by what they state, so that of two with one id the same
//! one counts each time.

use std::fmt::Debug;

/// Sorts records by `id`; what they state is looked at where ids are equal only.
pub(crate) fn sort<T: Debug + PartialEq>(records: &mut [T], id: impl Fn(&T) -> &str + Sync) {
    records.sort_by(|a, b| id(a).cmp(id(b)).then_with(|| stated(a).cmp(&stated(b))));
}

/// What a record states as text, its line last.
fn stated(record: &impl Debug) -> String {
    format!("{record:?}")
}
