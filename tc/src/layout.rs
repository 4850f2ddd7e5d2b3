//! Which numbers Pleach uses in an interface: the convention by which it knows its own work.
//!
//! The kernel searches the qdiscs of an interface in 16 buckets by their major ([`Handle::bucket`]). HTBs have a bucket to
//! themselves, since every change of a class looks its HTB up; qdiscs that the kernel makes by itself are all in bucket 0;
//! leaves have the other 14 (6.18; measured: 10 000 classes and leaves in 0.57 s instead of 0.80).

use std::sync::LazyLock;

use crate::handle::Handle;
use crate::qdisc::QdiscKind;
use crate::state::Root;

/// The major of the `mq` at the root of an interface with several transmit queues.
pub const ROOT_MAJOR: u16 = 0xace5;
/// The major of the HTB that holds a virt of an overlay to its rate, on an interface that is no shaper's port.
pub const VIRT_MAJOR: u16 = 0xace6;
/// The major of the leaf in it.
pub const VIRT_LEAF_MAJOR: u16 = 0xace7;
/// The preference of our filter on clsact's egress: before those that the kernel gives by itself, which go down from
/// 49 152, and none that another program is known to use.
pub const FILTER_PREFERENCE: u16 = 0xace;
/// The number of our filter within its preference.
pub const FILTER_HANDLE: u32 = 1;
/// The minor of an HTB's link class, which everything else is under.
pub const LINK_MINOR: u16 = 1;
/// The minor of the class for what the network itself runs on, in every HTB.
pub const CONTROL_MINOR: u16 = 2;
/// The minor of the class for addresses that nobody has, in the first HTB of a direction: one more than control's, which is
/// how the classifier finds that.
pub const UNKNOWN_MINOR: u16 = 3;
/// On a stick whose directions share one HTB, what is added to the minors above for uploads.
pub const UPLOAD_MINORS: u16 = 4;
/// The first minor that a ledger gives away.
pub const FIRST_FREE_MINOR: u16 = 16;
/// How many HTBs an interface can have: the majors of their bucket.
pub const MOST_QUEUES: u16 = 4_000;

const HTB_BUCKET: u8 = 1;
const KERNEL_BUCKET: u8 = 0;
const CLSACT_MAJOR: u16 = 0xffff;

static HTB_MAJORS: LazyLock<Vec<u16>> =
    LazyLock::new(|| (1..CLSACT_MAJOR).filter(|&major| is_htb_major(major)).take(MOST_QUEUES.into()).collect());

/// Whether a major is in the bucket that HTBs have to themselves.
pub const fn is_htb_major(major: u16) -> bool {
    Handle::bucket(major) == HTB_BUCKET && major != ROOT_MAJOR
}

/// The HTB of a transmit queue, counted from 0; none beyond [`MOST_QUEUES`].
pub fn htb(queue: u16) -> Option<Handle> {
    HTB_MAJORS.get(usize::from(queue)).copied().map(Handle::qdisc)
}

/// The transmit queue that an HTB of ours, or a class in it, is on.
pub fn queue_of(handle: Handle) -> Option<u16> {
    HTB_MAJORS.binary_search(&handle.major()).ok().and_then(|at| u16::try_from(at).ok())
}

/// What the HTB of a transmit queue hangs in: the `mq`, or the interface itself where there is one queue only.
pub fn htb_parent(queue: u16, queues: u16) -> Handle {
    if queues > 1 { Handle::new(ROOT_MAJOR, queue + 1) } else { Handle::ROOT }
}

/// Whether a leaf may have this major.
pub const fn is_leaf_major(major: u16) -> bool {
    let bucket = Handle::bucket(major);
    bucket != HTB_BUCKET && bucket != KERNEL_BUCKET && major != ROOT_MAJOR && major != CLSACT_MAJOR && major != 0
}

/// All majors a leaf may have, ascending: 57 000 or so, which is as many leaves as an interface can have.
pub fn leaf_majors() -> impl Iterator<Item = u16> {
    (1..CLSACT_MAJOR).filter(|&major| is_leaf_major(major))
}

/// What the root qdisc of an interface is to us.
pub fn root_of(handle: Handle, kind: &QdiscKind) -> Root {
    match kind {
        _ if handle == Handle::NONE => Root::KernelDefault,
        QdiscKind::Mq if handle == Handle::qdisc(ROOT_MAJOR) => Root::Ours,
        QdiscKind::Htb if Some(handle) == htb(0) => Root::Ours,
        kind => Root::Foreign { kind: kind.name().into(), handle },
    }
}

const _: () = assert!(UNKNOWN_MINOR == CONTROL_MINOR + 1);
const _: () = assert!(!is_htb_major(VIRT_MAJOR), "a shaper takes it for somebody else's");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_and_their_htbs_are_one_to_one() {
        for queue in 0..MOST_QUEUES {
            let handle = htb(queue).expect("an HTB");
            assert_eq!(queue_of(handle), Some(queue));
            assert_eq!(queue_of(Handle::new(handle.major(), 0x1234)), Some(queue));
            assert!(!is_leaf_major(handle.major()));
        }
        assert_eq!(htb(MOST_QUEUES), None);
    }

    #[test]
    fn leaves_have_room() {
        let majors: Vec<u16> = leaf_majors().collect();
        assert!(majors.len() > 57_000, "{}", majors.len());
        assert!(majors.iter().all(|&major| queue_of(Handle::qdisc(major)).is_none()));
        assert!(!majors.contains(&ROOT_MAJOR) && !majors.contains(&0xffff));
    }

    #[test]
    fn our_roots_are_known_by_their_handles() {
        let htb = htb(0).expect("an HTB");
        assert_eq!(root_of(htb, &QdiscKind::Htb), Root::Ours);
        assert_eq!(root_of(Handle::qdisc(ROOT_MAJOR), &QdiscKind::Mq), Root::Ours);
        assert_eq!(root_of(Handle::NONE, &QdiscKind::Mq), Root::KernelDefault);
        let foreign = Root::Foreign { kind: "mq".into(), handle: Handle::qdisc(0x7fff) };
        assert_eq!(root_of(Handle::qdisc(0x7fff), &QdiscKind::Mq), foreign);
    }
}
