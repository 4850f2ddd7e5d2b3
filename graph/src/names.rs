//! Names in files: every one of a view's is there once, or readers refuse the whole file.

use std::collections::{HashMap, HashSet};

use crate::problem::{Code, Problem};
use crate::tree::{PlaceIndex, Tree};
use crate::view::Entry;

/// Names that readers give a meaning of their own: `none` in any case, and a blank, say that there is no parent.
fn is_reserved(name: &str) -> bool {
    let generated = name.strip_prefix("Generated_PN_").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    generated || matches!(name, "" | "children" | "Root") || name.eq_ignore_ascii_case("none")
}

/// Renames the holders of each name that several have, or that is reserved: by kind, then by parent, then by id.
///
/// A name that one entry alone has stays as it is. The names depend on what is named, never on how many there are.
pub(crate) fn make_unique(entries: &mut [Entry], tree: &Tree<'_>) -> Vec<Problem> {
    let mut holders: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        holders.entry(&entry.name).or_default().push(index);
    }
    let is_kept = |name: &str, holders: &[usize]| holders.len() == 1 && !is_reserved(name);
    let mut taken: HashSet<String> = HashSet::new();
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (name, indices) in holders {
        if is_kept(name, &indices) {
            taken.insert(name.to_owned());
        } else {
            groups.push((name.to_owned(), indices));
        }
    }
    groups.sort_unstable();
    rename(entries, tree, &groups, &mut taken);
    groups.iter().map(|(name, holders)| problem(name, holders, entries)).collect()
}

fn rename(entries: &mut [Entry], tree: &Tree<'_>, groups: &[(String, Vec<usize>)], taken: &mut HashSet<String>) {
    let mut left: Vec<(usize, &str)> =
        groups.iter().flat_map(|(name, holders)| holders.iter().map(move |&holder| (holder, name.as_str()))).collect();
    for telling in [Telling::Kind, Telling::Parent, Telling::Id] {
        let candidates: Vec<Option<String>> =
            left.iter().map(|&(holder, name)| telling.candidate(&entries[holder], name, tree)).collect();
        let mut count: HashMap<&str, usize> = HashMap::new();
        for candidate in candidates.iter().flatten() {
            *count.entry(candidate).or_default() += 1;
        }
        let is_free = |candidate: &String| count[candidate.as_str()] == 1 && !taken.contains(candidate);
        let free: Vec<bool> = candidates.iter().map(|candidate| candidate.as_ref().is_some_and(is_free)).collect();
        let mut still_left = Vec::new();
        for ((&(holder, name), candidate), free) in left.iter().zip(candidates).zip(free) {
            match candidate {
                Some(candidate) if free => {
                    taken.insert(candidate.clone());
                    entries[holder].name = candidate;
                }
                _ => still_left.push((holder, name)),
            }
        }
        left = still_left;
    }
    // Only where somebody was named after another's id does the id in brackets fail to tell them apart.
    for (holder, name) in left {
        let mut unique = name.to_owned();
        while taken.contains(&unique) {
            unique = format!("{unique} ({})", entries[holder].id);
        }
        taken.insert(unique.clone());
        entries[holder].name = unique;
    }
}

/// What a name is told apart by.
#[derive(Clone, Copy)]
enum Telling {
    Kind,
    Parent,
    Id,
}

impl Telling {
    fn candidate(self, entry: &Entry, name: &str, tree: &Tree<'_>) -> Option<String> {
        let told_by = match self {
            Self::Kind => entry.kind.as_str().to_owned(),
            Self::Parent => tree.place_name(place_above(entry, tree)?),
            Self::Id => entry.id.to_string(),
        };
        Some(format!("{name} ({told_by})").trim().to_owned())
    }
}

/// The nearest place above that is no device: which radio a path leads over changes, and no file shows it.
fn place_above(entry: &Entry, tree: &Tree<'_>) -> Option<PlaceIndex> {
    let network = tree.network();
    let is_device = |place| tree.at(place).kind.node().is_some_and(|node| network.node(node).device().is_some());
    tree.path_up(entry.place).skip(1).find(|&place| !is_device(place))
}

fn problem(name: &str, holders: &[usize], entries: &[Entry]) -> Problem {
    const NAMED: usize = 5; // as many as a group of problems shows
    let mut sorted: Vec<&Entry> = holders.iter().map(|&holder| &entries[holder]).collect();
    sorted.sort_by(|a, b| a.id.cmp(&b.id));
    let written: Vec<String> = sorted.iter().take(NAMED).map(|entry| format!("`{}`", entry.name)).collect();
    let more = if sorted.len() > NAMED { format!(" and {} more", sorted.len() - NAMED) } else { String::new() };
    let what = if is_reserved(name) {
        format!("the name `{name}` means something else to readers")
    } else {
        format!("{} nodes are named `{name}`", sorted.len())
    };
    Problem::new(Code::DuplicateName, format!("{what}; written as {}{more}", written.join(", ")))
        .record(&sorted[0].id)
        .value(name)
        .hint("give each node a name of its own")
}
