//! From the bytes of the answers to records, one element at a time.

mod device;
mod duplicates;
mod link;
mod notes;
mod service;
mod site;

use pleach_graph::{Problem, Table};
use pleach_source::{Part, ReadError, Snapshot, Timestamp};

pub(crate) use notes::Notes;

use crate::elements::{self, TooLarge};
use crate::parts;
use crate::raw_id::RawId;
use crate::records::{DataLink, Device, Record, Records, Service, Site};
use crate::tables::Tables;
use crate::wire::field::{Field, FieldPath, Inspect, Kind};
use crate::wire::{CrmClient, Identified};

/// A record and what it is made from.
trait Decode: Record + Sized {
    /// The record as the API has it.
    type Wire<'a>: Kind<'a> + Inspect + Default;
    /// What problems call it.
    const WHAT: &'static str;

    fn id_of<'w>(wire: &'w Self::Wire<'_>) -> Option<&'w str>;
    /// The table that its id is of.
    fn table<'t>(wire: &Self::Wire<'_>, tables: &'t Tables) -> &'t Table;
    /// When it was changed, where it says so: of two with one id the later counts.
    fn updated<'w>(wire: &'w Self::Wire<'_>) -> Option<&'w str>;
    fn new(id: RawId, position: u32, wire: &Self::Wire<'_>, notes: &mut Notes<'_>) -> Self;
}

/// Everything that a snapshot holds.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) sites: Records<Site>,
    pub(crate) devices: Records<Device>,
    pub(crate) links: Records<DataLink>,
    /// None where CRM is not asked.
    pub(crate) services: Option<Records<Service>>,
    pub(crate) problems: Vec<Problem>,
    /// Records of `/sites` that cannot be read: each may be a customer.
    pub(crate) unreadable_sites: usize,
}

/// Decodes all parts: the devices, which are most of the bytes, beside the rest.
pub(crate) fn decode(snapshot: &Snapshot, tables: &Tables) -> Result<Decoded, ReadError> {
    std::thread::scope(|scope| {
        let devices = scope.spawn(|| array::<Device>(snapshot, parts::DEVICES, tables));
        let rest = rest(snapshot, tables);
        let devices = devices.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let mut decoded = rest?;
        decoded.devices = take(devices?, &mut decoded.problems);
        Ok(decoded)
    })
}

/// All but the devices.
fn rest(snapshot: &Snapshot, tables: &Tables) -> Result<Decoded, ReadError> {
    let mut problems = Vec::new();
    let sites = array::<Site>(snapshot, parts::SITES, tables)?;
    let unreadable_sites = sites.unreadable;
    let sites = take(sites, &mut problems);
    let links = take(array::<DataLink>(snapshot, parts::DATA_LINKS, tables)?, &mut problems);
    let has_crm = parts::pages(snapshot, parts::SERVICES).next().is_some();
    let services = has_crm
        .then(|| many::<Service>(parts::pages(snapshot, parts::SERVICES), snapshot.taken, tables))
        .transpose()?;
    let services = services.map(|services| take(services, &mut problems));
    let devices = Records::new(Vec::new());
    Ok(Decoded { sites, devices, links, services, problems, unreadable_sites })
}

/// The records of one kind, each id once.
struct Found<T> {
    records: Vec<T>,
    problems: Vec<Problem>,
    unreadable: usize,
}

fn take<T: Record>(found: Found<T>, problems: &mut Vec<Problem>) -> Records<T> {
    problems.extend(found.problems);
    Records::new(found.records)
}

fn array<T: Decode>(snapshot: &Snapshot, name: &str, tables: &Tables) -> Result<Found<T>, ReadError> {
    let part = snapshot.part(name).ok_or_else(|| ReadError {
        address: name.to_owned(),
        reason: format!("the snapshot has no part `{name}`"),
        hint: "fetch a new one".to_owned(),
    })?;
    many(std::iter::once(part), snapshot.taken, tables)
}

