//! Whether this process may change the kernel.

use std::fs;

/// Where Linux says what a process may do.
const STATUS: &str = "/proc/self/status";

/// A capability: its number (`include/uapi/linux/capability.h`) and its name.
type Capability = (u32, &'static str);
const NET_ADMIN: Capability = (12, "CAP_NET_ADMIN");
const SYS_ADMIN: Capability = (21, "CAP_SYS_ADMIN");

/// What the kernel is changed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Queues and the classifier.
    Shaping,
    /// Links, filters and forwarding entries.
    Overlays,
}

impl Work {
    /// What it needs. Shaping needs `CAP_SYS_ADMIN` because the maps of an attached program are found by id, which the kernel
    /// allows to nobody else (6.18).
    const fn needs(self) -> &'static [Capability] {
        match self {
            Self::Shaping => &[NET_ADMIN, SYS_ADMIN],
            Self::Overlays => &[NET_ADMIN],
        }
    }

    /// What it is called.
    const fn words(self) -> &'static str {
        match self {
            Self::Shaping => "shaping needs",
            Self::Overlays => "committing an overlay needs",
        }
    }

    /// What to do about capabilities that are missing.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Shaping => {
                "run it as root, or grant both (queues; the classifier and finding its maps): in a service, by what \
                 `pleach init --systemd` writes"
            }
            Self::Overlays => "run it as root, or grant it",
        }
    }
}

/// This process may not do what a work needs.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {}, and this process lacks {}", .work.words(), all(.work.needs()), .missing.join(" and "))]
pub struct MissingCapabilities {
    work: Work,
    missing: Vec<&'static str>,
}

fn all(needed: &[Capability]) -> String {
    needed.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(" and ")
}

/// Says what this process lacks. Where that cannot be read, the kernel will say.
pub fn check(work: Work) -> Result<(), MissingCapabilities> {
    let status = fs::read_to_string(STATUS).unwrap_or_default();
    effective(&status).map_or(Ok(()), |effective| missing(effective, work))
}

fn effective(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

fn missing(effective: u64, work: Work) -> Result<(), MissingCapabilities> {
    let missing: Vec<_> =
        work.needs().iter().filter(|(number, _)| effective & 1 << number == 0).map(|(_, name)| *name).collect();
    if missing.is_empty() { Ok(()) } else { Err(MissingCapabilities { work, missing }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_named() {
        assert_eq!(effective("Name:\tx\nCapEff:\t0000000000001000\n"), Some(0x1000));
        assert_eq!(effective("Name:\tx\n"), None);
        assert_eq!(missing(0x1ff_ffff_ffff, Work::Shaping), Ok(()));
        assert_eq!(missing(0x1000, Work::Overlays), Ok(()));
        let text = missing(0x1000, Work::Shaping).expect_err("one is lacking").to_string();
        assert_eq!(text, "shaping needs CAP_NET_ADMIN and CAP_SYS_ADMIN, and this process lacks CAP_SYS_ADMIN");
        assert_eq!(missing(0, Work::Shaping).expect_err("both").missing, ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"]);
    }
}
