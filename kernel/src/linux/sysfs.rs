//! What only sysfs says: how many transmit queues an interface uses, and which CPUs they are reserved to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use compact_str::CompactString;
use pleach_tc::Interface;
use rustix::io::Errno;

use crate::error::KernelError;

const CLASS: &str = "/sys/class/net";

fn folder(interface: &Interface) -> PathBuf {
    Path::new(CLASS).join(interface.as_str())
}

/// Where the CPUs of a transmit queue are.
pub(super) fn xps_path(interface: &Interface, queue: u16) -> PathBuf {
    folder(interface).join(format!("queues/tx-{queue}/xps_cpus"))
}

fn failed(what: &Path) -> impl FnOnce(io::Error) -> KernelError {
    move |source| KernelError::Io { operation: format!("reading {}", what.display()), source }
}

fn number<T: std::str::FromStr>(path: &Path) -> Result<T, KernelError> {
    let text = fs::read_to_string(path).map_err(failed(path))?;
    let malformed = || KernelError::Malformed {
        operation: format!("reading {}", path.display()),
        what: format!("`{}` is no number", text.trim()),
    };
    text.trim().parse().map_err(|_| malformed())
}

/// Whether sysfs is of the network namespace that the socket is in: the index of this name is the same in both. A process
/// that entered a namespace sees the old sysfs until it mounts a new one.
pub(super) fn check_namespace(interface: &Interface, index: u32) -> Result<(), KernelError> {
    let path = folder(interface).join("ifindex");
    let seen: u32 = number(&path)?;
    if seen == index {
        return Ok(());
    }
    Err(KernelError::Malformed {
        operation: format!("reading {}", path.display()),
        what: format!("it is of another network namespace: {seen} there, {index} by netlink"),
    })
}

/// The number of an interface.
pub(super) fn index(interface: &Interface) -> Result<u32, KernelError> {
    number(&folder(interface).join("ifindex"))
}

/// How many transmit queues the interface uses.
pub(super) fn queues(interface: &Interface) -> Result<u16, KernelError> {
    let path = folder(interface).join("queues");
    let mut count = 0;
    for entry in fs::read_dir(&path).map_err(failed(&path))? {
        let name = entry.map_err(failed(&path))?.file_name();
        count += u16::from(name.to_string_lossy().starts_with("tx-"));
    }
    Ok(count)
}

/// Which CPUs each transmit queue is reserved to, where any is.
pub(super) fn xps(interface: &Interface, queues: u16) -> Result<BTreeMap<u16, CompactString>, KernelError> {
    let mut reserved = BTreeMap::new();
    for queue in 0..queues {
        let path = xps_path(interface, queue);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            // A kernel without XPS, or an interface with one queue only, where the file cannot be read.
            Err(error) if matches!(Errno::from_io_error(&error), Some(Errno::NOENT | Errno::OPNOTSUPP)) => continue,
            Err(error) => return Err(failed(&path)(error)),
        };
        if text.bytes().any(|digit| matches!(digit, b'1'..=b'9' | b'a'..=b'f')) {
            reserved.insert(queue, text.trim().into());
        }
    }
    Ok(reserved)
}

/// Reserves a transmit queue to CPUs.
pub(super) fn set_xps(interface: &Interface, queue: u16, cpus: &str) -> io::Result<()> {
    fs::write(xps_path(interface, queue), cpus)
}

/// The interface's speed in Mbit/s; none where it has none or does not say.
pub(super) fn speed_mbit(interface: &Interface) -> Option<u64> {
    fs::read_to_string(folder(interface).join("speed")).ok()?.trim().parse().ok().filter(|&speed| speed > 0)
}
