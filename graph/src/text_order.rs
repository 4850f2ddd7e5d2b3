//! Sorting many items by text, comparing integers: eight bytes of each text are read at a time.

use std::ops::Range;

/// How many bytes of a text are compared at once.
const WORD: usize = 8;

/// Sorts by text, byte by byte; items with the same text stay in the order they were in. Returns the positions, in order,
/// of the items whose text is not theirs alone.
///
/// Sorting strings follows a pointer for every comparison. Here each item is one integer: the next bytes of its text, how
/// many there were, and its position. Where that leaves a tie, the tied items go on behind those bytes.
pub(crate) fn sort_by_text<'g, T: Copy>(items: &mut [T], text: impl Fn(T) -> &'g str) -> Vec<Range<usize>> {
    let mut alike = Vec::new();
    let mut todo = vec![(0..items.len(), 0)];
    while let Some((range, depth)) = todo.pop() {
        let tied = &mut items[range.clone()];
        let mut keys: Vec<u128> =
            (0..).zip(&*tied).map(|(position, &item)| key(&text(item).as_bytes()[depth..], position)).collect();
        keys.sort_unstable();
        let before = tied.to_vec();
        for (slot, key) in tied.iter_mut().zip(&keys) {
            *slot = before[position(*key)];
        }
        let mut start = range.start;
        for run in keys.chunk_by(|a, b| word(*a) == word(*b)) {
            let tie = start..start + run.len();
            start = tie.end;
            if tie.len() > 1 {
                if taken(run[0]) == WORD { todo.push((tie, depth + WORD)) } else { alike.push(tie) }
            }
        }
    }
    alike.sort_unstable_by_key(|range| range.start);
    alike
}

/// The first bytes of `rest`, how many they are (a text sorts before one that goes on with NUL), and a position.
fn key(rest: &[u8], position: u32) -> u128 {
    let mut bytes = [0; WORD];
    let taken = rest.len().min(WORD);
    bytes[..taken].copy_from_slice(&rest[..taken]);
    u128::from(u64::from_be_bytes(bytes)) << 64 | (taken as u128) << 32 | u128::from(position)
}

fn word(key: u128) -> u128 {
    key >> 32
}

fn taken(key: u128) -> usize {
    (key >> 32) as usize & 0xff
}

fn position(key: u128) -> usize {
    (key & u128::from(u32::MAX)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_text_does(texts in proptest::collection::vec("(csv-|customer-number-)?[a-c\\x00é]{0,20}", 0..30)) {
            let mut ours: Vec<usize> = (0..texts.len()).collect();
            let alike = sort_by_text(&mut ours, |item| &texts[item]);
            let mut expected: Vec<usize> = (0..texts.len()).collect();
            expected.sort_by_key(|&item| &texts[item]);
            prop_assert_eq!(&ours, &expected);
            let shared: Vec<usize> = alike.into_iter().flatten().collect();
            let is_shared = |at: &usize| texts.iter().filter(|text| **text == texts[ours[*at]]).count() > 1;
            prop_assert_eq!(shared, (0..ours.len()).filter(is_shared).collect::<Vec<_>>());
        }
    }
}
