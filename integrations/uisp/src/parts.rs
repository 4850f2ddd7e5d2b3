//! The parts of a UISP's snapshot: one answer each.

use pleach_source::{Part, Snapshot};

/// `GET /sites?ucrmDetails=true`.
pub(crate) const SITES: &str = "sites";
/// `GET /devices?withInterfaces=true`.
pub(crate) const DEVICES: &str = "devices";
/// `GET /data-links`.
pub(crate) const DATA_LINKS: &str = "data-links";
/// `GET /clients/services` of CRM; the pages are `services-1`, `services-2` and so on.
pub(crate) const SERVICES: &str = "services";
/// `GET /clients` of CRM, in pages too.
pub(crate) const CLIENTS: &str = "clients";

/// The name of a page, from 1.
pub(crate) fn page(name: &str, number: usize) -> String {
    format!("{name}-{number}")
}

/// The pages of a list, in order.
pub(crate) fn pages<'s>(snapshot: &'s Snapshot, name: &'static str) -> impl Iterator<Item = &'s Part> + Clone {
    let is_page = move |part: &&Part| {
        let number = part.name.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    snapshot.parts.iter().filter(is_page)
}
