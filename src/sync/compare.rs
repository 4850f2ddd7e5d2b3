//! What is different between two networks, and whether it may be.

use pleach_graph::diff::{Everything, NetworkDiff, Side};
use pleach_graph::guard::{Carried, Judgement, Root, ShaperRefusal, judge, judge_shaper};
use serde::Serialize;

use crate::config::{Config, Shaper};
use crate::exit::Failure;
use crate::generations::{Manifest, Outlook, ShaperEntry};
use crate::shapers::Rooted;
use crate::survey::Survey;

/// How many lines of each kind of change are shown; JSON has them all.
const SHOWN: usize = 10;

/// What is different between two networks, and between those who look at them.
#[derive(Debug)]
pub struct Difference {
    diff: Diff,
    shapers: Vec<ShaperChange>,
    judgement: Judgement,
    shaper_refusals: Vec<ShaperRefusal>,
}

/// What is different in the network.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Diff {
    /// Before the first there was nothing, and all of it is new.
    First {
        /// How much that is.
        first: Everything,
    },
    /// What it takes to come from one to the other.
    Changes(Box<NetworkDiff>),
}

/// A shaper that sees the network differently: by its configuration, or because its root is another node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShaperChange {
    /// Its name.
    shaper: String,
    /// What of it: `root`, `uplink`; or that it is there at all.
    what: String,
    before: String,
    after: String,
}

/// A network, and who looks at it from where.
#[derive(Debug)]
pub struct Seen<'s> {
    /// The network.
    pub survey: &'s Survey,
    /// The shapers.
    pub shapers: Vec<Shaper>,
}

impl<'s> Seen<'s> {
    /// A network as the configured shapers see it.
    pub fn now(survey: &'s Survey, config: &Config) -> Self {
        Self { survey, shapers: config.shaper.clone() }
    }

    /// The network of a generation, as its shapers saw it when it was made; as they see it now, where nothing says how they did.
    pub fn then(survey: &'s Survey, manifest: &Manifest, config: &Config) -> Self {
        let shaper = |entry: &ShaperEntry| match &entry.outlook {
            Some(outlook) => Some(outlook.shaper(&entry.name)),
            None => config.shaper.iter().find(|shaper| shaper.name == entry.name).cloned(),
        };
        Self { survey, shapers: manifest.shapers.iter().filter_map(shaper).collect() }
    }
}

/// What it takes to come from `before` to `after`, and what the guard says of it. Before the first there was nothing.
pub fn difference(config: &Config, before: Option<&Seen<'_>>, after: &Seen<'_>) -> Result<Difference, Failure> {
    let (rooted, _) = after.survey.shapers(&after.shapers).map_err(Failure::usage)?;
    let after_side = Side::new(&after.survey.network, &after.survey.census, rooted.iter().map(|rooted| &rooted.tree));
    let Some(before) = before else {
        let diff = Diff::First { first: Everything::of(&after_side) };
        return Ok(Difference {
            diff,
            shapers: Vec::new(),
            judgement: judge(None, &after_side, &config.guard),
            shaper_refusals: Vec::new(),
        });
    };
    // A root that the network did not have then must not keep anybody from a new one.
    let before_rooted: Vec<Rooted<'_>> =
        before.shapers.iter().filter_map(|shaper| before.survey.rooted(shaper).ok()).collect();
    let trees = before_rooted.iter().map(|rooted| &rooted.tree);
    let before_side = Side::new(&before.survey.network, &before.survey.census, trees);
    let judgement = judge(Some(&before_side), &after_side, &config.guard);
    let mut shapers = changed_shapers(&before.shapers, &after.shapers);
    let mut shaper_refusals = Vec::new();
    for (old, new) in same_shapers(&before_rooted, &rooted) {
        let root = if old.shaper.root == new.shaper.root { Root::AsBefore } else { Root::Changed };
        let [from, to] = [old, new].map(|side| Carried { tree: &side.tree, uplink: side.shaper.uplink.capacity() });
        shaper_refusals.extend(judge_shaper(&new.shaper.name, from, to, root, config.guard.narrowed));
        let stands = |side: &Rooted<'_>| side.tree.network().node(side.tree.root()).id.to_string();
        if root == Root::AsBefore && stands(old) != stands(new) {
            shapers.push(change(&new.shaper.name, "stands at", &stands(old), &stands(new)));
        }
    }
    Ok(Difference {
        diff: Diff::Changes(Box::new(NetworkDiff::between(&before_side, &after_side))),
        shapers,
        judgement,
        shaper_refusals,
    })
}

