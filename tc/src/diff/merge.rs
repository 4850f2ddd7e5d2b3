//! Walking two maps side by side: one comparison an entry, where looking each up would search the tree anew.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::iter;

/// Every key of either map in order, with what each has under it.
pub(super) fn merge<'a, K: Ord, V>(
    want: &'a BTreeMap<K, V>,
    have: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = (&'a K, Option<&'a V>, Option<&'a V>)> {
    let (mut want, mut have) = (want.iter().peekable(), have.iter().peekable());
    iter::from_fn(move || {
        let order = match (want.peek(), have.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((wanted, _)), Some((found, _))) => wanted.cmp(found),
        };
        let wanted = if order == Ordering::Greater { None } else { want.next() };
        let found = if order == Ordering::Less { None } else { have.next() };
        let (key, _) = wanted.or(found)?;
        Some((key, wanted.map(|(_, value)| value), found.map(|(_, value)| value)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_comes_once_and_in_order() {
        let (want, have) = (BTreeMap::from([(1, 'a'), (3, 'b')]), BTreeMap::from([(2, 'c'), (3, 'd'), (4, 'e')]));
        let merged: Vec<_> =
            merge(&want, &have).map(|(&key, want, have)| (key, want.copied(), have.copied())).collect();
        let expected = [(1, Some('a'), None), (2, None, Some('c')), (3, Some('b'), Some('d')), (4, None, Some('e'))];
        assert_eq!(merged, expected);
    }
}
