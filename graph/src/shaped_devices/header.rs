//! Which column of a `ShapedDevices.csv` holds what: by header name, else by the fixed positions of its dialect.

use crate::delimited::{ABSENT, Delimiter, Fields, Outcome, Records, looks_like_number, normalised};
use crate::node::Text;
use crate::prefix::Prefix;

/// A column, in the order of the 16-column dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The id that groups rows into circuits.
    CircuitId,
    /// The circuit's name or address.
    CircuitName,
    /// The device's id.
    DeviceId,
    /// The device's name.
    DeviceName,
    /// The parent's name.
    ParentNode,
    /// The parent's id.
    ParentNodeId,
    /// The topology anchor's id.
    AnchorNodeId,
    /// MAC address.
    Mac,
    /// IPv4 addresses and prefixes.
    Ipv4,
    /// IPv6 addresses and prefixes.
    Ipv6,
    /// Committed rate down, Mbit/s.
    DownloadMin,
    /// Committed rate up, Mbit/s.
    UploadMin,
    /// Ceiling down, Mbit/s.
    DownloadMax,
    /// Ceiling up, Mbit/s.
    UploadMax,
    /// Free text.
    Comment,
    /// Queue kind.
    Sqm,
    /// RADIUS user name, used where the MAC cell is empty; only by header name.
    UserName,
}

/// The four rates, which stand side by side in every dialect.
pub const RATE_COLUMNS: [Column; 4] = [Column::DownloadMin, Column::UploadMin, Column::DownloadMax, Column::UploadMax];

const COLUMNS: usize = 17;

/// Each column with its name as LibreQoS 2.2 writes it and its position in the legacy form of 13 columns plus `sqm`.
const TABLE: [(Column, &str, usize); COLUMNS] = [
    (Column::CircuitId, "Circuit ID", 0),
    (Column::CircuitName, "Circuit Name", 1),
    (Column::DeviceId, "Device ID", 2),
    (Column::DeviceName, "Device Name", 3),
    (Column::ParentNode, "Parent Node", 4),
    (Column::ParentNodeId, "Parent Node ID", ABSENT),
    (Column::AnchorNodeId, "Anchor Node ID", ABSENT),
    (Column::Mac, "MAC", 5),
    (Column::Ipv4, "IPv4", 6),
    (Column::Ipv6, "IPv6", 7),
    (Column::DownloadMin, "Download Min", 8),
    (Column::UploadMin, "Upload Min", 9),
    (Column::DownloadMax, "Download Max", 10),
    (Column::UploadMax, "Upload Max", 11),
    (Column::Comment, "Comment", 12),
    (Column::Sqm, "sqm", 13),
    (Column::UserName, "username", ABSENT),
];

/// How many rows are looked at for one whose four rates are numbers.
const ROWS_LOOKED_AT: usize = 20;

/// Where the columns are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    positions: [usize; COLUMNS],
    names: [Text; COLUMNS],
    /// How many columns the header has; without one, the row that the positions were found in.
    width: Option<usize>,
    /// The header's line; 0 without a header.
    header_line: u32,
}

impl Layout {
    /// The layout of a text, found in its first rows.
    pub fn of(text: &str, long_lines: &[u32]) -> Self {
        let mut records = Records::new(text, long_lines);
        let delimiter = records.delimiter();
        let (mut header, mut rates_at, mut width) = (None, None, None);
        let mut is_first = true;
        for _ in 0..=ROWS_LOOKED_AT {
            let Some(outcome) = records.advance() else { break };
            let Outcome::Record { line, .. } = outcome else { continue };
            let fields = records.fields();
            if fields.are_blank() {
                continue;
            }
            if std::mem::take(&mut is_first) && is_header(fields, delimiter) {
                header = Some((line, fields.iter().map(Text::from).collect::<Vec<_>>()));
                continue;
            }
            rates_at = rates_position(fields, delimiter);
            if rates_at.is_some() {
                width = Some(fields.len());
                break;
            }
        }
        match header {
            Some((line, names)) => Self::by_name(line, &names, rates_at),
            None => Self { width, ..Self::by_position(rates_at) },
        }
    }

    /// The position of a column, [`ABSENT`] if the file does not have it.
    pub fn position(&self, column: Column) -> usize {
        self.positions[column as usize]
    }

    /// The column's name as the file has it.
    pub fn name(&self, column: Column) -> &str {
        &self.names[column as usize]
    }

    /// How many columns the header has; without one, the row that the positions were found in, if there is any.
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// The header's line; 0 without a header.
    pub fn header_line(&self) -> u32 {
        self.header_line
    }

    /// The fields that every row needs: a row that ends before the last of them is short.
    pub fn needed(&self) -> usize {
        let needed = RATE_COLUMNS.into_iter().chain([Column::CircuitId]).map(|column| self.position(column));
        1 + needed.filter(|&position| position != ABSENT).max().unwrap_or(0)
    }

