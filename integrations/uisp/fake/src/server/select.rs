//! Which records of a list a query asks for.

use axum::body::Bytes;
use serde_json::Value;

use super::query::Query;
use crate::records::{Records, list};

/// Whether records come with what is left out unless it is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    Whole,
    Head,
}

impl Detail {
    pub(super) fn wanted(wanted: Option<bool>) -> Self {
        if wanted == Some(true) { Self::Whole } else { Self::Head }
    }
}

/// All records of a list.
pub(super) fn all(records: &Records, detail: Detail) -> Bytes {
    match detail {
        Detail::Whole => records.whole(),
        Detail::Head => records.without_tail(),
    }
}

/// Those records of a list that are wanted: each is read for it.
pub(super) fn some(records: &Records, detail: Detail, wanted: impl Fn(&Value) -> bool) -> Bytes {
    let numbers = numbers(records, wanted);
    match detail {
        Detail::Whole => records.some(numbers),
        Detail::Head => list(numbers.into_iter().map(|number| records.head(number))),
    }
}

/// The one record of a list that is wanted.
pub(super) fn one(records: &Records, detail: Detail, wanted: impl Fn(&Value) -> bool) -> Option<Bytes> {
    let number = (0..records.len()).find(|&number| wanted(&records.value(number)))?;
    Some(match detail {
        Detail::Whole => Bytes::copy_from_slice(records.record(number)),
        Detail::Head => records.head(number).into(),
    })
}

/// Which records of a list are wanted, and in which order.
#[derive(Default)]
pub(super) struct Choice<'w> {
    /// All of them where there is no condition.
    pub(super) wanted: Option<&'w dyn Fn(&Value) -> bool>,
    /// As they stand in the list where there is no key.
    pub(super) key: Option<&'w dyn Fn(&Value) -> String>,
    pub(super) descending: bool,
}

/// A page of a choice of records; `limit` and `offset` say which, all of them where neither is given.
pub(super) fn page(records: &Records, query: &Query, choice: &Choice<'_>) -> Bytes {
    let (limit, offset) = (query.number("limit").unwrap_or(usize::MAX), query.number("offset").unwrap_or(0));
    let mut chosen: Vec<usize> = match choice.wanted {
        Some(wanted) => numbers(records, wanted),
        None => (0..records.len()).collect(),
    };
    if let Some(key) = choice.key {
        chosen.sort_by_cached_key(|&number| key(&records.value(number)));
    }
    if choice.descending {
        chosen.reverse();
    }
    records.some(chosen.into_iter().skip(offset).take(limit))
}

fn numbers(records: &Records, wanted: impl Fn(&Value) -> bool) -> Vec<usize> {
    (0..records.len()).filter(|&number| wanted(&records.value(number))).collect()
}
