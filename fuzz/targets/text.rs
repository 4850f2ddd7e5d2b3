//! Any bytes as the text of a table and of a document: the same whether in memory or as a stream in small pieces.
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use pleach_graph::text::{self, RawText, SourceEncoding};

fuzz_target!(|bytes: &[u8]| {
    for (raw, streamed) in [
        (RawText::table(bytes), text::read_table(Dribble(bytes))),
        (RawText::document(bytes), text::read_document(Dribble(bytes))),
    ] {
        assert_eq!(streamed.expect("memory can be read"), raw);
        assert!(raw.long_lines().is_sorted());
        let decoded = raw.decode();
        assert_eq!(decoded.problem("a").is_none(), decoded.encoding == SourceEncoding::Utf8);
        if let Ok(plain) = std::str::from_utf8(bytes)
            && decoded.encoding == SourceEncoding::Utf8
            && raw.long_lines().is_empty()
        {
            assert_eq!(decoded.text, plain.strip_prefix('\u{feff}').unwrap_or(plain));
        }
    }
});

/// A stream that gives a few bytes at a time.
struct Dribble<'a>(&'a [u8]);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(7);
        self.0.read(&mut buffer[..most])
    }
}
