//! The guard of files: which Circuit IDs a file has that the next one would not.

use serde::Serialize;

use super::limits::{GuardLimits, Most};

/// What the guard says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub enum Verdict {
    /// The result may take its place.
    Accepted,
    /// There is no circuit left.
    Empty,
    /// Too many circuits would vanish.
    Vanishing {
        /// Their Circuit IDs, in order.
        vanished: Vec<String>,
        /// How many circuits there were.
        previous: usize,
    },
}

/// Compares the Circuit IDs of a result with those of the one before it; both in ascending order.
pub fn compare<'a>(
    previous: impl IntoIterator<Item = &'a str>,
    next: impl IntoIterator<Item = &'a str>,
    limits: GuardLimits,
) -> Verdict {
    let mut next = next.into_iter().peekable();
    if next.peek().is_none() {
        return Verdict::Empty;
    }
    let mut vanished = Vec::new();
    let mut count = 0_usize;
    for id in previous {
        count += 1;
        while next.next_if(|other| *other < id).is_some() {}
        if next.peek() != Some(&id) {
            vanished.push(id.to_owned());
        }
    }
    if Most::from(limits).is_exceeded(vanished.len(), count) {
        Verdict::Vanishing { vanished, previous: count }
    } else {
        Verdict::Accepted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(range: std::ops::Range<usize>) -> Vec<String> {
        range.map(|n| format!("{n:04}")).collect()
    }

    fn verdict(previous: std::ops::Range<usize>, next: std::ops::Range<usize>) -> Verdict {
        let (previous, next) = (ids(previous), ids(next));
        compare(previous.iter().map(String::as_str), next.iter().map(String::as_str), GuardLimits::default())
    }

    #[test]
    fn both_limits_must_be_exceeded() {
        assert_eq!(verdict(0..0, 0..5), Verdict::Accepted, "the first time");
        assert_eq!(verdict(0..20, 0..10), Verdict::Accepted, "half of a small network is ten");
        assert_eq!(verdict(0..1000, 0..900), Verdict::Accepted, "exactly a tenth");
        assert_eq!(verdict(0..100, 50..200), Verdict::Vanishing { vanished: ids(0..50), previous: 100 });
        assert_eq!(verdict(0..1000, 0..899), Verdict::Vanishing { vanished: ids(899..1000), previous: 1000 });
    }

    #[test]
    fn an_empty_result_is_never_accepted() {
        assert_eq!(verdict(0..1, 0..0), Verdict::Empty);
        assert_eq!(verdict(0..0, 0..0), Verdict::Empty);
    }
}
