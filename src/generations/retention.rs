//! Which generations have been kept long enough.

use jiff::Timestamp;

use super::manifest::Manifest;
use crate::config::Keep;

/// The generations that may go, oldest first: those that are not among the last `keep.generations`, or older than `keep.days`.
/// The current one, the one before it, and `pinned` stay.
pub fn superfluous(all: &[Manifest], current: u64, pinned: Option<u64>, keep: Keep, now: Timestamp) -> Vec<u64> {
    const SECONDS_A_DAY: i64 = 86_400;
    let before = all.iter().map(|manifest| manifest.generation).filter(|&number| number < current).max();
    let stays = |number: u64| [Some(current), before, pinned].contains(&Some(number));
    let first_kept = all.len().saturating_sub(keep.generations);
    let oldest = now.as_second() - i64::from(keep.days) * SECONDS_A_DAY;
    let is_kept = |at: usize, manifest: &Manifest| {
        stays(manifest.generation) || (at >= first_kept && manifest.created.as_second() >= oldest)
    };
    all.iter().enumerate().filter(|(at, manifest)| !is_kept(*at, manifest)).map(|(_, it)| it.generation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generations::Origin;

    const DAY: i64 = 86_400;

    fn made(generation: u64, day: i64) -> Manifest {
        let moment = Timestamp::from_second(day * DAY).expect("a moment");
        Manifest {
            format: Manifest::FORMAT,
            generation,
            created: moment,
            pleach: String::new(),
            origin: Origin::Sync,
            clock: moment,
            inputs: String::new(),
            content: String::new(),
            snapshot: None,
            sources: Vec::new(),
            counts: pleach_graph::Counts::default(),
            problems: std::collections::BTreeMap::new(),
            shapers: Vec::new(),
            files: Vec::new(),
        }
    }

    #[test]
    fn by_count_and_by_age() {
        let all: Vec<Manifest> = (1..=10).map(|number| made(number, i64::try_from(number).expect("small"))).collect();
        let now = Timestamp::from_second(10 * DAY).expect("a moment");
        let gone = |generations, days, pinned| superfluous(&all, 10, pinned, Keep { generations, days }, now);
        assert_eq!(gone(100, 100, None), [0_u64; 0]);
        assert_eq!(gone(3, 100, None), [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(gone(3, 100, Some(2)), [1, 3, 4, 5, 6, 7]);
        assert_eq!(gone(100, 4, None), [1, 2, 3, 4, 5]);
        assert_eq!(gone(0, 0, None), [1, 2, 3, 4, 5, 6, 7, 8], "the current one and the one before it stay");
    }
}
