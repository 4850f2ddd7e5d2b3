//! What is odd about the answers of a real UISP, each by a word.

use std::fmt;
use std::str::FromStr;

use crate::chance::Chance;

macro_rules! quirks {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $word:literal),* $(,)?) => {
        /// Something that real answers have and the documentation does not expect.
        ///
        /// None of them takes a client's last usable address: what [`truth`](crate::Network::truth) says holds with all of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Quirk { $($(#[doc = $meaning])+ $variant,)* }

        impl Quirk {
            /// Every quirk.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word for it: `parent-cycle`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it is, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning,)+).trim_ascii(),)* }
            }
        }
    };
}

quirks! {
    /// A field that the documentation requires is there and `null`: a site's name, status, `qos`, a device's `overview`.
    RequiredNull = "required-null",
    /// A field that the documentation requires is missing: `suspended`, `qos`, the outer `id`, a device's `enabled`.
    MissingKey = "missing-key",
    /// A site's latitude is in `longitude` and the other way round.
    SwappedCoordinates = "swapped-coordinates",
    /// A site has no coordinates: `location` is `null`, missing, or has `null` in it.
    NoCoordinates = "no-coordinates",
    /// A device id is there twice or three times: unchanged, or with an older `updated` and other values.
    DuplicateDevices = "duplicate-devices",
    /// A site id is there twice: unchanged, or with an older `updated` and another name and plan.
    DuplicateSites = "duplicate-sites",
    /// Two towers are each other's parent, one is its own, and two clients are each other's.
    ParentCycle = "parent-cycle",
    /// A side of a data link is `null`, or all in it is; an internet uplink is among them.
    NullSide = "null-side",
    /// A radio link's devices tell no capacity: `null`, zero or nothing.
    NoCapacity = "no-capacity",
    /// Wave access points say that they carry 2 Mbit/s.
    WrongCapacity = "wrong-capacity",
    /// Every radio at a client has the address `192.168.172.1`; some have no other in `ipAddress`.
    RadioManagement = "radio-management",
    /// Every router at a client lists its inner side too, always `192.168.1.1/24`.
    LanAddress = "lan-address",
    /// A black box has its addresses in `ipAddressList` only.
    BlackBoxList = "black-box-list",
    /// An interface or a black box has an address that is none: empty, `dhcp`, a prefix length of 33, `0.0.0.0`.
    BadAddress = "bad-address",
    /// Several CRM services belong to one client site.
    SeveralServices = "several-services",
    /// A word that the documentation does not list: a site's or device's status, role, type, wireless mode, a link's type.
    UnknownEnum = "unknown-enum",
    /// Dates stand where date-times should, the other way round, and as milliseconds.
    Dates = "dates",
    /// Ids in a site's `ucrm` are texts, as documented, where the CRM has numbers; without this quirk they are numbers.
    StringIds = "string-ids",
    /// Devices without a site, without a name, without both.
    Homeless = "homeless",
    /// A record names another that is not there: an access point, a parent, a device of a link.
    DanglingReference = "dangling-reference",
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Which quirks answers have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quirks(u32);

impl Quirks {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// All of them.
    pub fn all() -> Self {
        Quirk::ALL.iter().copied().collect()
    }

    /// Whether this one is among them.
    pub fn has(self, quirk: Quirk) -> bool {
        self.0 & (1 << quirk as u32) != 0
    }

    /// Those that are among them.
    pub fn iter(self) -> impl Iterator<Item = Quirk> {
        Quirk::ALL.iter().copied().filter(move |&quirk| self.has(quirk))
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<I: IntoIterator<Item = Quirk>>(quirks: I) -> Self {
        Self(quirks.into_iter().fold(0, |bits, quirk| bits | (1 << quirk as u32)))
    }
}

impl From<Quirk> for Quirks {
    fn from(quirk: Quirk) -> Self {
        Self::from_iter([quirk])
    }
}

/// A word that names no quirk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownQuirk(String);

impl fmt::Display for UnknownQuirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no quirk; there are `all`, `none`", self.0)?;
        Quirk::ALL.iter().try_for_each(|quirk| write!(f, ", `{quirk}`"))
    }
}

impl std::error::Error for UnknownQuirk {}

impl FromStr for Quirks {
    type Err = UnknownQuirk;

    /// `all`, `none`, or words with commas between them.
    fn from_str(text: &str) -> Result<Self, UnknownQuirk> {
        match text.trim() {
            "all" => return Ok(Self::all()),
            "none" => return Ok(Self::NONE),
            _ => {}
        }
        let quirk = |word: &str| Quirk::ALL.iter().copied().find(|quirk| quirk.word() == word);
        text.split(',').map(str::trim).map(|word| quirk(word).ok_or_else(|| UnknownQuirk(word.to_owned()))).collect()
    }
}

/// Which records the quirks befall.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defects {
    pub(crate) quirks: Quirks,
    pub(crate) seed: u64,
}

impl Defects {
    /// What the quirk does to record `number` of the `count` of a topic, as draws, where it does anything: to one in `every`,
    /// and to one at least.
    pub(crate) fn of(self, quirk: Quirk, topic: &str, number: usize, count: usize, every: usize) -> Option<Chance> {
        if !self.quirks.has(quirk) || count == 0 {
            return None;
        }
        let topic = format!("{quirk} {topic}");
        let mut chance = Chance::of(self.seed, &topic, number);
        let chosen = Chance::of(self.seed, &topic, usize::MAX).below(count);
        (chance.below(every) == 0 || number == chosen).then_some(chance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for &quirk in Quirk::ALL {
            assert_eq!(quirk.word().parse(), Ok(Quirks::from(quirk)));
            assert!(quirk.meaning().ends_with('.'), "{quirk}");
        }
        assert_eq!("all".parse(), Ok(Quirks::all()));
        assert_eq!("none".parse(), Ok(Quirks::NONE));
        let two: Quirks = "dates, parent-cycle".parse().expect("two words");
        assert_eq!(two.iter().collect::<Vec<_>>(), [Quirk::ParentCycle, Quirk::Dates]);
        let error = "dates,date".parse::<Quirks>().expect_err("no such word");
        assert!(
            error.to_string().starts_with("`date` is no quirk; there are `all`, `none`, `required-null`"),
            "{error}"
        );
        assert!("".parse::<Quirks>().is_err());
    }

    #[test]
    fn a_quirk_befalls_one_at_least_and_about_one_in_so_many() {
        let defects = Defects { quirks: Quirk::Dates.into(), seed: 1 };
        let hit =
            |count: usize| (0..count).filter(|&n| defects.of(Quirk::Dates, "site", n, count, 50).is_some()).count();
        assert!(hit(1) == 1 && hit(3) >= 1);
        assert!((150..250).contains(&hit(10_000)), "{}", hit(10_000));
        assert!(defects.of(Quirk::NullSide, "site", 0, 1, 1).is_none());
    }
}
