//! Leaf qdiscs on the wire: `fq_codel`, `sfq`, `pfifo` here, CAKE in its own file.
//!
//! Every option is sent, those at their default too, so that a change in place sets what it says and keeps nothing.
//! Source: `net/sched/sch_fq_codel.c`, `sch_sfq.c`, `sch_fifo.c` (6.12).

use pleach_tc::{FqCodel, Leaf, Microseconds, Pfifo, Sfq};

use super::cake;
use super::constants::{
    TCA_FQ_CODEL_CE_THRESHOLD, TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR, TCA_FQ_CODEL_DROP_BATCH_SIZE, TCA_FQ_CODEL_ECN,
    TCA_FQ_CODEL_FLOWS, TCA_FQ_CODEL_INTERVAL, TCA_FQ_CODEL_LIMIT, TCA_FQ_CODEL_MEMORY_LIMIT, TCA_FQ_CODEL_QUANTUM,
    TCA_FQ_CODEL_TARGET, TCA_KIND, TCA_OPTIONS,
};
use super::wire::{Attributes, Messages, u32_at};

/// The threshold that the kernel takes for none: it rounds down to `CODEL_DISABLED_THRESHOLD`, `INT_MAX`, in units of
/// 1 024 ns. There is no other way to take a threshold away in place.
const NO_THRESHOLD: u32 = 2_199_023_255;

/// Whether the qdisc is made, or changed in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    /// It is made.
    New,
    /// It is there.
    Change,
}

/// Lays out a leaf's kind and all of its options, save those that cannot be changed where it is there already.
pub fn put(messages: &mut Messages, leaf: &Leaf, make: Make) {
    messages.attribute_text(TCA_KIND, leaf.kind());
    let options = messages.begin_nest(TCA_OPTIONS);
    match leaf {
        Leaf::Cake(cake) => cake::put(messages, cake),
        Leaf::FqCodel(fq_codel) => put_fq_codel(messages, fq_codel, make),
        Leaf::Sfq(sfq) => put_sfq(messages, sfq),
        Leaf::Pfifo(pfifo) => messages.put(&pfifo.limit.to_ne_bytes()),
    }
    messages.end_nest(options);
}

/// Reads the options of a leaf of this kind; none where the kind is another, or they mean nothing.
pub fn parse(kind: &str, options: &[u8]) -> Option<Leaf> {
    match kind {
        "cake" => cake::parse(options).map(Leaf::Cake),
        "fq_codel" => parse_fq_codel(options).map(Leaf::FqCodel),
        "sfq" => parse_sfq(options).map(Leaf::Sfq),
        "pfifo" => u32_at(options, 0).map(|limit| Leaf::Pfifo(Pfifo { limit })),
        _ => None,
    }
}

fn put_fq_codel(messages: &mut Messages, fq_codel: &FqCodel, make: Make) {
    messages.attribute_u32(TCA_FQ_CODEL_LIMIT, fq_codel.limit);
    if make == Make::New {
        // `fq_codel_change` refuses it, even the same number.
        messages.attribute_u32(TCA_FQ_CODEL_FLOWS, fq_codel.flows);
    }
    messages.attribute_u32(TCA_FQ_CODEL_QUANTUM, fq_codel.quantum);
    messages.attribute_u32(TCA_FQ_CODEL_INTERVAL, fq_codel.interval.0);
    messages.attribute_u32(TCA_FQ_CODEL_TARGET, fq_codel.target.0);
    messages.attribute_u32(TCA_FQ_CODEL_ECN, fq_codel.ecn.into());
    messages.attribute_u32(TCA_FQ_CODEL_CE_THRESHOLD, fq_codel.ce_threshold.map_or(NO_THRESHOLD, |time| time.0));
    messages.attribute_u32(TCA_FQ_CODEL_MEMORY_LIMIT, fq_codel.memory_limit);
    messages.attribute_u32(TCA_FQ_CODEL_DROP_BATCH_SIZE, fq_codel.drop_batch);
}

