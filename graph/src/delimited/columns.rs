//! Column names as they are compared.

use crate::node::Text;

/// The index of a column that a table does not have; a field read at it is empty.
pub const ABSENT: usize = usize::MAX;

/// A name as it is compared: lower-case letters and digits, so that `Download Min`, `download_min` and `"DownloadMin"`
/// are one. LibreQoS's reader does the same.
pub fn normalised(name: &str) -> Text {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
