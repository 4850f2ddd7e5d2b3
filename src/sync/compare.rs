//! What is different between two networks, and whether it may be.

use pleach_graph::diff::{NetworkDiff, Side};
use pleach_graph::guard::{Judgement, judge};
use pleach_graph::{Census, NetworkGraph, Policy};

use crate::config::Config;
use crate::exit::Failure;
use crate::survey::Survey;

/// How many lines of each kind of change are shown; JSON has them all.
const SHOWN: usize = 10;

/// What is different between two networks.
#[derive(Debug)]
pub struct Difference {
    diff: NetworkDiff,
    judgement: Judgement,
}

/// What it takes to come from `before` to `after`, as the configured shapers see them, and what the guard says of it. Before
/// the first there was nothing.
pub fn difference(config: &Config, before: Option<&Survey>, after: &Survey) -> Result<Difference, Failure> {
    let (rooted, _) = after.shapers(&config.shaper).map_err(Failure::usage)?;
    let after = Side::new(&after.network, &after.census, rooted.iter().map(|rooted| &rooted.tree));
    let Some(before) = before else {
        let (network, _) = NetworkGraph::builder().build();
        let census = Census::take(&network, &Policy::default());
        let nothing = Side::new(&network, &census, []);
        let diff = NetworkDiff::between(&nothing, &after);
        return Ok(Difference { diff, judgement: judge(None, &after, &config.guard) });
    };
    // A root that the network did not have then must not keep anybody from a new one.
    let trees: Vec<_> =
        config.shaper.iter().filter_map(|shaper| before.shapers(std::slice::from_ref(shaper)).ok()).collect();
    let trees = trees.iter().flat_map(|(rooted, _)| rooted.iter().map(|rooted| &rooted.tree));
    let before = Side::new(&before.network, &before.census, trees);
    let judgement = judge(Some(&before), &after, &config.guard);
    Ok(Difference { diff: NetworkDiff::between(&before, &after), judgement })
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.diff.is_empty()
    }

    /// Why the guard would refuse it, a line each; nothing if it would not.
    pub fn refusals(&self) -> Vec<String> {
        self.judgement.refusals.iter().map(ToString::to_string).collect()
    }

    /// For people: a group a kind of change, then the counts.
    pub fn text(&self) -> String {
        self.written(SHOWN)
    }

    /// The counts alone.
    pub fn in_a_line(&self) -> String {
        self.written(0).lines().last().unwrap_or_default().to_owned()
    }

    fn written(&self, most: usize) -> String {
        let mut text = crate::terminal::Lines::new(Vec::new());
        self.diff.write(most, &mut text).expect("invariant: writing to memory does not fail");
        String::from_utf8_lossy(&text.into_inner()).into_owned()
    }

    /// The facts.
    pub fn diff(&self) -> &NetworkDiff {
        &self.diff
    }

    /// As JSON.
    pub fn json(&self) -> Result<Vec<u8>, Failure> {
        let mut text = serde_json::to_vec_pretty(&self.diff)?;
        text.push(b'\n');
        Ok(text)
    }
}
