//! Everything that is known of the network before any shaper looks at it.

use pleach_graph::{AddressPolicy, Census, NetworkGraph, NeverShape, Policy, Problem, Problems, View};

use crate::config::{Config, Shaper};
use crate::load::Loaded;
use crate::shapers::{Holders, ListedNodes, RootError, Rooted, find_listed};

/// The network, who is shaped, and what was found on the way.
#[derive(Debug)]
pub struct Survey {
    /// The network.
    pub network: NetworkGraph,
    /// What became of every circuit.
    pub census: Census,
    /// The nodes that the configuration leaves out or promotes.
    pub nodes: ListedNodes,
    /// The hash of what was read, the same for every shaper.
    pub snapshot: String,
    /// What was read, for people.
    pub documents: Vec<String>,
    problems: Problems,
}

impl Survey {
    /// Applies the configuration to what was read.
    pub fn new(loaded: Loaded, config: &Config) -> Self {
        let Loaded { network, mut problems, snapshot, documents } = loaded;
        let (excluded, trouble) = find_listed(&network, &config.network.exclude, "exclude");
        problems.extend(trouble);
        let (promoted, trouble) = find_listed(&network, &config.network.promote, "promote");
        problems.extend(trouble);
        let never_shape = if config.addresses.never_shape { NeverShape::BuiltIn } else { NeverShape::Off };
        let (allow, ignore) = (config.addresses.allow.iter().copied(), config.addresses.ignore.iter().copied());
        let policy = Policy {
            default_plan: (config.default_plan.down, config.default_plan.up),
            addresses: AddressPolicy::new(allow, ignore, never_shape),
            excluded,
        };
        let census = Census::take(&network, &policy);
        let nodes = ListedNodes { excluded: policy.excluded, promoted };
        Self { network, census, nodes, snapshot, documents, problems }
    }

    /// Grows the tree of every shaper and settles who holds which circuit.
    pub fn shapers(&self, shapers: &[Shaper]) -> Result<(Vec<Rooted<'_>>, Holders), RootError> {
        let grow = |shaper: &Shaper| {
            Rooted::new(&self.network, shaper.clone())
                .map_err(|reason| RootError { shaper: shaper.name.clone(), reason })
        };
        let rooted = shapers.iter().map(grow).collect::<Result<Vec<_>, _>>()?;
        let holders = Holders::settle(&rooted);
        Ok((rooted, holders))
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
