//! One change of an interface at a time, whichever configuration and state folder it comes from.
//!
//! The lock is an abstract unix socket that the interface's number names. Such names belong to a network namespace, as
//! interfaces do, and go with the process that bound them (unix(7)).

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::thread;
use std::time::{Duration, Instant};

use pleach_tc::Interface;
use rustix::net::netdevice::name_to_index;

/// How often a lock is tried.
const POLL: Duration = Duration::from_millis(50);

/// The lock of everything that overlays make in a network namespace: it goes with the process that holds it.
#[derive(Debug)]
pub struct OverlayLock {
    _socket: UnixDatagram,
}

/// Why the overlays of this network namespace cannot be locked.
#[derive(Debug, thiserror::Error)]
pub enum OverlayLockError {
    /// Somebody else changes them.
    #[error("another overlay commit is running")]
    Held,
    /// There can be no lock.
    #[error("cannot lock the overlay")]
    Io(#[source] io::Error),
}

impl OverlayLock {
    /// Takes the lock, if nobody has it.
    pub fn take() -> Result<Self, OverlayLockError> {
        match bind("overlay") {
            Ok(socket) => Ok(Self { _socket: socket }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(OverlayLockError::Held),
            Err(error) => Err(OverlayLockError::Io(error)),
        }
    }
}

/// The locks of some interfaces: they go with the process that holds them, however that ends.
#[derive(Debug)]
pub struct InterfaceLocks {
    _sockets: Vec<UnixDatagram>,
}

/// Why the interfaces cannot be locked.
#[derive(Debug, thiserror::Error)]
pub enum InterfaceLockError {
    /// Somebody else changes one of them.
    #[error("another apply is changing `{0}`")]
    Held(Interface),
    /// There can be no lock.
    #[error("cannot lock `{interface}`")]
    Io {
        /// Which interface.
        interface: Interface,
        /// Why.
        source: io::Error,
    },
}

impl InterfaceLocks {
    /// Locks these interfaces, or says which of them somebody else changes. One that is not there needs no lock.
    pub fn take(interfaces: &[Interface]) -> Result<Self, InterfaceLockError> {
        let mut numbers = std::collections::BTreeMap::new();
        for interface in interfaces {
            let failed = |source| InterfaceLockError::Io { interface: interface.clone(), source };
            if let Some(number) = index_of(interface).map_err(failed)? {
                numbers.insert(number, interface);
            }
        }
        let lock = |(number, interface): (u32, &Interface)| {
            bind(&format!("interface/{number}")).map_err(|source| match source.kind() {
                io::ErrorKind::AddrInUse => InterfaceLockError::Held(interface.clone()),
                _ => InterfaceLockError::Io { interface: interface.clone(), source },
            })
        };
        Ok(Self { _sockets: numbers.into_iter().map(lock).collect::<Result<_, _>>()? })
    }

    /// The same as soon as they are free, at most after this long.
    pub fn wait(interfaces: &[Interface], patience: Duration) -> Result<Self, InterfaceLockError> {
        let began = Instant::now();
        loop {
            match Self::take(interfaces) {
                Err(InterfaceLockError::Held(_)) if began.elapsed() < patience => thread::sleep(POLL),
                taken => return taken,
            }
        }
    }
}

fn bind(name: &str) -> io::Result<UnixDatagram> {
    UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(format!("pleach/{name}"))?)
}

/// The number of an interface, which one that is made anew under the same name does not have; none if it is not there.
pub fn index_of(interface: &Interface) -> io::Result<Option<u32>> {
    match name_to_index(UnixDatagram::unbound()?, interface.as_str()) {
        Ok(number) => Ok(Some(number)),
        Err(rustix::io::Errno::NODEV) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_whoever_is_not_there_is_not_locked() {
        let names: Vec<Interface> = ["lo", "gone", "lo"].map(|name| name.parse().expect("a name")).into();
        assert!(index_of(&names[0]).expect("asked").is_some());
        assert_eq!(index_of(&names[1]).expect("asked"), None);
        let locks = InterfaceLocks::take(&names).expect("free");
        let error = InterfaceLocks::wait(&names, POLL).expect_err("held").to_string();
        assert_eq!(error, "another apply is changing `lo`");
        drop(locks);
        InterfaceLocks::take(&names).expect("free again");
    }
}
