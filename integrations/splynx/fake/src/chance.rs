//! Randomness that is the same everywhere: equal seed, topic and number give equal draws, whatever else is drawn.

/// A stream of draws (`SplitMix64`, Steele and others, 2014).
pub(crate) struct Chance(u64);

impl Chance {
    /// The draws for one record of a table. They depend on no other record.
    pub(crate) fn of(seed: u64, table: &str, id: u64) -> Self {
        let named = table.bytes().fold(seed, |hash, byte| mixed(hash ^ u64::from(byte)));
        Self(mixed(named) ^ mixed(id.wrapping_add(0x5851_f42d_4c95_7f2d)))
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit
    }

    /// Whether it happens, where it happens so many times in a thousand.
    pub(crate) fn per_mille(&mut self, parts: u64) -> bool {
        self.below(1000) < parts
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        let at = self.below(from.len() as u64);
        &from[usize::try_from(at).expect("invariant: it is below a length")]
    }
}

fn mixed(number: u64) -> u64 {
    let z = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_seed_table_and_id_only() {
        let draw = |seed, table, id| Chance::of(seed, table, id).bits();
        assert_eq!(draw(1, "service", 7), draw(1, "service", 7));
        for other in [draw(2, "service", 7), draw(1, "router", 7), draw(1, "service", 8)] {
            assert_ne!(draw(1, "service", 7), other);
        }
        let hits = (0..10_000).filter(|id| Chance::of(1, "x", *id).per_mille(250)).count();
        assert!((2_300..2_700).contains(&hits), "{hits} of 10 000 instead of 2 500");
    }
}
