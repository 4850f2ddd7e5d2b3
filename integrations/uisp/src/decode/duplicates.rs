//! Records with one id: the one that was updated last counts, then the one with the smallest bytes.

use std::cmp::Reverse;

use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use pleach_graph::{Code, Problem, Table};
use pleach_source::{Part, ReadError};

use super::{Decode, Notes, place};
use crate::elements;
use crate::moment;
use crate::raw_id::RawId;
use crate::tables::Tables;
use crate::wire::field::Field;

/// A record among those of its id.
struct Candidate<'t> {
    table: &'t Table,
    place: u32,
    updated: Option<Timestamp>,
    bytes: Vec<u8>,
}

/// Keeps one record of each id and names the others. Only where there are any, the parts are read again.
pub(super) fn settle<'p, T: Decode>(
    records: &mut Vec<T>,
    parts: impl Iterator<Item = &'p Part>,
    taken: Timestamp,
    tables: &Tables,
    problems: &mut Vec<Problem>,
) -> Result<(), ReadError> {
    let shared = shared_ids(records);
    if shared.is_empty() {
        return Ok(());
    }
    let mut kept: HashSet<u32> = HashSet::new();
    let mut candidates: HashMap<RawId, Vec<Candidate<'_>>> = HashMap::new();
    let mut address = String::new();
    for (page, part) in parts.enumerate() {
        address.clone_from(&part.address);
        elements::for_each(part, |position, bytes| {
            if let Ok(bytes) = bytes
                && let Ok(Field::Is(wire)) = pleach_source::decode::<Field<T::Wire<'_>>>(bytes)
                && let Some(id) = T::id_of(&wire).map(RawId::new)
                && shared.contains(&id)
            {
                let updated = T::updated(&wire).and_then(moment::parse);
                let (table, place) = (T::table(&wire, tables), place(page, position));
                candidates.entry(id).or_default().push(Candidate { table, place, updated, bytes: bytes.to_vec() });
            }
        })?;
    }
    let mut ids: Vec<_> = candidates.into_iter().collect();
    ids.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut notes = Notes::new(&address, T::WHAT, taken);
    for (id, mut candidates) in ids {
        candidates
            .sort_by(|a, b| (Reverse(a.updated), &a.bytes, a.place).cmp(&(Reverse(b.updated), &b.bytes, b.place)));
        kept.insert(candidates[0].place);
        for loser in &candidates[1..] {
            notes.begin(loser.table, &id);
            notes.duplicate(&id, &loser.reason(&candidates[0]));
        }
    }
    problems.append(&mut notes.into_problems());
    records.retain(|record| !shared.contains(record.id()) || kept.contains(&record.position()));
    Ok(())
}

fn shared_ids<T: Decode>(records: &[T]) -> HashSet<RawId> {
    let mut seen: HashSet<&RawId> = HashSet::with_capacity(records.len());
    records.iter().map(T::id).filter(|id| !seen.insert(id)).cloned().collect()
}

/// Why a record is not the one that is kept.
pub(super) enum Loses {
    /// It says the same.
    Alike,
    /// The other was updated later.
    Older,
    /// Both were updated at one time, and its bytes are the greater.
    Greater,
}

impl Candidate<'_> {
    fn reason(&self, winner: &Self) -> Loses {
        if self.bytes == winner.bytes {
            Loses::Alike
        } else if self.updated < winner.updated {
            Loses::Older
        } else {
            Loses::Greater
        }
    }
}

impl Notes<'_> {
    fn duplicate(&mut self, id: &RawId, loses: &Loses) {
        let text = id.to_text();
        let (code, message) = match loses {
            Loses::Alike => (Code::DuplicateRow, format!("`{text}` is there twice, alike; one copy is dropped")),
            Loses::Older => (Code::DuplicateId, format!("`{text}` is there twice; the one updated later is kept")),
            Loses::Greater => (
                Code::DuplicateId,
                format!(
                    "`{text}` is there twice, and nothing says which is newer; the one with the smaller bytes is kept"
                ),
            ),
        };
        self.found(code, message, "remove one of the two in UISP");
    }
}
