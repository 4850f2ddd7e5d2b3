//! The elements of a part that is a JSON array, one after the other.

use pleach_source::{Part, ReadError};

/// Calls `take` with the position and the bytes of each element.
pub(crate) fn for_each(part: &Part, mut take: impl FnMut(u32, &[u8])) -> Result<(), ReadError> {
    let error = |reason: String| ReadError { address: part.address.clone(), reason, hint: String::new() };
    let bytes = part.body.bytes().map_err(|e| error(e.to_string()))?;
    let mut depth = 0_u32;
    let mut in_string = false;
    let mut escaped = false;
    let mut start = None;
    let mut position = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if in_string {
            if escaped {
                escaped = false;
            } else if byte == b'\\' {
                escaped = true;
            } else if byte == b'"' {
                in_string = false;
            }
            continue;
        }
        match byte {
            b'[' | b'{' => {
                depth += 1;
                if depth == 2 && start.is_none() {
                    start = Some(at);
                }
            }
            b']' | b'}' | b',' => {
                if byte != b',' {
                    depth -= 1;
                }
                if depth == 0 || (depth == 1 && byte == b',') {
                    if let Some(start) = start.take() {
                        take(position, bytes[start..at].trim_ascii_end());
                        position += 1;
                    }
                }
            }
            b' ' | b'\n' | b'\r' | b'\t' => {}
            _ => {
                if depth == 1 && start.is_none() {
                    start = Some(at);
                }
                in_string = byte == b'"';
            }
        }
    }
    if depth != 0 { Err(error("it ends too early".to_owned())) } else { Ok(()) }
}
