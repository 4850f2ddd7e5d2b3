//! Lists that a source gave records in, and gives none any more: that is a bad night, whatever it does to circuits.

use std::collections::BTreeMap;

use pleach_source::Archive;

use crate::generations::Manifest;

/// A list of so few records may well come to have none.
const FEW: u64 = 10;

/// The lists that had more than a few records in the answers of a generation and have none now, a sentence each.
pub(super) fn lists(before: &Manifest, archive: &Archive) -> Vec<String> {
    let mut emptied = Vec::new();
    for source in &before.sources {
        let Some(snapshot) = archive.snapshots.iter().find(|snapshot| snapshot.source == source.name) else { continue };
        let had = sums(source.parts.iter().map(|part| (part.name.as_str(), part.records)));
        let has = sums(snapshot.parts.iter().map(|part| (part.name.as_str(), part.records)));
        for (list, records) in had.into_iter().filter(|(_, records)| *records > FEW) {
            if has.get(list) == Some(&0) {
                let name = &source.name;
                emptied.push(format!("source `{name}`: the list `{list}` is empty, and had {records} records"));
            }
        }
    }
    emptied
}

/// How many records each list has, over all of its pages; those that are not counted are not there.
fn sums<'p>(parts: impl Iterator<Item = (&'p str, Option<u64>)>) -> BTreeMap<&'p str, u64> {
    let mut sums = BTreeMap::new();
    for (name, records) in parts.filter_map(|(name, records)| Some((name, records?))) {
        *sums.entry(list(name)).or_default() += records;
    }
    sums
}

/// The list that a page is of: `services-2` and `services/1000` are of `services`.
fn list(part: &str) -> &str {
    let name = part.trim_end_matches(|c: char| c.is_ascii_digit());
    name.strip_suffix(['-', '/']).filter(|_| name.len() < part.len()).unwrap_or(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_of_their_list() {
        for (part, of) in [
            ("sites", "sites"),
            ("services-12", "services"),
            ("services/1000", "services"),
            ("ipv4/0", "ipv4"),
            ("ipv4", "ipv4"),
            ("data-links", "data-links"),
        ] {
            assert_eq!(list(part), of);
        }
        let sums = sums([("a-1", Some(1000)), ("a-2", Some(3)), ("b", Some(0)), ("c", None)].into_iter());
        assert_eq!(sums.into_iter().collect::<Vec<_>>(), [("a", 1003), ("b", 0)]);
    }
}
