//! Options of leaves in `tc`'s words.
//!
//! All of them are always said, so that what is asked for depends on no default. Checked against iproute2 6.1 on Linux 6.12:
//! `tc/q_cake.c`, `q_fq_codel.c`, `q_sfq.c`, `q_fifo.c`.

use std::fmt;

use crate::leaf::{AckFilter, Cake, Diffserv, FlowIsolation, FqCodel, Leaf, LinkLayer, Microseconds, Sfq, SplitGso};
use crate::tuning::TARGET_PART;

/// What turns `fq_codel`'s marking threshold off again: the kernel's `CODEL_DISABLED_THRESHOLD`, 2^31 - 1 units of
/// 1 024 ns, in microseconds. `tc` has no word for it.
const NO_THRESHOLD: Microseconds = Microseconds(2_199_023_255);

/// An option of a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafOption {
    /// What it is called.
    pub name: &'static str,
    /// What it is.
    pub value: String,
    /// How `tc` says it.
    pub form: Form,
}

/// How `tc` says an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Name and value.
    NameAndValue,
    /// Name and value, where the leaf is made: the kernel refuses to hear of it again.
    AtFirst,
    /// The value alone is the word.
    Value,
    /// It has no word for it.
    Unsaid,
}

impl fmt::Display for LeafOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            Form::NameAndValue | Form::AtFirst => write!(f, "{} {}", self.name, self.value),
            Form::Value => f.write_str(&self.value),
            Form::Unsaid => Ok(()),
        }
    }
}

fn with(name: &'static str, value: impl fmt::Display) -> LeafOption {
    LeafOption { name, value: value.to_string(), form: Form::NameAndValue }
}

fn word(name: &'static str, value: &str) -> LeafOption {
    LeafOption { name, value: value.to_owned(), form: Form::Value }
}

fn time(time: Microseconds) -> String {
    format!("{}us", time.0)
}

/// Which options are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// All that there are words for.
    All,
    /// Those that the kernel takes for a leaf that is there.
    Changeable,
}

/// A leaf with its options, as `tc` takes them.
pub fn words(leaf: &Leaf, saying: Saying) -> String {
    let mut words = leaf.kind().to_owned();
    let is_said = |form| form != Form::Unsaid && (form != Form::AtFirst || saying == Saying::All);
    for option in options(leaf).iter().filter(|option| is_said(option.form)) {
        words.push(' ');
        words.push_str(&option.to_string());
    }
    words
}

/// All options of a leaf, always the same ones in the same order for one kind.
pub fn options(leaf: &Leaf) -> Vec<LeafOption> {
    match leaf {
        Leaf::Cake(cake) => self::cake(cake),
        Leaf::FqCodel(codel) => fq_codel(codel),
        Leaf::Sfq(sfq) => self::sfq(sfq),
        Leaf::Pfifo(pfifo) => vec![with("limit", pfifo.limit)],
    }
}

fn cake(cake: &Cake) -> Vec<LeafOption> {
    let either = |is: bool, yes: &'static str, no: &'static str| if is { yes } else { no };
    let mut options = vec![match cake.bandwidth {
        Some(rate) => with("bandwidth", format_args!("{}bit", rate.bit())),
        None => word("bandwidth", "unlimited"),
    }];
    if cake.autorate_ingress {
        options.push(word("autorate", "autorate-ingress"));
    }
    options.extend([
        word("diffserv", diffserv(cake.diffserv)),
        word("flow isolation", flow_isolation(cake.flow_isolation)),
        word("nat", either(cake.nat, "nat", "nonat")),
        word("wash", either(cake.wash, "wash", "nowash")),
        word("counting", either(cake.ingress, "ingress", "egress")),
        word("ack filter", ack_filter(cake.ack_filter)),
        word("gso", either(cake.split_gso == SplitGso::Split, "split-gso", "no-split-gso")),
        with("rtt", time(cake.rtt)),
    ]);
    if cake.target != Microseconds((cake.rtt.0 / TARGET_PART).max(1)) {
        options.push(LeafOption { name: "target", value: time(cake.target), form: Form::Unsaid });
    }
    // `raw` sets link layer and overhead, so it comes before them.
    if cake.raw {
        options.push(word("framing", "raw"));
    }
    options.push(word("link layer", link_layer(cake.link_layer)));
    if !cake.raw || cake.overhead != 0 {
        options.push(with("overhead", cake.overhead));
    }
    options.extend([
        with("mpu", cake.mpu),
        with("memlimit", cake.memory_limit),
        with("fwmark", format_args!("{:#x}", cake.fwmark)),
    ]);
    options
}

const fn diffserv(diffserv: Diffserv) -> &'static str {
    match diffserv {
        Diffserv::Diffserv3 => "diffserv3",
        Diffserv::Diffserv4 => "diffserv4",
        Diffserv::Diffserv8 => "diffserv8",
        Diffserv::Besteffort => "besteffort",
        Diffserv::Precedence => "precedence",
    }
}

const fn flow_isolation(isolation: FlowIsolation) -> &'static str {
    match isolation {
        FlowIsolation::Flowblind => "flowblind",
        FlowIsolation::Srchost => "srchost",
        FlowIsolation::Dsthost => "dsthost",
        FlowIsolation::Hosts => "hosts",
        FlowIsolation::Flows => "flows",
        FlowIsolation::DualSrchost => "dual-srchost",
        FlowIsolation::DualDsthost => "dual-dsthost",
        FlowIsolation::TripleIsolate => "triple-isolate",
    }
}

const fn ack_filter(filter: AckFilter) -> &'static str {
    match filter {
        AckFilter::Off => "no-ack-filter",
        AckFilter::On => "ack-filter",
        AckFilter::Aggressive => "ack-filter-aggressive",
    }
}

const fn link_layer(layer: LinkLayer) -> &'static str {
    match layer {
        LinkLayer::Noatm => "noatm",
        LinkLayer::Atm => "atm",
        LinkLayer::Ptm => "ptm",
    }
}

fn fq_codel(codel: &FqCodel) -> Vec<LeafOption> {
    vec![
        with("limit", codel.limit),
        // `fq_codel_change` refuses any number of flows, even the one there is.
        LeafOption { form: Form::AtFirst, ..with("flows", codel.flows) },
        with("quantum", codel.quantum),
        with("target", time(codel.target)),
        with("interval", time(codel.interval)),
        with("memory_limit", codel.memory_limit),
        with("drop_batch", codel.drop_batch),
        word("ecn", if codel.ecn { "ecn" } else { "noecn" }),
        with("ce_threshold", time(codel.ce_threshold.unwrap_or(NO_THRESHOLD))),
    ]
}

fn sfq(sfq: &Sfq) -> Vec<LeafOption> {
    vec![
        with("limit", sfq.limit),
        with("quantum", sfq.quantum),
        with("perturb", sfq.perturb_seconds),
        with("flows", sfq.flows),
        with("divisor", sfq.divisor),
        with("depth", sfq.depth),
    ]
}
