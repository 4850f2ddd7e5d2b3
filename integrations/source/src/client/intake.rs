//! What becomes of the bytes of an answer while they come in: unpacked, looked at, counted, compressed.

use std::io::{self, Write};
use std::mem;

use flate2::write::MultiGzDecoder;

use super::withhold::Withhold;
use crate::body::{Body, BodyWriter};
use crate::json::{BrokenJson, Expect, Splitter};

/// Takes the bytes of an answer piece by piece. What cannot be the answer expected is refused at the first piece that shows it.
pub(crate) struct Intake {
    received: u64,
    largest_download: u64,
    packing: Packing,
}

/// How the bytes of an answer are packed on the line (RFC 9110, section 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Gzip,
}

/// What unpacks them.
enum Packing {
    Plain(Box<Sink>),
    Gzip(Box<MultiGzDecoder<Sink>>),
}

/// The sizes that an answer may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) largest_download: u64,
    pub(crate) largest_answer: u64,
}

/// Why an answer cannot be taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is larger than it may be, on the line or unpacked.
    TooLarge(Size),
    /// It is not JSON of the kind expected.
    Json(BrokenJson),
    /// It cannot be unpacked.
    Unpack(io::Error),
    /// It cannot be kept.
    Keep(io::Error),
}

/// Which of the sizes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// The bytes on the line: `largest_download`.
    Download,
    /// The bytes once they are unpacked: `largest_answer`.
    Answer,
}

impl Size {
    /// The key of the configuration that says how much it may be.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Download => "largest_download",
            Self::Answer => "largest_answer",
        }
    }
}

/// The end of the line: unpacked bytes.
struct Sink {
    /// What is not kept, and room for what is.
    withhold: Option<(Withhold, Vec<u8>)>,
    writer: BodyWriter,
    outline: Splitter,
    largest: u64,
    beginning: Vec<u8>,
    kept_beginning: usize,
    refusal: Option<Refusal>,
}