    /// Where the first rate stands, if the four stand side by side.
    pub(super) fn rates_at(&self) -> Option<usize> {
        let first = self.position(Column::DownloadMin);
        let beside = |(column, offset): (Column, usize)| Some(self.position(column)) == first.checked_add(offset);
        RATE_COLUMNS.into_iter().zip(0..).all(beside).then_some(first)
    }

    /// The layout of a dialect with fewer columns than this header names, if the rates of a row stand where it has them.
    pub(super) fn narrower(&self, fields: Fields<'_>, delimiter: Delimiter) -> Option<Self> {
        let named_at = self.rates_at().filter(|at| (LEGACY_RATES..=LEGACY_RATES + 2).contains(at))?;
        let by_name_alone = [Column::Sqm, Column::UserName].map(|column| column as usize);
        let is_usual =
            |(column, position): (usize, usize)| by_name_alone.contains(&column) || self.positions[column] == position;
        let found_at = rates_position(fields, delimiter).filter(|&at| at < named_at)?;
        let usual = fixed_positions(named_at).into_iter().enumerate().all(is_usual);
        usual.then(|| Self { positions: fixed_positions(found_at), ..self.clone() })
    }

    fn by_position(rates_at: Option<usize>) -> Self {
        let names = TABLE.map(|(_, name, _)| Text::const_new(name));
        Self { positions: fixed_positions(rates_at.unwrap_or(LEGACY_RATES)), names, width: None, header_line: 0 }
    }

    /// By name; a name that is missing falls back to its position in the dialect, but never to a column that the header
    /// gives another meaning. `sqm` goes by name alone: position 13 holds other things in files with more columns.
    fn by_name(line: u32, header: &[Text], rates_at: Option<usize>) -> Self {
        let mut layout = Self::by_position(None);
        layout.positions = [ABSENT; COLUMNS];
        (layout.width, layout.header_line) = (Some(header.len()), line);
        let mut named = vec![false; header.len()];
        for (position, name) in header.iter().enumerate() {
            let Some(column) = column_named(name) else { continue };
            named[position] = true;
            if layout.position(column) == ABSENT {
                layout.positions[column as usize] = position;
                layout.names[column as usize].clone_from(name);
            }
        }
        let dialect_rates = rates_at.unwrap_or(match header.len() {
            15.. => LEGACY_RATES + 2,
            _ => LEGACY_RATES,
        });
        for (column, position) in fixed_positions(dialect_rates).into_iter().enumerate() {
            let is_free = named.get(position).is_some_and(|named| !named);
            if layout.positions[column] == ABSENT && is_free && column != Column::Sqm as usize {
                layout.positions[column] = position;
                if !header[position].is_empty() {
                    layout.names[column].clone_from(&header[position]);
                }
            }
        }
        layout
    }
}

/// Where the first rate stands in the legacy form.
const LEGACY_RATES: usize = 8;

/// The positions in a dialect whose first rate stands at `rates_at`: 8 without ids, 9 with Parent Node ID, 10 with Anchor
/// Node ID too.
fn fixed_positions(rates_at: usize) -> [usize; COLUMNS] {
    let ids = rates_at - LEGACY_RATES;
    TABLE.map(|(column, _, legacy)| match column {
        Column::ParentNodeId if ids >= 1 => 5,
        Column::AnchorNodeId if ids >= 2 => 6,
        _ if legacy == ABSENT => ABSENT,
        _ if legacy >= 5 => legacy + ids,
        _ => legacy,
    })
}

/// Where four numbers stand side by side, at a place a dialect has its rates.
fn rates_position(fields: Fields<'_>, delimiter: Delimiter) -> Option<usize> {
    (LEGACY_RATES..=LEGACY_RATES + 2)
        .find(|&start| (start..start + 4).all(|index| looks_like_number(fields.get(index), delimiter)))
}

/// A first row whose rates are numbers is data. Without them it is a header if it names a column, or holds neither
/// number nor address: a header in words of its own.
fn is_header(fields: Fields<'_>, delimiter: Delimiter) -> bool {
    if rates_position(fields, delimiter).is_some() {
        return false;
    }
    let is_value = |field: &str| looks_like_number(field, delimiter) || Prefix::parse(field).is_ok();
    fields.iter().filter(|name| column_named(name).is_some()).count() > 1 || !fields.iter().any(is_value)
}

fn column_named(name: &str) -> Option<Column> {
    let name = normalised(name);
    let name = name.strip_suffix("mbps").unwrap_or(&name);
    match name {
        "id" => return Some(Column::AnchorNodeId),
        "radiususername" => return Some(Column::UserName),
        _ => {}
    }
    let named = TABLE.iter().find(|(_, spelling, _)| {
        let letters = spelling.bytes().filter(|byte| *byte != b' ').map(|byte| byte.to_ascii_lowercase());
        letters.eq(name.bytes())
    });
    named.map(|(column, ..)| *column)
}
