//! Problems, line by line.

use std::io::{self, BufRead, Write};

use compact_str::CompactString;
use serde::Deserialize;

use super::error::StoredError;
use super::header::{Counts, Header};
use super::lines::{LineWriter, Lines, damaged, parse};
use super::texts::Id;
use crate::problem::{Code, Problem};

/// What the first line calls the file.
const FILE: &str = "problems";

/// Writes problems, in the order given, after a line that says what the file is. Errors are those of `out`.
pub fn write_problems(problems: &[Problem], out: impl Write) -> io::Result<()> {
    let mut out = LineWriter::new(out);
    let counts = Counts { problems: Some(problems.len() as u64), ..Counts::default() };
    out.line(&Header::new(FILE, counts))?;
    problems.iter().try_for_each(|problem| out.line(problem))?;
    out.finish()
}

/// Reads problems that [`write_problems`] wrote. One whose code is another version's becomes
/// [`Code::Unlisted`](crate::Code::Unlisted) and keeps its code in the message.
pub fn read_problems(input: impl BufRead) -> Result<Vec<Problem>, StoredError> {
    let mut lines = Lines::new(input);
    let (_, header) = lines.next()?.ok_or(StoredError::NoHeader { expected: FILE })?;
    let counts = Header::read(header, FILE)?;
    let mut problems = Vec::new();
    while let Some((number, line)) = lines.next()? {
        problems.push(parse(line).map_err(|damage| damaged(number, damage))?);
    }
    counts.check(Counts { problems: Some(problems.len() as u64), ..Counts::default() })?;
    Ok(problems)
}

/// The same as [`Problem`], with its code as text.
#[derive(Deserialize)]
pub(crate) struct ProblemOnDisk {
    code: CompactString,
    document: Option<CompactString>,
    line: Option<u32>,
    field: Option<CompactString>,
    value: Option<CompactString>,
    record: Option<Id>,
    message: String,
    #[serde(default)]
    hint: String,
}

impl From<ProblemOnDisk> for Problem {
    /// A code that this version does not have stays, before the message.
    fn from(written: ProblemOnDisk) -> Self {
        let ProblemOnDisk { code: text, document, line, field, value, record, message, hint } = written;
        let Ok(code) = text.parse();
        let is_kept = code != Code::Unlisted || text == Code::Unlisted.as_str();
        let message = if is_kept { message } else { format!("`{text}`: {message}") };
        Self { code, document, line, field, value, record: record.map(|Id(id)| id), message, hint }
    }
}
