//! Which requests go wrong, and a count of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::fault::Fault;

/// Which requests go wrong, shared between a server and whoever decides: clones are one and the same.
///
/// The first rule that is meant for a request's path and is not used up decides; without one the answer is the true one.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    requests: BTreeMap<String, u64>,
}

#[derive(Clone, Debug)]
struct Rule {
    path_prefix: String,
    fault: Fault,
    /// How many more requests it spoils; all of them where there is no number.
    left: Option<u32>,
}

impl Faults {
    /// Everything goes well.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every request goes wrong in this way.
    pub fn always(fault: Fault) -> Self {
        Self::on("", fault)
    }

    /// Requests whose path begins like this go wrong in this way.
    pub fn on(path_prefix: &str, fault: Fault) -> Self {
        Self::none().and_on(path_prefix, fault)
    }

    /// After the rules so far: requests whose path begins like this go wrong in this way.
    #[must_use = "it is a handle, not a command"]
    pub fn and_on(self, path_prefix: &str, fault: Fault) -> Self {
        self.state().rules.push(Rule { path_prefix: path_prefix.to_owned(), fault, left: None });
        self
    }

    /// The last rule spoils this many requests, and then goes away.
    #[must_use = "it is a handle, not a command"]
    pub fn times(self, requests: u32) -> Self {
        if let Some(rule) = self.state().rules.last_mut() {
            rule.left = Some(requests);
        }
        self
    }

    /// From now on the rules are those of `other` as it is now. The count goes on.
    pub fn set(&self, other: &Self) {
        let rules = other.state().rules.clone();
        self.state().rules = rules;
    }

    /// From now on everything goes well. The count goes on.
    pub fn clear(&self) {
        self.state().rules.clear();
    }

    /// How many requests came so far, spoilt or not, for each path without its query.
    pub fn requests(&self) -> BTreeMap<String, u64> {
        self.state().requests.clone()
    }

    /// How many requests came so far for a path.
    pub fn requests_to(&self, path: &str) -> u64 {
        self.state().requests.get(path).copied().unwrap_or_default()
    }

    /// Counts a request, and says how it goes wrong.
    pub(crate) fn next(&self, path: &str) -> Option<Fault> {
        let mut state = self.state();
        *state.requests.entry(path.to_owned()).or_default() += 1;
        let rule = state.rules.iter_mut().find(|rule| path.starts_with(&rule.path_prefix) && rule.left != Some(0))?;
        rule.left = rule.left.map(|left| left - 1);
        Some(rule.fault.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_taken_in_order_and_used_up() {
        let faults = Faults::on("/a", Fault::BadGateway).times(2).and_on("", Fault::LoginPage).times(1);
        let server = faults.clone();
        let next = |path| server.next(path);
        assert_eq!([next("/a"), next("/b")], [Some(Fault::BadGateway), Some(Fault::LoginPage)]);
        assert_eq!([next("/a/1"), next("/a"), next("/b")], [Some(Fault::BadGateway), None, None]);
        assert_eq!(faults.requests().into_values().collect::<Vec<_>>(), [2, 1, 2]);

        faults.set(&Faults::always(Fault::EmptyArray));
        assert_eq!([next("/a"), next("/c")], [Some(Fault::EmptyArray), Some(Fault::EmptyArray)]);
        faults.clear();
        assert_eq!(next("/a"), None);
        assert_eq!((faults.requests_to("/a"), faults.requests_to("/never")), (4, 0));
    }
}
