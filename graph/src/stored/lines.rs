//! Lines of JSON, read and written one at a time.

use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use super::error::{Damage, StoredError};

/// The longest line that is read, in bytes: a device with two million prefixes. It stops a file without line breaks.
pub(super) const LONGEST_LINE: u64 = 1 << 26;

/// The lines of a file, and the number of the last one.
pub(super) struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0 }
    }

    /// The number of the next line, and what stands in it; blank ones are passed over.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[u8])>, StoredError> {
        loop {
            self.number += 1;
            self.line.clear();
            let mut bounded = (&mut self.input).take(LONGEST_LINE + 1);
            let taken = bounded.read_until(b'\n', &mut self.line);
            let taken = taken.map_err(|source| StoredError::Io { line: self.number, source })?;
            if taken as u64 > LONGEST_LINE {
                return Err(damaged(self.number, Damage::TooLong { most: LONGEST_LINE }));
            }
            if taken == 0 {
                return Ok(None);
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some((self.number, self.line.trim_ascii())));
            }
        }
    }
}

pub(super) fn damaged(line: u64, damage: Damage) -> StoredError {
    StoredError::Damaged { line, damage }
}

pub(super) fn parse<'l, T: Deserialize<'l>>(line: &'l [u8]) -> Result<T, Damage> {
    let line = str::from_utf8(line)?; // once, and not for each text in it
    Ok(serde_json::from_str(line)?)
}

/// Writes lines, many at a time.
pub(super) struct LineWriter<W> {
    out: W,
    bytes: Vec<u8>,
}

impl<W: Write> LineWriter<W> {
    /// How much is gathered before it is handed on.
    const FULL: usize = 1 << 16;

    pub(super) fn new(out: W) -> Self {
        Self { out, bytes: Vec::with_capacity(Self::FULL + (Self::FULL >> 4)) }
    }

    pub(super) fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.bytes, value)?;
        self.bytes.push(b'\n');
        if self.bytes.len() >= Self::FULL {
            self.out.write_all(&self.bytes)?;
            self.bytes.clear();
        }
        Ok(())
    }

    /// Hands on what is gathered.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.write_all(&self.bytes)?;
        self.out.flush()
    }
}
