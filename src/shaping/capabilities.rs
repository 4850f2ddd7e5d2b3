//! Whether this process may change queues and load a classifier.

use std::fs;

/// Where Linux says what a process may do.
const STATUS: &str = "/proc/self/status";

/// What shaping needs, by number (`include/uapi/linux/capability.h`): `CAP_SYS_ADMIN` because the maps of an attached
/// program are found by id, which the kernel allows to nobody else (6.18).
const NEEDED: [(u32, &str); 2] = [(12, "CAP_NET_ADMIN"), (21, "CAP_SYS_ADMIN")];

/// This process may not do what shaping needs.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("shaping needs {}, and this process lacks {}", all(), .missing.join(" and "))]
pub struct MissingCapabilities {
    missing: Vec<&'static str>,
}

impl MissingCapabilities {
    /// What to do about it.
    pub const HINT: &str = "run it as root, or grant both (queues; the classifier and finding its maps): in a service, by what \
                            `pleach init --systemd` writes";
}

fn all() -> String {
    NEEDED.map(|(_, name)| name).join(" and ")
}

/// Says what this process lacks. Where that cannot be read, the kernel will say.
pub fn check() -> Result<(), MissingCapabilities> {
    let status = fs::read_to_string(STATUS).unwrap_or_default();
    effective(&status).map_or(Ok(()), missing)
}

fn effective(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

fn missing(effective: u64) -> Result<(), MissingCapabilities> {
    let missing: Vec<_> =
        NEEDED.iter().filter(|(number, _)| effective & 1 << number == 0).map(|(_, name)| *name).collect();
    if missing.is_empty() { Ok(()) } else { Err(MissingCapabilities { missing }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_named() {
        assert_eq!(effective("Name:\tx\nCapEff:\t0000000000001000\n"), Some(0x1000));
        assert_eq!(effective("Name:\tx\n"), None);
        assert_eq!(missing(0x1ff_ffff_ffff), Ok(()));
        let text = missing(0x1000).expect_err("one is lacking").to_string();
        assert_eq!(text, "shaping needs CAP_NET_ADMIN and CAP_SYS_ADMIN, and this process lacks CAP_SYS_ADMIN");
        assert_eq!(missing(0).expect_err("both").missing, ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"]);
    }
}
