//! What must be remembered between runs: of each shaper in a folder of its own, for its owner's eyes only, and of syncs beside
//! them.

mod clock;
mod folder;
mod interface_lock;
mod lock;
mod owner;
mod replace;
mod small_file;
mod trial;

pub use clock::{ClockError, Moment};
pub use folder::{Name, StateError, StateFolder};
pub use interface_lock::{InterfaceLockError, InterfaceLocks, OverlayLock, OverlayLockError, index_of};
pub use lock::{Holder, Lock, LockError};
pub use owner::{act_as_owner, acting_as, run_as_owner};
pub use small_file::{make_folder, read_optional, remove_file, replace_file};
pub use trial::{Deadline, Standing, Watcher};
