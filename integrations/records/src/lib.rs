//! The generic source: for every system that Pleach does not know by name.
//!
//! It reads documents that come from a file, an address or a command. A document holds records of nodes, links, circuits and
//! devices, either in Pleach's own schema (JSON lines, `docs/records.md`) or in any table or JSON that [`Map`]s of the
//! configuration describe.

mod field;
mod import;
mod json;
mod lines;
mod map;
mod mapped;
mod notes;
mod order;
mod raw;
mod record;
mod settings;
mod source;
mod table;
mod typed;
mod ways;

pub use field::{Field, RecordKind};
pub use map::{Map, Mapping, Take, Unit, When};
pub use settings::{Format, Header, Input, RecordsSettings, SettingsError, Way};
pub use source::RecordsSource;
pub use ways::Prepare;
