//! Two lists in order, side by side.

use std::cmp::Ordering;

/// What stands at one place of two lists.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pair<'a, T> {
    /// In the first alone.
    Before(&'a T),
    /// In the second alone.
    After(&'a T),
    /// In both.
    Both(&'a T, &'a T),
}

impl<T> Clone for Pair<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Pair<'_, T> {}

impl<'a, T> Pair<'a, T> {
    /// That of the first list, else that of the second.
    pub(crate) fn first(self) -> &'a T {
        match self {
            Self::Before(item) | Self::After(item) | Self::Both(item, _) => item,
        }
    }
}

/// Walks two lists that are sorted by `key`, which is unique in each.
pub(crate) fn pairs<'a, T, K: Ord + ?Sized + 'a>(
    mut before: &'a [T],
    mut after: &'a [T],
    key: impl Fn(&'a T) -> &'a K,
) -> impl Iterator<Item = Pair<'a, T>> {
    std::iter::from_fn(move || {
        let order = match (before.first(), after.first()) {
            (Some(old), Some(new)) => key(old).cmp(key(new)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let next = |list: &mut &'a [T]| list.split_off_first();
        Some(match order {
            Ordering::Less => Pair::Before(next(&mut before)?),
            Ordering::Greater => Pair::After(next(&mut after)?),
            Ordering::Equal => Pair::Both(next(&mut before)?, next(&mut after)?),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn each_key_comes_once_and_in_order(
            before in proptest::collection::btree_set(0_u8..20, 0..12),
            after in proptest::collection::btree_set(0_u8..20, 0..12),
        ) {
            let (old, new): (Vec<u8>, Vec<u8>) = (before.iter().copied().collect(), after.iter().copied().collect());
            let found: Vec<Pair<'_, u8>> = pairs(&old, &new, |key| key).collect();
            let all: BTreeSet<u8> = before.union(&after).copied().collect();
            let expected = all.iter().map(|key| match (before.contains(key), after.contains(key)) {
                (true, false) => Pair::Before(key),
                (false, _) => Pair::After(key),
                (true, true) => Pair::Both(key, key),
            });
            prop_assert_eq!(found, expected.collect::<Vec<_>>());
        }
    }
}
