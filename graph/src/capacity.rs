//! What a link or a sector can carry: a limit in each direction.

use std::fmt;

use crate::rate::Rate;

/// A rate that must not be exceeded, or none. No limit is the largest limit, so `min` finds the one that binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Limit(u64);

impl Limit {
    /// No limit is known.
    pub const NONE: Self = Self(u64::MAX);

    /// A limit of `rate`; zero is none. Sources write 0 for what they do not know, and a node that lets nothing pass would
    /// be an outage.
    pub const fn of(rate: Rate) -> Self {
        if rate.bit() == 0 { Self::NONE } else { Self(rate.bit()) }
    }

    /// The rate, if there is a limit.
    pub fn rate(self) -> Option<Rate> {
        (self != Self::NONE).then_some(Rate::from_bit(self.0))
    }

    /// The rate, or `rate` where there is no limit.
    pub fn or(self, rate: Rate) -> Rate {
        self.rate().unwrap_or(rate)
    }
}

impl From<Option<Rate>> for Limit {
    fn from(rate: Option<Rate>) -> Self {
        rate.map_or(Self::NONE, Self::of)
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rate() {
            Some(rate) => rate.fmt(f),
            None => f.write_str("no limit"),
        }
    }
}

/// A limit per direction. What "down" means depends on the owner: on a link it is from its first end to its second
/// (parent to node), on an access point towards its stations, on a tree's node away from the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Capacity {
    /// The limit in the down direction.
    pub down: Limit,
    /// The limit in the up direction.
    pub up: Limit,
}

impl Capacity {
    /// No limit in either direction.
    pub const NONE: Self = Self { down: Limit::NONE, up: Limit::NONE };

    /// Limits of `down` and `up`.
    pub const fn of(down: Rate, up: Rate) -> Self {
        Self { down: Limit::of(down), up: Limit::of(up) }
    }

    /// Limits of so many Mbit/s (10^6 bit/s).
    pub const fn from_mbit(down: u64, up: u64) -> Self {
        Self::of(Rate::from_mbit(down), Rate::from_mbit(up))
    }

    /// The same, seen from the other end.
    #[must_use]
    pub const fn swapped(self) -> Self {
        Self { down: self.up, up: self.down }
    }

    /// The least of both, direction by direction.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self { down: self.down.min(other.down), up: self.up.min(other.up) }
    }

    /// The smaller direction's limit.
    pub fn smaller(self) -> Limit {
        self.down.min(self.up)
    }
}

impl Default for Capacity {
    fn default() -> Self {
        Self::NONE
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NONE { f.write_str("no limit") } else { write!(f, "{} down, {} up", self.down, self.up) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_limit_is_the_largest() {
        let hundred = Limit::of(Rate::from_mbit(100));
        assert_eq!(Limit::NONE.min(hundred), hundred);
        assert_eq!(Limit::NONE.rate(), None);
        assert_eq!(Limit::of(Rate::ZERO), Limit::NONE, "nothing is not a limit");
        assert_eq!(Capacity::of(Rate::from_mbit(100), Rate::from_mbit(20)).swapped().up, hundred);
        assert_eq!(Capacity::NONE.smaller(), Limit::NONE);
    }
}
