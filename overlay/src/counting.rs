//! How a kernel counts what it queues.

/// How a kernel counts an aggregate (GSO) of a tunnel's packets where it is queued.
///
/// Source: `qdisc_pkt_len_init` in `net/core/dev.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counting {
    /// As the packets that it becomes on the wire.
    #[default]
    AsPackets,
    /// With the tunnel's headers once: what shapes it lets more through.
    TooSmall,
}
