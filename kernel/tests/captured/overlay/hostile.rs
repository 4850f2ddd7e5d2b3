//! Answers that lie: captured messages with bytes changed and cut off.

use pleach_kernel::netlink::tc::TcMessage;
use pleach_kernel::netlink::{flower, forwarding, link, link_kind, link_statistics, local_address};
use pleach_overlay::links::Side;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{name, name_of};
use crate::capture::Capture;

/// Reads it in every way. Whatever comes of it, it is read without a panic.
fn read(payload: &[u8]) {
    if let Some(found) = link::parse(payload) {
        let _ = (link_kind::parse(&found, &name_of), found.isolation());
    }
    let _ = (forwarding::parse(payload), link_statistics::parse(payload), local_address::parse(payload));
    if let Some(mut tc) = TcMessage::parse(payload) {
        for handle in [tc.header.handle, 1] {
            tc.header.handle = handle;
            let _ = flower::parse(&tc, &name("sink"), Side::Ingress, &name_of);
            let _ = flower::counts(&tc);
        }
    }
}

#[test]
fn whatever_the_bytes_are_nothing_panics() {
    let is_ours = |case: &str| ["link/", "fdb/", "flower/"].iter().any(|object| case.starts_with(object));
    let payloads: Vec<Vec<u8>> = Capture::all()
        .into_iter()
        .filter(|capture| is_ours(&capture.case))
        .flat_map(|capture| capture.dump.into_iter().map(|message| message.payload))
        .collect();
    assert!(payloads.len() > 60, "{}", payloads.len());
    let changes = vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let which = any::<prop::sample::Index>();
    proptest!(ProptestConfig::with_cases(4_000), |(which in which, changes in changes, cut in any::<prop::sample::Index>())| {
        let mut payload = which.get(&payloads).clone();
        for (at, byte) in changes {
            let at = at.index(payload.len());
            payload[at] = byte;
        }
        read(&payload);
        read(&payload[..cut.index(payload.len())]);
    });
}
