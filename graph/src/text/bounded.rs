//! Reading streams of unknown size: a line of any length costs little memory, and a stream without end is refused.

use std::io::{self, ErrorKind, Read};

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE};

use super::RawText;

/// The longest line of a table, in bytes. A row of a subscriber with a thousand prefixes has 50 kB.
pub const LONGEST_LINE: usize = 1 << 20;

/// How many bytes are kept of a longer line: enough for its first cells, so that the row can be named.
pub const LONG_LINE_HEAD: usize = 256;

/// The most bytes that are read of one input. A million subscribers have 150 MB; this only stops a stream without end.
pub const MOST_TABLE_BYTES: u64 = 1 << 31;

/// The most bytes that are read of a document, which is kept whole. A million sites have 150 MB.
pub const MOST_DOCUMENT_BYTES: u64 = 1 << 28;

/// How many bytes are read at once. A line that is longer than [`LONGEST_LINE`] fills several chunks whole.
const CHUNK: usize = 1 << 18;

/// Reads a table: a line longer than [`LONGEST_LINE`] keeps only its head, and its number is remembered.
///
/// Fails as the stream does, and with [`ErrorKind::FileTooLarge`] after [`MOST_TABLE_BYTES`].
pub fn read_table(stream: impl Read) -> io::Result<RawText> {
    read(stream, Intake::new(Lines::Bounded), MOST_TABLE_BYTES)
}

/// Reads a document whose lines may have any length, such as JSON without line breaks.
///
/// Fails as the stream does, and with [`ErrorKind::FileTooLarge`] after [`MOST_DOCUMENT_BYTES`].
pub fn read_document(stream: impl Read) -> io::Result<RawText> {
    read(stream, Intake::new(Lines::Unbounded), MOST_DOCUMENT_BYTES)
}

pub(super) fn table_in_memory(bytes: &[u8]) -> RawText {
    in_memory(bytes, Intake::new(Lines::Bounded))
}

pub(super) fn document_in_memory(bytes: &[u8]) -> RawText {
    in_memory(bytes, Intake::new(Lines::Unbounded))
}

fn in_memory(bytes: &[u8], mut intake: Intake) -> RawText {
    for chunk in bytes.chunks(CHUNK) {
        intake.push(chunk);
    }
    intake.finish()
}

fn read(mut stream: impl Read, mut intake: Intake, most: u64) -> io::Result<RawText> {
    let mut chunk = vec![0; CHUNK];
    let mut total = 0;
    loop {
        let taken = fill(&mut stream, &mut chunk)?;
        total += taken as u64;
        if total > most {
            let why = format!("is larger than {} MiB, the most that is read", most >> 20);
            return Err(io::Error::new(ErrorKind::FileTooLarge, why));
        }
        intake.push(&chunk[..taken]);
        if taken < chunk.len() {
            return Ok(intake.finish());
        }
    }
}

