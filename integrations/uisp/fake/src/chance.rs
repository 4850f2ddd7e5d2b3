//! Randomness that is the same everywhere: equal seed, topic and number give equal draws, whatever else is drawn.

/// A stream of draws (`SplitMix64`, Steele and others, 2014).
pub(crate) struct Chance(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    /// The draws for one object of a topic. They depend on no other object, so a network that grows keeps what it had.
    pub(crate) fn of(seed: u64, topic: &str, number: usize) -> Self {
        Self(mixed(mixed(seed).wrapping_add(hash(topic))).wrapping_add(mixed(number as u64)))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mixed(self.0)
    }

    pub(crate) fn wide_bits(&mut self) -> u128 {
        (u128::from(self.bits()) << 64) | u128::from(self.bits())
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let drawn = self.bits() % (limit as u64);
        usize::try_from(drawn).expect("invariant: it is below a usize")
    }

    /// A number from `low` up to and without `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.bits() % (high - low)
    }

    /// Whether it happens, where it happens `parts` times in a thousand.
    pub(crate) fn per_mille(&mut self, parts: u64) -> bool {
        self.bits() % 1000 < parts
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    /// One of several, each as likely as its weight says.
    pub(crate) fn weighted<'t, T>(&mut self, from: &'t [(T, u64)]) -> &'t T {
        let mut left = self.bits() % from.iter().map(|(_, weight)| weight).sum::<u64>();
        for (what, weight) in from {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return what,
            }
        }
        unreachable!("what is left is below the sum of the weights")
    }

    /// Any order, each as likely (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

fn mixed(number: u64) -> u64 {
    let z = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_seed_topic_and_number_only() {
        let draw = |seed, topic, number| Chance::of(seed, topic, number).bits();
        assert_eq!(draw(1, "client", 7), draw(1, "client", 7));
        assert_ne!(draw(1, "client", 7), draw(2, "client", 7));
        assert_ne!(draw(1, "client", 7), draw(1, "site", 7));
        assert_ne!(draw(1, "client", 7), draw(1, "client", 8));
        assert_ne!(draw(0, "client", 0), draw(0, "client", 1));
    }

    #[test]
    fn weights_are_kept() {
        let mut chance = Chance::of(1, "weights", 0);
        let heavy =
            (0..10_000).filter(|_| *chance.weighted(&[("light", 1), ("none", 0), ("heavy", 3)]) == "heavy").count();
        assert!((7_300..7_700).contains(&heavy), "{heavy} of 10 000 instead of 7 500");
    }

    #[test]
    fn a_shuffle_loses_nothing() {
        let mut items: Vec<_> = (0..100).collect();
        Chance::of(1, "shuffle", 0).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
