//! Who has a class, as a hash that fits in a kernel map.

use std::hash::{BuildHasherDefault, Hasher};

use pleach_graph::NodeId;
use pleach_tc::{Direction, Identity};
use sha2::{Digest, Sha256};

/// What an identity is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A site or an access point.
    Node,
    /// The permanent child of one.
    Keeper,
    /// A subscriber.
    Circuit,
}

/// The first 128 bits of SHA-256 over role, direction and typed id.
pub(crate) fn identity(role: Role, direction: Direction, id: &NodeId) -> Identity {
    let role = match role {
        Role::Node => "node",
        Role::Keeper => "keeper",
        Role::Circuit => "circuit",
    };
    let mut hash = Sha256::new();
    for part in [role, direction.as_str()] {
        hash.update(part);
        hash.update([0]); // no part can run into the next
    }
    hash.update(id.as_str());
    let digest = hash.finalize();
    let (halves, _) = digest.as_chunks::<16>();
    Identity(u128::from_be_bytes(halves[0]))
}

/// A hasher for identities, which are hashes already.
pub(crate) type IdentityHasher = BuildHasherDefault<LowBits>;

/// Takes the lower half of what it is given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LowBits(u64);

impl Hasher for LowBits {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "half of the bits tell a million identities apart")]
    fn write_u128(&mut self, value: u128) {
        self.0 = value as u64;
    }
}