fn parse_fq_codel(options: &[u8]) -> Option<FqCodel> {
    let mut fq_codel = FqCodel { ce_threshold: None, ..FqCodel::default() };
    for (kind, value) in Attributes(options) {
        let number = u32_at(value, 0);
        match kind {
            TCA_FQ_CODEL_LIMIT => fq_codel.limit = number?,
            TCA_FQ_CODEL_FLOWS => fq_codel.flows = number?,
            TCA_FQ_CODEL_QUANTUM => fq_codel.quantum = number?,
            TCA_FQ_CODEL_INTERVAL => fq_codel.interval = Microseconds::from_codel(number?),
            TCA_FQ_CODEL_TARGET => fq_codel.target = Microseconds::from_codel(number?),
            TCA_FQ_CODEL_ECN => fq_codel.ecn = number? != 0,
            TCA_FQ_CODEL_CE_THRESHOLD => fq_codel.ce_threshold = Some(Microseconds::from_codel(number?)),
            TCA_FQ_CODEL_MEMORY_LIMIT => fq_codel.memory_limit = number?,
            TCA_FQ_CODEL_DROP_BATCH_SIZE => fq_codel.drop_batch = number?,
            // An option that Pleach does not have.
            TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR if value.iter().any(|&byte| byte != 0) => return None,
            _ => {}
        }
    }
    Some(fq_codel)
}

/// Where `struct tc_sfq_qopt_v1` has the depth, behind the plain options.
const SFQ_DEPTH: usize = 20;
/// Dropping from the head, RED, and what RED counted: all off where they are zero.
const SFQ_REST: [u8; 48] = [0; 48];
/// Where dropping from the head and the two thresholds of RED are.
const SFQ_OTHER_OPTIONS: [usize; 3] = [24, 32, 36];

fn put_sfq(messages: &mut Messages, sfq: &Sfq) {
    for field in [sfq.quantum, sfq.perturb_seconds, sfq.limit, sfq.divisor, sfq.flows, sfq.depth] {
        messages.put(&field.to_ne_bytes());
    }
    messages.put(&SFQ_REST);
}

fn parse_sfq(options: &[u8]) -> Option<Sfq> {
    let field = |index: usize| u32_at(options, 4 * index);
    if SFQ_OTHER_OPTIONS.iter().any(|&at| u32_at(options, at) != Some(0)) {
        return None; // an option that Pleach does not have
    }
    Some(Sfq {
        quantum: field(0)?,
        perturb_seconds: field(1)?,
        limit: field(2)?,
        divisor: field(3)?,
        flows: field(4)?,
        depth: u32_at(options, SFQ_DEPTH)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(leaf: &Leaf) -> Option<Leaf> {
        let mut messages = Messages::default();
        put(&mut messages, leaf, Make::New);
        let options = Attributes(messages.as_bytes()).nth(1).expect("options").1;
        parse(leaf.kind(), options)
    }

    #[test]
    fn every_kind_reads_back() {
        let sfq = Sfq { limit: 1, quantum: 2, perturb_seconds: 3, flows: 4, divisor: 8, depth: 5 };
        for leaf in [Leaf::Sfq(sfq), Leaf::Pfifo(Pfifo { limit: 7 }), Leaf::Cake(pleach_tc::Cake::default())] {
            assert_eq!(read_back(&leaf), Some(leaf));
        }
    }

    #[test]
    fn times_of_fq_codel_are_read_as_they_were_asked_for() {
        let asked = FqCodel {
            limit: 1,
            flows: 2,
            quantum: 300,
            ecn: false,
            ce_threshold: Some(Microseconds(1_000)),
            memory_limit: 4,
            drop_batch: 5,
            ..FqCodel::default()
        };
        let reported = FqCodel {
            target: Microseconds(4_999),
            interval: Microseconds(99_999),
            ce_threshold: Some(Microseconds(999)),
            ..asked.clone()
        };
        assert_eq!(read_back(&Leaf::FqCodel(reported)), Some(Leaf::FqCodel(asked)));
    }

    #[test]
    fn no_threshold_is_the_kernels_own_number_for_it() {
        let kernel = (u64::from(NO_THRESHOLD) * 1_000) >> 10;
        assert_eq!(kernel, u64::from(i32::MAX.unsigned_abs()));
    }
}
