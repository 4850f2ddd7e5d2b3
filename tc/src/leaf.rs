//! Leaf qdiscs and all of their options.
//!
//! Defaults are the kernel's own (6.12), written out, so that what is asked for never depends on the kernel's version.
//! Source: `net/sched/sch_cake.c`, `sch_fq_codel.c`, `sch_sfq.c`, `sch_fifo.c` and `include/uapi/linux/pkt_sched.h`.

use pleach_graph::Rate;
use serde::{Deserialize, Serialize};

/// A time in microseconds. Reads a number of them, or text with a unit: `5ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Microseconds(pub u32);

/// Which kind of queue a class gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeafKind {
    /// CAKE.
    #[default]
    Cake,
    /// `fq_codel`.
    FqCodel,
    /// `sfq`.
    Sfq,
    /// `pfifo`.
    Pfifo,
    /// The queue that HTB gives every class.
    None,
}

impl LeafKind {
    /// Those that are queues of their own.
    pub const QUEUES: [Self; 4] = [Self::Cake, Self::FqCodel, Self::Sfq, Self::Pfifo];

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cake => "cake",
            Self::FqCodel => "fq_codel",
            Self::Sfq => "sfq",
            Self::Pfifo => "pfifo",
            Self::None => "none",
        }
    }

    /// The queue with the usual options; none for that which HTB gives by itself.
    pub fn queue(self) -> Option<Leaf> {
        match self {
            Self::Cake => Some(Leaf::Cake(Cake::default())),
            Self::FqCodel => Some(Leaf::FqCodel(FqCodel::default())),
            Self::Sfq => Some(Leaf::Sfq(Sfq::default())),
            Self::Pfifo => Some(Leaf::Pfifo(Pfifo::default())),
            Self::None => None,
        }
    }
}

/// A queue for the packets of one class.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaf {
    /// CAKE.
    Cake(Cake),
    /// Fair queueing with controlled delay.
    FqCodel(FqCodel),
    /// Stochastic fair queueing.
    Sfq(Sfq),
    /// A plain queue.
    Pfifo(Pfifo),
}

/// Options of CAKE. Where they are read, `target` follows from `rtt` and `raw` from `overhead`, `mpu` and `link_layer` unless
/// given, as with `tc`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the kernel's own")]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "crate::given::GivenCake")]
pub struct Cake {
    /// Its own shaper; none under an HTB class, which shapes.
    #[serde(serialize_with = "pleach_graph::rate_text::write_option")]
    pub bandwidth: Option<Rate>,
    /// Classes of traffic within the subscriber's own.
    pub diffserv: Diffserv,
    /// Whose flows are kept apart.
    pub flow_isolation: FlowIsolation,
    /// Whether addresses are looked up behind this host's NAT.
    pub nat: bool,
    /// Whether DSCP is cleared on the way out.
    pub wash: bool,
    /// Whether it counts what arrives rather than what leaves.
    pub ingress: bool,
    /// Whether it guesses the link's rate from arrivals.
    pub autorate_ingress: bool,
    /// What is done with redundant TCP acknowledgements.
    pub ack_filter: AckFilter,
    /// Whether aggregates are split into packets.
    pub split_gso: SplitGso,
    /// The round trip it is tuned to.
    pub rtt: Microseconds,
    /// How much standing delay it accepts; the kernel's userspace takes rtt / 20.
    pub target: Microseconds,
    /// Bytes that the link adds to each packet, when its own shaper is in use.
    pub overhead: i16,
    /// The smallest frame of the link in bytes.
    pub mpu: u16,
    /// How the link frames packets.
    pub link_layer: LinkLayer,
    /// Whether packet sizes are taken as they are, without any compensation.
    pub raw: bool,
    /// The most bytes it holds; 0 lets the kernel choose.
    pub memory_limit: u32,
    /// The bits of the firewall mark that choose a tin; 0 for none.
    pub fwmark: u32,
}

/// CAKE's classes of traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the kernel's own names")]
pub enum Diffserv {
    Diffserv3,
    #[default]
    Diffserv4,
    Diffserv8,
    Besteffort,
    Precedence,
}

/// Whose flows CAKE keeps apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the kernel's own names")]
pub enum FlowIsolation {
    Flowblind,
    Srchost,
    Dsthost,
    Hosts,
    Flows,
    DualSrchost,
    DualDsthost,
    #[default]
    TripleIsolate,
}

/// What CAKE does with redundant acknowledgements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the kernel's own names")]
pub enum AckFilter {
    #[default]
    Off,
    On,
    Aggressive,
}

/// Whether CAKE splits aggregates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitGso {
    /// Into packets, so that another flow's packet waits for one packet only.
    #[default]
    Split,
    /// Aggregates stay whole.
    Keep,
}

/// How the link frames packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the kernel's own names")]
pub enum LinkLayer {
    #[default]
    Noatm,
    Atm,
    Ptm,
}

impl Default for Cake {
    fn default() -> Self {
        Self {
            bandwidth: None,
            diffserv: Diffserv::default(),
            flow_isolation: FlowIsolation::default(),
            nat: false,
            wash: false,
            ingress: false,
            autorate_ingress: false,
            ack_filter: AckFilter::default(),
            split_gso: SplitGso::default(),
            rtt: Microseconds(100_000),
            target: Microseconds(5_000),
            overhead: 0,
            mpu: 0,
            link_layer: LinkLayer::default(),
            raw: true,
            memory_limit: 0,
            fwmark: 0,
        }
    }
}

/// Options of `fq_codel`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FqCodel {
    /// The most packets it holds.
    pub limit: u32,
    /// How many flows are told apart; cannot be changed in place.
    pub flows: u32,
    /// Bytes a flow sends in a turn.
    pub quantum: u32,
    /// How much standing delay it accepts.
    pub target: Microseconds,
    /// The round trip it is tuned to.
    pub interval: Microseconds,
    /// Whether it marks rather than drops.
    pub ecn: bool,
    /// Marks whatever waited longer than this.
    pub ce_threshold: Option<Microseconds>,
    /// The most bytes it holds.
    pub memory_limit: u32,
    /// How many packets are dropped at a time when it is full.
    pub drop_batch: u32,
}

impl Default for FqCodel {
    fn default() -> Self {
        Self {
            limit: 10_240,
            flows: 1_024,
            quantum: 1_514,
            target: Microseconds(5_000),
            interval: Microseconds(100_000),
            ecn: true,
            ce_threshold: None,
            memory_limit: 32 << 20,
            drop_batch: 64,
        }
    }
}

/// Options of `sfq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sfq {
    /// The most packets it holds.
    pub limit: u32,
    /// Bytes a flow sends in a turn.
    pub quantum: u32,
    /// Seconds after which flows are hashed anew; 0 for never.
    pub perturb_seconds: u32,
    /// How many flows are told apart.
    pub flows: u32,
    /// The size of the hash table; a power of two.
    pub divisor: u32,
    /// The most packets of one flow.
    pub depth: u32,
}

impl Default for Sfq {
    fn default() -> Self {
        Self { limit: 127, quantum: 1_514, perturb_seconds: 10, flows: 127, divisor: 1_024, depth: 127 }
    }
}

/// Options of `pfifo`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pfifo {
    /// The most packets it holds.
    pub limit: u32,
}

impl Default for Pfifo {
    fn default() -> Self {
        Self { limit: 1_000 }
    }
}

impl Leaf {
    /// The kernel's name for it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cake(_) => "cake",
            Self::FqCodel(_) => "fq_codel",
            Self::Sfq(_) => "sfq",
            Self::Pfifo(_) => "pfifo",
        }
    }
}
