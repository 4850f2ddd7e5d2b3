//! Circuits with settings of their own.

use std::collections::BTreeMap;

use compact_str::CompactString;
use pleach_shaper::{CircuitSettings, LeafKind, LeafSettings};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Table;

/// Settings of one circuit. Options that are not given are those of `[shaper.leaf]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CircuitOptions {
    /// Its Circuit ID.
    pub id: CompactString,
    /// Its kind of queue, before its `sqm` cell.
    pub kind: Option<LeafKind>,
    /// Options of CAKE, put over those of all.
    pub cake: Option<Table>,
    /// Options of `fq_codel`, put over those of all.
    pub fq_codel: Option<Table>,
}

/// Settings of a circuit that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum CircuitOptionsError {
    /// A circuit with settings twice.
    #[error("`{0}` is there twice")]
    Twice(CompactString),
    /// An option that is not known, or cannot have its value.
    #[error("`{id}`, `{table}`: {message}")]
    Option {
        /// Which circuit.
        id: CompactString,
        /// Which table of its.
        table: &'static str,
        /// What is wrong.
        message: String,
    },
}

/// By Circuit ID, with what is not given filled in.
pub(super) fn by_circuit(
    circuits: &[CircuitOptions],
    leaf: &LeafSettings,
) -> Result<BTreeMap<CompactString, CircuitSettings>, CircuitOptionsError> {
    let mut all = BTreeMap::new();
    for options in circuits {
        let id = &options.id;
        let wrong = |table: &'static str| {
            move |error: toml::de::Error| {
                let message = error.message().to_owned();
                CircuitOptionsError::Option { id: id.clone(), table, message }
            }
        };
        let over = |own: &Option<Table>, base: Table| own.as_ref().map(|own| put_over(own, base));
        let cake = over(&options.cake, as_table(&leaf.cake)).map(read).transpose().map_err(wrong("cake"))?;
        let fq_codel = over(&options.fq_codel, as_table(&leaf.fq_codel));
        let fq_codel = fq_codel.map(read).transpose().map_err(wrong("fq_codel"))?;
        let settings = CircuitSettings { kind: options.kind, cake, fq_codel };
        if all.insert(id.clone(), settings).is_some() {
            return Err(CircuitOptionsError::Twice(id.clone()));
        }
    }
    Ok(all)
}

fn as_table<T: serde::Serialize>(options: &T) -> Table {
    Table::try_from(options).expect("invariant: options are a table of numbers, words and flags")
}

/// Own options over those of all. What follows from an option that is given (`target` from `rtt`, `raw` from `overhead`) is
/// left to follow from it.
fn put_over(own: &Table, mut base: Table) -> Table {
    const FOLLOWS: [(&str, &[&str]); 2] = [("target", &["rtt"]), ("raw", &["overhead", "mpu", "link_layer"])];
    for (key, from) in FOLLOWS {
        if from.iter().any(|from| own.contains_key(*from)) {
            base.remove(key);
        }
    }
    base.extend(own.clone());
    base
}

fn read<T: DeserializeOwned>(table: Table) -> Result<T, toml::de::Error> {
    table.try_into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach_tc::Microseconds;

    fn settings(leaf: &str, circuit: &str) -> Result<CircuitSettings, String> {
        let leaf: LeafSettings = toml::from_str(leaf).expect("settings");
        let circuit: CircuitOptions = toml::from_str(&format!("id = \"7\"\n{circuit}")).expect("options");
        let all = by_circuit(&[circuit], &leaf).map_err(|error| error.to_string())?;
        Ok(all["7"].clone())
    }

    #[test]
    fn options_not_given_are_those_of_all() {
        let own = settings("[cake]\nnat = true\nrtt = \"50ms\"", "[cake]\nrtt = \"200ms\"").expect("settings");
        let cake = own.cake.expect("given");
        assert_eq!((cake.nat, cake.rtt, cake.target), (true, Microseconds(200_000), Microseconds(10_000)));
        assert!(own.fq_codel.is_none());
        let own = settings("[cake]\ntarget = 900", "[cake]\nwash = true").expect("settings");
        assert_eq!(own.cake.map(|cake| (cake.wash, cake.target)), Some((true, Microseconds(900))));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = settings("", "[cake]\nrt = 5").expect_err("unknown");
        assert!(error.starts_with("`7`, `cake`: unknown field `rt`"), "{error}");
        let error = settings("", "[fq_codel]\nflows = \"many\"").expect_err("no number");
        assert!(error.starts_with("`7`, `fq_codel`: invalid type"), "{error}");
    }
}
