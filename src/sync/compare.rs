#![allow(missing_docs)]
//! What is different between two networks, and whether it may be.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::exit::Failure;
use crate::survey::Survey;

/// What is different between two networks.
#[derive(Debug)]
pub struct Difference {
    added: Vec<String>,
    removed: Vec<String>,
    before: usize,
    after: usize,
}

pub struct Verdict(Vec<String>);

impl Verdict {
    pub fn reasons(&self) -> Vec<String> {
        self.0.clone()
    }
}

fn ids(survey: &Survey) -> BTreeSet<String> {
    let network = &survey.network;
    let circuits = survey.census.circuits().iter();
    circuits.map(|c| network.node(network.circuits().clients()[c.position]).id.to_string()).collect()
}

pub fn difference(_: &Config, before: Option<&Survey>, after: &Survey) -> Result<Difference, Failure> {
    let old = before.map(ids).unwrap_or_default();
    let new = ids(after);
    Ok(Difference {
        added: new.difference(&old).cloned().collect(),
        removed: old.difference(&new).cloned().collect(),
        before: old.len(),
        after: new.len(),
    })
}

impl Difference {
    pub fn in_a_line(&self) -> String {
        format!("{} added, {} removed", self.added.len(), self.removed.len())
    }
    pub fn text(&self) -> String {
        format!("+ {}\n- {}\n", self.added.join(" "), self.removed.join(" "))
    }
    pub fn value(&self) -> Result<serde_json::Value, Failure> {
        Ok(serde_json::json!({ "added": self.added, "removed": self.removed }))
    }
    pub fn json(&self) -> Result<Vec<u8>, Failure> {
        Ok(serde_json::to_vec_pretty(&self.value()?)?)
    }
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
    pub fn guard(&self) -> Verdict {
        let gone = self.removed.len();
        if self.after == 0 || gone > 10 && gone * 10 > self.before {
            return Verdict(vec![format!("{gone} of {} circuits would vanish", self.before)]);
        }
        Verdict(Vec::new())
    }
}