/// The shapers that are on both sides, by name.
fn same_shapers<'r, 'n>(
    before: &'r [Rooted<'n>],
    after: &'r [Rooted<'n>],
) -> impl Iterator<Item = (&'r Rooted<'n>, &'r Rooted<'n>)> {
    after.iter().filter_map(|new| Some((before.iter().find(|old| old.shaper.name == new.shaper.name)?, new)))
}

fn change(shaper: &str, what: &str, before: &str, after: &str) -> ShaperChange {
    ShaperChange {
        shaper: shaper.to_owned(),
        what: what.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    }
}

fn changed_shapers(before: &[Shaper], after: &[Shaper]) -> Vec<ShaperChange> {
    let mut changes = Vec::new();
    for old in before {
        match after.iter().find(|new| new.name == old.name) {
            Some(new) => {
                for (what, old_value, new_value) in Outlook::of(old).changes(&Outlook::of(new)) {
                    changes.push(change(&old.name, &what, &old_value, &new_value));
                }
            }
            None => changes.push(change(&old.name, "shaper", "configured", "gone")),
        }
    }
    let added = after.iter().filter(|new| before.iter().all(|old| old.name != new.name));
    changes.extend(added.map(|new| change(&new.name, "shaper", "none", "configured")));
    changes
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        let is_same = match &self.diff {
            Diff::First { first } => *first == Everything::default(),
            Diff::Changes(diff) => diff.is_empty(),
        };
        is_same && self.shapers.is_empty()
    }

    /// Why the guard would refuse it, a line each; nothing if it would not.
    pub fn refusals(&self) -> Vec<String> {
        let of_network = self.judgement.refusals.iter().map(ToString::to_string);
        of_network.chain(self.shaper_refusals.iter().map(ToString::to_string)).collect()
    }

    /// For people: a group a kind of change, then the counts.
    pub fn text(&self) -> String {
        let shapers = self.shapers.iter().map(|ShaperChange { shaper, what, before, after }| {
            format!("shaper `{shaper}`: {what} {before} -> {after}\n")
        });
        shapers.chain([self.written(SHOWN)]).collect()
    }

    /// The counts alone.
    pub fn in_a_line(&self) -> String {
        let counts = self.written(0).lines().last().unwrap_or_default().to_owned();
        let mut names: Vec<&str> = self.shapers.iter().map(|change| change.shaper.as_str()).collect();
        names.dedup();
        if names.is_empty() { counts } else { format!("{counts}; shapers changed: {}", names.join(", ")) }
    }

    fn written(&self, most: usize) -> String {
        let diff = match &self.diff {
            Diff::First { first } => return format!("{first}\n"),
            Diff::Changes(diff) => diff,
        };
        let mut text = crate::terminal::Lines::new(Vec::new());
        diff.write(most, &mut text).expect("invariant: writing to memory does not fail");
        String::from_utf8_lossy(&text.into_inner()).into_owned()
    }

    /// The facts, as JSON has them.
    pub fn facts(&self) -> impl Serialize + '_ {
        #[derive(Serialize)]
        struct Facts<'d> {
            #[serde(flatten)]
            diff: &'d Diff,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            shapers: &'d [ShaperChange],
        }
        Facts { diff: &self.diff, shapers: &self.shapers }
    }

    /// As JSON.
    pub fn json(&self) -> Result<Vec<u8>, Failure> {
        let mut text = serde_json::to_vec_pretty(&self.facts())?;
        text.push(b'\n');
        Ok(text)
    }
}
