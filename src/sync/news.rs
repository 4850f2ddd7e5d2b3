//! What a run has to say that the one before did not: whoever reads cron's mail reads it once.

use std::collections::BTreeSet;

use pleach_graph::Problem;
use sha2::{Digest, Sha256};

use super::engine::Ended;
use crate::export::hex;

/// What is new since the last run.
#[derive(Debug, Default)]
pub struct News {
    /// Problems that it did not have.
    pub problems: Vec<Problem>,
    /// Sources whose last good answers stand in, where they did not before.
    pub fallbacks: Vec<String>,
    /// Warnings that it did not have.
    pub warnings: Vec<String>,
    /// Whether the failure is one that it did not have.
    pub is_new_failure: bool,
    said: BTreeSet<String>,
}

/// How many digits of a hash tell what was said from what was not.
const DIGITS: usize = 16;

/// What the hash of a source that others stand in for begins with.
const FALLBACK: &str = "fallback-";

/// What the hash of a warning begins with.
const WARNING: &str = "warning-";

/// What a failure's hash begins with, so that it is told from a problem's.
const FAILURE: &str = "failure-";

impl News {
    /// What is new, given what was said. A run that did not come to look at the network still knows its problems.
    pub(super) fn since(said: &BTreeSet<String>, ended: &Ended) -> Self {
        let mut news = Self::default();
        let has_looked = ended.report.outcome.is_success() && !ended.problems.is_empty() || ended.difference.is_some();
        if has_looked || ended.report.problems.is_empty() && ended.report.counts.is_some() {
            for problem in &ended.problems {
                let key = key(problem);
                if !said.contains(&key) {
                    news.problems.push(problem.clone());
                }
                news.said.insert(key);
            }
        } else {
            let is_problem = |key: &&String| ![FAILURE, FALLBACK, WARNING].iter().any(|kind| key.starts_with(kind));
            news.said = said.iter().filter(is_problem).cloned().collect();
        }
        for source in ended.report.sources.iter().filter(|source| source.fell_back.is_some()) {
            let key = format!("{FALLBACK}{}", hash(&source.name));
            if !said.contains(&key) {
                news.fallbacks.push(source.name.clone());
            }
            news.said.insert(key);
        }
        for warning in ended.done.iter().filter(|line| line.starts_with("warning: ")) {
            let key = format!("{WARNING}{}", hash(warning));
            if !said.contains(&key) {
                news.warnings.push(warning.clone());
            }
            news.said.insert(key);
        }
        if let Some(failure) = &ended.failure {
            let key = format!("{FAILURE}{}", hash(&format!("{:#}", failure.error)));
            news.is_new_failure = !said.contains(&key);
            news.said.insert(key);
        }
        news
    }

    /// Hashes of everything that has been said now.
    pub(super) fn said(&self) -> &BTreeSet<String> {
        &self.said
    }
}

/// The line of a record changes with every row above it, so it is no part of what a problem is.
fn key(problem: &Problem) -> String {
    let record = problem.record.as_ref().map_or("", |id| id.as_str());
    let field = problem.field.as_deref().unwrap_or_default();
    let value = problem.value.as_deref().unwrap_or_default();
    let place = if record.is_empty() { problem.message.as_str() } else { "" };
    hash(&[problem.code.as_str(), record, field, value, place].join("\n"))
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text))[..DIGITS].to_owned()
}
