//! Circuits with settings of their own.

use std::collections::BTreeMap;

use compact_str::CompactString;
use pleach_shaper::{CircuitSettings, LeafSettings};
use pleach_tc::{GivenCake, GivenFqCodel, LeafKind};
use serde::{Deserialize, Serialize};

/// Settings of one circuit. Options that are not given are those of `[shaper.leaf]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CircuitOptions {
    /// Its Circuit ID.
    pub id: CompactString,
    /// Its kind of queue, before its `sqm` cell.
    pub kind: Option<LeafKind>,
    /// Options of CAKE, put over those of all.
    pub cake: Option<GivenCake>,
    /// Options of `fq_codel`, put over those of all.
    pub fq_codel: Option<GivenFqCodel>,
}

/// A circuit has settings twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is there twice")]
pub struct CircuitTwice(pub CompactString);

/// By Circuit ID, with what is not given filled in.
pub(super) fn by_circuit(
    circuits: &[CircuitOptions],
    leaf: &LeafSettings,
) -> Result<BTreeMap<CompactString, CircuitSettings>, CircuitTwice> {
    let mut all = BTreeMap::new();
    for CircuitOptions { id, kind, cake, fq_codel } in circuits {
        let settings = CircuitSettings {
            kind: *kind,
            cake: cake.as_ref().map(|own| own.over(&leaf.cake)),
            fq_codel: fq_codel.as_ref().map(|own| own.over(&leaf.fq_codel)),
        };
        if all.insert(id.clone(), settings).is_some() {
            return Err(CircuitTwice(id.clone()));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach_tc::Microseconds;

    fn settings(leaf: &str, circuit: &str) -> CircuitSettings {
        let leaf: LeafSettings = toml::from_str(leaf).expect("settings");
        let circuit: CircuitOptions = toml::from_str(&format!("id = \"7\"\n{circuit}")).expect("options");
        by_circuit(&[circuit], &leaf).expect("one circuit")["7"].clone()
    }

    #[test]
    fn options_not_given_are_those_of_all() {
        let own = settings("[cake]\nnat = true\nrtt = \"50ms\"", "[cake]\nrtt = \"200ms\"");
        let cake = own.cake.expect("given");
        assert_eq!((cake.nat, cake.rtt, cake.target), (true, Microseconds(200_000), Microseconds(10_000)));
        assert!(own.fq_codel.is_none());
        let own = settings("[cake]\ntarget = 900", "[cake]\nwash = true");
        assert_eq!(own.cake.map(|cake| (cake.wash, cake.target)), Some((true, Microseconds(900))));
    }
}
