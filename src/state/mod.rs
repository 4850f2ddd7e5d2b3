//! What a shaper must remember between runs: one folder each, for its owner's eyes only.

mod clock;
mod folder;
mod interface_lock;
mod lock;
mod replace;
mod trial;

pub use clock::{ClockError, Moment};
pub use folder::{Name, StateError, StateFolder};
pub use interface_lock::{InterfaceLockError, InterfaceLocks, index_of};
pub use lock::{Holder, Lock, LockError};
pub use trial::{Deadline, Standing, Watcher};