impl Intake {
    /// `withheld` are the keys whose values are not kept, `beginning` is how much of the answer is kept for errors to quote.
    pub(crate) fn new(
        sizes: Sizes,
        encoding: Encoding,
        expect: Expect,
        withheld: &'static [&'static str],
        beginning: usize,
    ) -> io::Result<Self> {
        let sink = Sink {
            withhold: (!withheld.is_empty()).then(|| (Withhold::new(withheld), Vec::new())),
            writer: BodyWriter::new()?,
            outline: Splitter::new(expect),
            largest: sizes.largest_answer,
            beginning: Vec::new(),
            kept_beginning: beginning,
            refusal: None,
        };
        let packing = match encoding {
            Encoding::Plain => Packing::Plain(Box::new(sink)),
            Encoding::Gzip => Packing::Gzip(Box::new(MultiGzDecoder::new(sink))),
        };
        Ok(Self { received: 0, largest_download: sizes.largest_download, packing })
    }

    /// Takes the next piece.
    pub(crate) fn feed(&mut self, piece: &[u8]) -> Result<(), Refusal> {
        self.received += piece.len() as u64;
        if self.received > self.largest_download {
            return Err(Refusal::TooLarge(Size::Download));
        }
        let written = match &mut self.packing {
            Packing::Plain(sink) => sink.write_all(piece),
            Packing::Gzip(decoder) => decoder.write_all(piece),
        };
        written.map_err(|error| self.sink().refusal.take().unwrap_or(Refusal::Unpack(error)))
    }

    /// There are no more pieces: the body, and how many records it has where it is an array. What the answer begins with comes
    /// with a refusal.
    pub(crate) fn finish(self) -> Result<(Body, u64), (Refusal, Vec<u8>)> {
        let sink = match self.packing {
            Packing::Plain(sink) => *sink,
            Packing::Gzip(mut decoder) => {
                let finished = decoder.try_finish();
                let sink = decoder.get_mut();
                if let Err(error) = finished {
                    return Err((
                        sink.refusal.take().unwrap_or(Refusal::Unpack(error)),
                        mem::take(&mut sink.beginning),
                    ));
                }
                decoder.finish().map_err(|error| (Refusal::Unpack(error), Vec::new()))?
            }
        };
        let records = sink.outline.elements();
        let whole = sink.outline.finish().map_err(Refusal::Json);
        let body = whole.and_then(|()| sink.writer.finish().map_err(Refusal::Keep));
        body.map(|body| (body, records)).map_err(|refusal| (refusal, sink.beginning))
    }

    /// What the answer begins with, as far as it was looked at.
    pub(crate) fn beginning(&mut self) -> &[u8] {
        &self.sink().beginning
    }

    fn sink(&mut self) -> &mut Sink {
        match &mut self.packing {
            Packing::Plain(sink) => sink,
            Packing::Gzip(decoder) => decoder.get_mut(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.take(bytes);
        taken.map(|()| bytes.len()).map_err(|refusal| {
            self.refusal = Some(refusal);
            io::ErrorKind::InvalidData.into()
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink {
    fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let room = self.kept_beginning - self.beginning.len();
        self.beginning.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if self.outline.offset() + bytes.len() as u64 > self.largest {
            return Err(Refusal::TooLarge(Size::Answer));
        }
        self.outline.skip(bytes).map_err(Refusal::Json)?;
        let kept = match &mut self.withhold {
            None => bytes,
            Some((withhold, kept)) => {
                kept.clear();
                withhold.feed(bytes, kept);
                kept
            }
        };
        self.writer.write_all(kept).map_err(Refusal::Keep)
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::json::Wrong;

    const SIZES: Sizes = Sizes { largest_download: 1000, largest_answer: 2000 };

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn take(encoding: Encoding, bytes: &[u8], size: usize) -> Result<(Body, u64), Refusal> {
        let mut intake = Intake::new(SIZES, encoding, Expect::Array, &[], 4).expect("in memory");
        bytes.chunks(size).try_for_each(|piece| intake.feed(piece))?;
        intake.finish().map_err(|(refusal, _)| refusal)
    }

    #[test]
    fn an_answer_is_the_same_however_it_comes() {
        let text = format!("[1, {}]", vec!["{\"a\":\"b\"}"; 90].join(","));
        let packed = gzip(text.as_bytes());
        let twice = [gzip(&text.as_bytes()[..7]), gzip(&text.as_bytes()[7..])].concat();
        for size in [1, 7, 1000] {
            for (encoding, bytes) in
                [(Encoding::Plain, text.as_bytes()), (Encoding::Gzip, &packed), (Encoding::Gzip, &twice)]
            {
                let (body, records) = take(encoding, bytes, size).expect("it is whole");
                assert_eq!((&*body.bytes().expect("it was kept"), records), (text.as_bytes(), 91));
            }
        }
    }

    #[test]
    fn sizes_are_kept_on_the_line_and_unpacked() {
        let long = format!("[1, {}1]", "2,".repeat(997));
        assert!(take(Encoding::Gzip, &gzip(long.as_bytes()), 100).is_ok_and(|(body, _)| body.len() == 2000));
        assert!(matches!(take(Encoding::Plain, long.as_bytes(), 100), Err(Refusal::TooLarge(Size::Download))));
        let longer = gzip(format!(" {long}").as_bytes());
        assert!(matches!(take(Encoding::Gzip, &longer, 100), Err(Refusal::TooLarge(Size::Answer))));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        let packed = gzip(b"[1, 2]");
        let mut damaged = packed.clone();
        damaged[packed.len() - 6] ^= 1;
        for bytes in [&packed[..packed.len() - 1], &damaged, b"[1, 2]"] {
            assert!(matches!(take(Encoding::Gzip, bytes, 100), Err(Refusal::Unpack(_))), "{bytes:?}");
        }
        for (text, at) in [("[1, 2", 5), ("[1, 2]]", 6)] {
            assert!(matches!(take(Encoding::Plain, text.as_bytes(), 3), Err(Refusal::Json(broken)) if broken.at == at));
        }
    }

    #[test]
    fn what_begins_otherwise_is_refused_and_quoted() {
        let intake = |encoding| Intake::new(SIZES, encoding, Expect::Array, &[], 4).expect("in memory");
        let mut plain = intake(Encoding::Plain);
        let refusal = plain.feed(b"<html>").expect_err("it is no array");
        let mut packed = intake(Encoding::Gzip);
        packed.feed(&gzip(b"<html>")).expect("it is looked at when there is more of it");
        for (refusal, beginning) in
            [(refusal, plain.beginning().to_vec()), packed.finish().expect_err("it is no array")]
        {
            assert!(matches!(refusal, Refusal::Json(BrokenJson { at: 0, what: Wrong::Start { .. } })), "{refusal:?}");
            assert_eq!(beginning, b"<htm");
        }
    }
}
