//! What a kernel can do that it says nowhere but in its version.
//!
//! A distribution may have put something into an older one. Then Pleach takes the way that is right on both.

use pleach_overlay::Counting;

/// The version of a kernel: `6.12.114` of `6.12.114+deb13-amd64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Release([u32; 3]);

impl Release {
    pub(super) fn of_this_kernel() -> Self {
        Self::read(&rustix::system::uname().release().to_string_lossy())
    }

    /// What is not said is 0: Debian's `6.1.0-56-amd64` is some 6.1.
    fn read(release: &str) -> Self {
        let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().unwrap_or(0));
        Self([(); 3].map(|()| numbers.next().unwrap_or(0)))
    }

    /// Whether it keeps whether the packets of a tunnel that filters send through may be fragmented
    /// (`TCA_TUNNEL_KEY_NO_FRAG`). One that does not ignores it without a word.
    pub(super) fn knows_df(self) -> bool {
        self >= Self([6, 4, 0])
    }

    /// How it counts an aggregate of a tunnel's packets: 6.17 was the first to count as many headers as it has packets ("net:
    /// account for encap headers in qdisc pkt len"), and 6.12.114 has that too.
    pub(super) fn counting(self) -> Counting {
        let is_mended = self >= Self([6, 17, 0]) || (Self([6, 12, 114])..Self([6, 13, 0])).contains(&self);
        if is_mended { Counting::AsPackets } else { Counting::TooSmall }
    }
}

/// How this kernel counts an aggregate of a tunnel's packets.
pub fn counting() -> Counting {
    Release::of_this_kernel().counting()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_distributions_write_them() {
        for (release, numbers) in [
            ("6.1.0-56-cloud-amd64", [6, 1, 0]),
            ("6.12.117+deb12-cloud-amd64", [6, 12, 117]),
            ("6.8.0-48-generic", [6, 8, 0]),
            ("5.14.0-427.el9.x86_64", [5, 14, 0]),
            ("7.0-rc1", [7, 0, 0]),
            ("nonsense", [0, 0, 0]),
        ] {
            assert_eq!(Release::read(release), Release(numbers), "{release}");
        }
    }

    #[test]
    fn what_each_can_do() {
        let can = |release: &str| {
            let release = Release::read(release);
            (release.knows_df(), release.counting() == Counting::AsPackets)
        };
        assert_eq!(can("6.1.0-56-cloud-amd64"), (false, false));
        assert_eq!(can("6.4.0"), (true, false));
        assert_eq!(can("6.12.48+deb13-amd64"), (true, false));
        assert_eq!(can("6.12.114+deb13-amd64"), (true, true));
        assert_eq!(can("6.13.7"), (true, false));
        assert_eq!(can("6.16.12"), (true, false));
        assert_eq!(can("6.17.0"), (true, true));
        assert_eq!(can("7.0.1"), (true, true));
    }
}