/// Decodes parts that hold records of one kind: pages, mostly.
fn many<'p, T: Decode>(
    parts: impl Iterator<Item = &'p Part> + Clone,
    taken: Timestamp,
    tables: &Tables,
) -> Result<Found<T>, ReadError> {
    let mut records = Vec::new();
    let mut unreadable = 0;
    let mut problems = Vec::new();
    for (page, part) in parts.clone().enumerate() {
        let mut notes = Notes::new(&part.address, T::WHAT, taken);
        elements::for_each(part, |position, bytes| match element::<T>(page, position, bytes, tables, &mut notes) {
            Some(record) => records.push(record),
            None => unreadable += 1,
        })?;
        problems.append(&mut notes.into_problems());
    }
    duplicates::settle(&mut records, parts, taken, tables, &mut problems)?;
    Ok(Found { records, problems, unreadable })
}

/// Where a record stands, over all pages. A page has fewer elements than that.
fn place(page: usize, position: u32) -> u32 {
    const LARGEST_PAGE: u32 = 1 << 20;
    u32::try_from(page).unwrap_or(u32::MAX).saturating_mul(LARGEST_PAGE).saturating_add(position)
}

#[expect(clippy::needless_pass_by_value, reason = "it is made for this call, and is no larger than a reference to it")]
fn element<'d, T: Decode>(
    page: usize,
    position: u32,
    bytes: Result<&[u8], TooLarge>,
    tables: &'d Tables,
    notes: &mut Notes<'d>,
) -> Option<T> {
    notes.begin_unknown();
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(TooLarge { bytes }) => {
            notes.unreadable(position, &format!("it has {bytes} bytes, which no record has"));
            return None;
        }
    };
    let wire = match pleach_source::decode::<Field<T::Wire<'_>>>(bytes) {
        Ok(Field::Is(wire)) => wire,
        Ok(_) => {
            notes.unreadable(position, "it is no object");
            return None;
        }
        Err(error) => {
            if let Some(id) = any_id(bytes) {
                notes.begin(T::table(&T::Wire::default(), tables), &id);
            }
            notes.unreadable(position, &error.to_string());
            return None;
        }
    };
    let Some(id) = T::id_of(&wire) else {
        notes.unreadable(position, "it has no `id`");
        return None;
    };
    let id = RawId::new(id);
    notes.begin(T::table(&wire, tables), &id);
    wire.inspect(FieldPath::RECORD, &mut |path| notes.wrong_field(path));
    Some(T::new(id, place(page, position), &wire, notes))
}

/// The id of a record that cannot be read as a whole.
fn any_id(bytes: &[u8]) -> Option<RawId> {
    let record: Field<Identified<'_>> = pleach_source::decode(bytes).ok()?;
    record.get()?.id_text().map(RawId::new)
}

impl Identified<'_> {
    /// Its id, wherever it stands.
    pub(crate) fn id_text(&self) -> Option<&str> {
        self.identification.get().and_then(|identification| identification.id.text()).or_else(|| self.id.text())
    }

    pub(crate) fn raw_id(&self) -> Option<RawId> {
        self.id_text().map(RawId::new)
    }
}

/// What CRM calls the clients with these ids, in no order. Read only where a message needs a name.
pub(crate) fn crm_names(snapshot: &Snapshot, wanted: &[&str]) -> Vec<(String, String)> {
    let mut names = Vec::new();
    if wanted.is_empty() {
        return names;
    }
    for part in parts::pages(snapshot, parts::CLIENTS) {
        let read = elements::for_each(part, |_, bytes| {
            if let Ok(bytes) = bytes
                && let Ok(Field::Is(client)) = pleach_source::decode::<Field<CrmClient<'_>>>(bytes)
                && let Some(id) = client.id.text().filter(|id| wanted.contains(id))
            {
                let person = [client.first_name.text(), client.last_name.text()];
                let person = person.into_iter().flatten().collect::<Vec<_>>().join(" ");
                let name = client.company_name.text().map_or(person, str::to_owned);
                names.push((id.to_owned(), name));
            }
        });
        if read.is_err() {
            break; // it is only names
        }
    }
    names
}
