//! Everything that is known of the network before any shaper looks at it.

use pleach_graph::{Census, NetworkGraph, Problem, Problems, View};

use crate::config::{Config, Shaper};
use crate::load::Loaded;
use crate::policy::NetworkPolicy;
use crate::shapers::{Holders, ListedNodes, RootError, Rooted};

/// The network, who is shaped, and what was found on the way.
#[derive(Debug)]
pub struct Survey {
    /// The network.
    pub network: NetworkGraph,
    /// What became of every circuit.
    pub census: Census,
    /// The nodes that are left out or promoted.
    pub nodes: ListedNodes,
    /// What decided that.
    pub policy: NetworkPolicy,
    /// The hash of what was read, the same for every shaper.
    pub snapshot: String,
    /// What was read, for people.
    pub documents: Vec<String>,
    problems: Problems,
}

impl Survey {
    /// Applies the configuration to what was read.
    pub fn new(loaded: Loaded, config: &Config) -> Self {
        let (policy, trouble) = NetworkPolicy::of(config, &loaded.network);
        let mut survey = Self::under(policy, loaded);
        survey.problems.extend(trouble);
        survey
    }

    /// Applies a policy to what was read.
    pub fn under(policy: NetworkPolicy, loaded: Loaded) -> Self {
        let Loaded { network, problems, snapshot, documents } = loaded;
        let (of_census, nodes) = policy.resolve(&network);
        let census = Census::take(&network, &of_census);
        Self { network, census, nodes, policy, snapshot, documents, problems }
    }

    /// Adds what was found later, as far as it is not known.
    pub fn add_later(&mut self, later: Vec<Problem>) {
        let known = self.problems(&[]);
        for problem in later.into_iter().filter(|problem| !known.contains(problem)) {
            self.problems.push(problem);
        }
    }

    /// Grows the tree of every shaper and settles who holds which circuit.
    pub fn shapers(&self, shapers: &[Shaper]) -> Result<(Vec<Rooted<'_>>, Holders), RootError> {
        let rooted = shapers.iter().map(|shaper| self.rooted(shaper)).collect::<Result<Vec<_>, _>>()?;
        let holders = Holders::settle(&rooted);
        Ok((rooted, holders))
    }

    /// Grows the tree of one shaper.
    pub fn rooted(&self, shaper: &Shaper) -> Result<Rooted<'_>, RootError> {
        Rooted::new(&self.network, shaper.clone()).map_err(|reason| RootError { shaper: shaper.name.clone(), reason })
    }

    /// What every shaper's files show.
    pub fn views<'t>(&self, shapers: &'t [Rooted<'_>]) -> Vec<View<'t>> {
        shapers.iter().map(|rooted| rooted.view(&self.census, &self.nodes)).collect()
    }

    /// All problems: of reading, of the census, and of every shaper's tree and view, in their stable order.
    pub fn problems(&self, views: &[View<'_>]) -> Vec<Problem> {
        let mut all = self.problems.clone();
        all.extend(self.census.problems().clone());
        for view in views {
            all.extend(view.tree().problems().clone());
            all.extend(view.problems().clone());
            all.extend(pleach_graph::oversold_minimums(view.tree(), &self.census));
        }
        all.into_sorted()
    }
}
