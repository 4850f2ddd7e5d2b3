//! Options of leaves as somebody gave them, where some are left out.

use pleach_graph::Rate;
use serde::{Deserialize, Serialize};

use crate::leaf::{AckFilter, Cake, Diffserv, FlowIsolation, FqCodel, LinkLayer, Microseconds, SplitGso};

/// The options of CAKE that are given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename = "Cake")]
#[expect(missing_docs, reason = "those of `Cake`")]
pub struct GivenCake {
    #[serde(serialize_with = "pleach_graph::rate_text::write_option")]
    pub bandwidth: Option<Rate>,
    pub diffserv: Option<Diffserv>,
    pub flow_isolation: Option<FlowIsolation>,
    pub nat: Option<bool>,
    pub wash: Option<bool>,
    pub ingress: Option<bool>,
    pub autorate_ingress: Option<bool>,
    pub ack_filter: Option<AckFilter>,
    pub split_gso: Option<SplitGso>,
    pub rtt: Option<Microseconds>,
    pub target: Option<Microseconds>,
    pub overhead: Option<i16>,
    pub mpu: Option<u16>,
    pub link_layer: Option<LinkLayer>,
    pub raw: Option<bool>,
    pub memory_limit: Option<u32>,
    pub fwmark: Option<u32>,
}

impl GivenCake {
    /// All options: those that are given, and for the rest those of `base`.
    ///
    /// As with `tc`, `target` follows from `rtt`, and `raw` from `overhead`, `mpu` and `link_layer`, where those are given.
    pub fn over(&self, base: &Cake) -> Cake {
        const TARGETS_IN_AN_RTT: u32 = 20;
        let overhead = self.overhead.unwrap_or(base.overhead);
        let mpu = self.mpu.unwrap_or(base.mpu);
        let link_layer = self.link_layer.unwrap_or(base.link_layer);
        let is_framing_given = self.overhead.is_some() || self.mpu.is_some() || self.link_layer.is_some();
        let is_raw = overhead == 0 && mpu == 0 && link_layer == LinkLayer::Noatm;
        let target_of_rtt = self.rtt.map(|rtt| Microseconds((rtt.0 / TARGETS_IN_AN_RTT).max(1)));
        Cake {
            bandwidth: self.bandwidth.or(base.bandwidth),
            diffserv: self.diffserv.unwrap_or(base.diffserv),
            flow_isolation: self.flow_isolation.unwrap_or(base.flow_isolation),
            nat: self.nat.unwrap_or(base.nat),
            wash: self.wash.unwrap_or(base.wash),
            ingress: self.ingress.unwrap_or(base.ingress),
            autorate_ingress: self.autorate_ingress.unwrap_or(base.autorate_ingress),
            ack_filter: self.ack_filter.unwrap_or(base.ack_filter),
            split_gso: self.split_gso.unwrap_or(base.split_gso),
            rtt: self.rtt.unwrap_or(base.rtt),
            target: self.target.or(target_of_rtt).unwrap_or(base.target),
            overhead,
            mpu,
            link_layer,
            raw: self.raw.unwrap_or(if is_framing_given { is_raw } else { base.raw }),
            memory_limit: self.memory_limit.unwrap_or(base.memory_limit),
            fwmark: self.fwmark.unwrap_or(base.fwmark),
        }
    }
}

/// What is left out is as in [`Cake::default`].
impl From<GivenCake> for Cake {
    fn from(given: GivenCake) -> Self {
        given.over(&Self::default())
    }
}

/// The options of `fq_codel` that are given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename = "FqCodel")]
#[expect(missing_docs, reason = "those of `FqCodel`")]
pub struct GivenFqCodel {
    pub limit: Option<u32>,
    pub flows: Option<u32>,
    pub quantum: Option<u32>,
    pub target: Option<Microseconds>,
    pub interval: Option<Microseconds>,
    pub ecn: Option<bool>,
    pub ce_threshold: Option<Microseconds>,
    pub memory_limit: Option<u32>,
    pub drop_batch: Option<u32>,
}

impl GivenFqCodel {
    /// All options: those that are given, and for the rest those of `base`.
    pub fn over(&self, base: &FqCodel) -> FqCodel {
        FqCodel {
            limit: self.limit.unwrap_or(base.limit),
            flows: self.flows.unwrap_or(base.flows),
            quantum: self.quantum.unwrap_or(base.quantum),
            target: self.target.unwrap_or(base.target),
            interval: self.interval.unwrap_or(base.interval),
            ecn: self.ecn.unwrap_or(base.ecn),
            ce_threshold: self.ce_threshold.or(base.ce_threshold),
            memory_limit: self.memory_limit.unwrap_or(base.memory_limit),
            drop_batch: self.drop_batch.unwrap_or(base.drop_batch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> GivenCake {
        serde_json::from_str(text).expect("options")
    }

    #[test]
    fn what_is_left_out_is_as_in_the_base() {
        let base = Cake { nat: true, rtt: Microseconds(50_000), target: Microseconds(900), ..Cake::default() };
        assert_eq!(given("{}").over(&base), base);
        let own = given(r#"{"wash":true}"#).over(&base);
        assert_eq!(own, Cake { wash: true, ..base.clone() });
        let codel = FqCodel { ce_threshold: Some(Microseconds(7)), flows: 9, ..FqCodel::default() };
        assert_eq!(GivenFqCodel::default().over(&codel), codel);
        let own = GivenFqCodel { flows: Some(4), ..GivenFqCodel::default() };
        assert_eq!(own.over(&codel), FqCodel { flows: 4, ..codel });
    }

    #[test]
    fn what_follows_from_an_option_follows_from_the_given_one() {
        let base = Cake { target: Microseconds(900), overhead: 18, raw: false, ..Cake::default() };
        assert_eq!(given(r#"{"rtt":"200ms"}"#).over(&base).target, Microseconds(10_000));
        assert_eq!(given(r#"{"rtt":"200ms","target":5}"#).over(&base).target, Microseconds(5));
        assert!(given(r#"{"overhead":0}"#).over(&base).raw, "nothing is compensated any more");
        assert!(!given(r#"{"mpu":64}"#).over(&Cake::default()).raw);
        assert!(!given(r#"{"overhead":0,"raw":false}"#).over(&base).raw);
    }
}