/// Reads until the chunk is full or the stream ends, so that the encoding is told from the same bytes every time.
fn fill(stream: &mut impl Read, chunk: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < chunk.len() {
        match stream.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(taken) => filled += taken,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    Bounded,
    Unbounded,
}

/// Takes chunks in and keeps what is to be kept of them.
struct Intake {
    lines: Lines,
    text: RawText,
    utf16: Option<Decoder>,
    started: bool,
    /// Where the line that is being read starts in the kept bytes.
    line_start: usize,
    /// The rest of the line that is being read is dropped.
    dropping: bool,
    /// The number of the line that starts at `counted_to`.
    counted: u32,
    counted_to: usize,
}

impl Intake {
    fn new(lines: Lines) -> Self {
        let text = RawText::default();
        Self { lines, text, utf16: None, started: false, line_start: 0, dropping: false, counted: 1, counted_to: 0 }
    }

    fn push(&mut self, chunk: &[u8]) {
        if !self.started {
            self.started = true;
            self.utf16 = utf16_of(chunk).map(Encoding::new_decoder_with_bom_removal);
            self.text.was_utf16 = self.utf16.is_some();
        }
        match self.utf16.take() {
            None => self.keep(chunk),
            Some(mut decoder) => {
                self.transcode(&mut decoder, chunk, false);
                self.utf16 = Some(decoder);
            }
        }
    }

    fn transcode(&mut self, decoder: &mut Decoder, chunk: &[u8], last: bool) {
        let room = decoder.max_utf8_buffer_length(chunk.len()).expect("invariant: a chunk is far below usize::MAX");
        let mut utf8 = vec![0; room];
        let (_, _, written, _) = decoder.decode_to_utf8(chunk, &mut utf8, last);
        self.keep(&utf8[..written]);
    }

    /// Keeps `chunk`, at most [`CHUNK`] bytes (three halves of that after UTF-16), but for the tails of long lines.
    fn keep(&mut self, mut chunk: &[u8]) {
        if self.lines == Lines::Unbounded {
            self.text.bytes.extend_from_slice(chunk);
            return;
        }
        if self.dropping {
            let Some(end) = memchr::memchr2(b'\n', b'\r', chunk) else { return };
            self.dropping = false;
            chunk = &chunk[end..];
        }
        let kept = self.text.bytes.len();
        let first_end = memchr::memchr2(b'\n', b'\r', chunk);
        let partial = kept - self.line_start + first_end.unwrap_or(chunk.len());
        if partial > LONGEST_LINE {
            self.cut_line();
            self.dropping = first_end.is_none();
            let Some(end) = first_end else { return };
            chunk = &chunk[end..];
        }
        let kept = self.text.bytes.len();
        self.text.bytes.extend_from_slice(chunk);
        if let Some(end) = memchr::memrchr2(b'\n', b'\r', chunk) {
            self.line_start = kept + end + 1;
        }
    }

    /// Cuts the line being read to its head and remembers its number.
    fn cut_line(&mut self) {
        let bytes = &mut self.text.bytes;
        bytes.truncate(self.line_start + LONG_LINE_HEAD);
        if let Err(error) = std::str::from_utf8(&bytes[self.line_start..])
            && error.error_len().is_none()
        {
            bytes.truncate(self.line_start + error.valid_up_to()); // a character cut in half is no other encoding
        }
        self.counted += line_ends(&bytes[self.counted_to..self.line_start]);
        self.counted_to = self.line_start;
        self.text.long_lines.push(self.counted);
    }

    fn finish(mut self) -> RawText {
        if let Some(mut decoder) = self.utf16.take() {
            self.transcode(&mut decoder, &[], true);
        }
        self.text
    }
}

/// How many lines end in `bytes`, which starts where a line starts: at LF, CR LF, or CR alone.
fn line_ends(bytes: &[u8]) -> u32 {
    let mut ends = 0;
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        ends += u32::from(bytes[at] == b'\r' || at == 0 || bytes[at - 1] != b'\r');
    }
    ends
}

/// Whether the input is UTF-16: by its byte order mark, or since every other byte of its start is zero, but for the few
/// that belong to letters beyond Latin-1.
fn utf16_of(start: &[u8]) -> Option<&'static Encoding> {
    const LOOKED_AT: usize = 256; // a header, or a row or two
    match start {
        [0xFF, 0xFE, ..] => return Some(UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let units = start[..start.len().min(LOOKED_AT)].as_chunks::<2>().0;
    let zeros = |half: usize| units.iter().filter(|unit| unit[half] == 0).count();
    match (zeros(0), zeros(1)) {
        (0, high) if 2 * high > units.len() => Some(UTF_16LE),
        (high, 0) if 2 * high > units.len() => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_without_end_is_refused() {
        let error = read(io::repeat(b'x'), Intake::new(Lines::Unbounded), 1 << 20).expect_err("it has no end");
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "is larger than 1 MiB, the most that is read");
    }

    #[test]
    fn a_long_line_keeps_its_head_and_number() {
        let mut input = b"a\r\nb\n".to_vec();
        input.extend(std::iter::repeat_n(b'x', 5 * LONGEST_LINE));
        input.extend_from_slice(b"\nc\n");
        let text = read_table(input.as_slice()).expect("no error from memory");
        assert_eq!(text.long_lines(), [3]);
        assert_eq!(text.len(), 5 + LONG_LINE_HEAD + 3);
        assert!(text.bytes.ends_with(b"x\nc\n"));
        assert_eq!(text, RawText::table(&input));
        assert_eq!(RawText::document(&input).len(), input.len());
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let mut input = "é".repeat(LONGEST_LINE);
        input.insert(0, 'a');
        let text = RawText::table(input.as_bytes());
        assert_eq!((text.long_lines(), text.len()), (&[1][..], LONG_LINE_HEAD - 1));
        assert!(std::str::from_utf8(&text.bytes).is_ok());
    }

    #[test]
    fn several_long_lines_are_numbered() {
        let line = "y".repeat(LONGEST_LINE + 1);
        let text = RawText::table(format!("{line}\r\nshort\r\n{line}\r\n{line}").as_bytes());
        assert_eq!(text.long_lines(), [1, 3, 4]);
    }

    #[test]
    fn a_line_of_the_longest_length_is_kept() {
        let text = RawText::table(format!("{}\nb", "y".repeat(LONGEST_LINE)).as_bytes());
        assert!(text.long_lines().is_empty());
    }
}
