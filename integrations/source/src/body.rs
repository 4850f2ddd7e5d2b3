//! The bytes of an answer. A large one is compressed while it comes in, so that it is never whole in memory.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// The bytes of an answer, which can be read again and again.
#[derive(Clone)]
pub struct Body {
    kept: Kept,
    length: u64,
    sha256: [u8; 32],
}

#[derive(Clone)]
enum Kept {
    /// As they came: a file, which is small beside what becomes of it.
    Plain(Arc<[u8]>),
    /// As one zstd frame (RFC 8878).
    Compressed(Arc<[u8]>),
}

/// The level of compression: API answers become a tenth at it, faster than they are parsed. The next ones take a few percent
/// off the size and double the time.
const LEVEL: i32 = 1;

/// A file from this size on is kept compressed: that is half a million rows.
const LARGEST_PLAIN: u64 = 64 << 20;

/// Room for decompressed bytes: enough that asking for more does not show in the time.
const READ_AHEAD: usize = 128 << 10;

impl Body {
    /// Bytes that are in memory already.
    pub fn plain(bytes: Vec<u8>) -> Self {
        let sha256 = Sha256::digest(&bytes).into();
        Self { length: bytes.len() as u64, kept: Kept::Plain(bytes.into()), sha256 }
    }

    /// Takes a body as an archive kept it. Its length and hash are found by reading it once; it may have `limit` bytes.
    pub fn from_compressed(compressed: Vec<u8>, limit: u64) -> io::Result<Self> {
        let mut hashing = Hashing { hash: Sha256::new(), length: 0 };
        let mut bounded = zstd::Decoder::new(compressed.as_slice())?.take(limit.saturating_add(1));
        io::copy(&mut bounded, &mut hashing)?;
        let Hashing { hash, length } = hashing;
        if length > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(Self { kept: Kept::Compressed(compressed.into()), length, sha256: hash.finalize().into() })
    }

    /// Takes all bytes of `reader`, a large file compressed; fails with [`io::ErrorKind::FileTooLarge`] beyond `limit`.
    pub fn read_from(mut reader: impl Read, limit: u64) -> io::Result<Self> {
        let mut head = Vec::new();
        reader.by_ref().take(LARGEST_PLAIN.min(limit.saturating_add(1))).read_to_end(&mut head)?;
        if (head.len() as u64) < LARGEST_PLAIN && head.len() as u64 <= limit {
            return Ok(Self::plain(head));
        }
        let mut writer = BodyWriter::new()?;
        io::copy(&mut head.chain(reader).take(limit.saturating_add(1)), &mut writer)?;
        if writer.len() > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        writer.finish()
    }

    /// The bytes, from the first.
    pub fn reader(&self) -> BodyReader<'_> {
        BodyReader(match &self.kept {
            Kept::Plain(bytes) => Reading::Plain(bytes),
            Kept::Compressed(compressed) => {
                let decoder = zstd::Decoder::new(&**compressed).expect("invariant: a decoder needs nothing but memory");
                Reading::Compressed(BufReader::with_capacity(READ_AHEAD, decoder))
            }
        })
    }

    /// All bytes at once, for what cannot be read piece by piece.
    pub fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        if let Kept::Plain(bytes) = &self.kept {
            return Ok(Cow::Borrowed(bytes));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or_default());
        self.reader().read_to_end(&mut bytes)?;
        Ok(Cow::Owned(bytes))
    }

    /// The bytes as an archive keeps them: a zstd frame.
    pub fn compressed(&self) -> io::Result<Cow<'_, [u8]>> {
        match &self.kept {
            Kept::Compressed(compressed) => Ok(Cow::Borrowed(compressed)),
            Kept::Plain(bytes) => {
                let mut encoder = encoder()?;
                encoder.write_all(bytes)?;
                encoder.finish().map(Cow::Owned)
            }
        }
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The SHA-256 of its bytes.
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }
}

impl PartialEq for Body {
    /// Whether both have the same bytes, however they are kept.
    fn eq(&self, other: &Self) -> bool {
        (self.length, self.sha256) == (other.length, other.sha256)
    }
}

impl Eq for Body {}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.length)
    }
}

/// Gives the bytes of a body, from the first.
pub struct BodyReader<'b>(Reading<'b>);

enum Reading<'b> {
    Plain(&'b [u8]),
    Compressed(BufReader<zstd::Decoder<'static, BufReader<&'b [u8]>>>),
}

impl Read for BodyReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Reading::Plain(bytes) => bytes.read(buffer),
            Reading::Compressed(decoder) => decoder.read(buffer),
        }
    }
}

impl BufRead for BodyReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match &mut self.0 {
            Reading::Plain(bytes) => bytes.fill_buf(),
            Reading::Compressed(decoder) => decoder.fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        match &mut self.0 {
            Reading::Plain(bytes) => bytes.consume(count),
            Reading::Compressed(decoder) => decoder.consume(count),
        }
    }
}

/// Takes the bytes of a body as they come, and keeps them compressed.
pub struct BodyWriter {
    encoder: zstd::Encoder<'static, Vec<u8>>,
    hashing: Hashing,
}

fn encoder() -> io::Result<zstd::Encoder<'static, Vec<u8>>> {
    let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
    encoder.include_checksum(true)?;
    Ok(encoder)
}

impl BodyWriter {
    /// Begins a body.
    pub fn new() -> io::Result<Self> {
        Ok(Self { encoder: encoder()?, hashing: Hashing { hash: Sha256::new(), length: 0 } })
    }

    /// How many bytes came so far.
    pub fn len(&self) -> u64 {
        self.hashing.length
    }

    /// Whether none came yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends the body.
    pub fn finish(self) -> io::Result<Body> {
        let Hashing { hash, length } = self.hashing;
        let compressed = self.encoder.finish()?;
        Ok(Body { kept: Kept::Compressed(compressed.into()), length, sha256: hash.finalize().into() })
    }
}

impl Write for BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.encoder.write(bytes)?;
        self.hashing.write_all(&bytes[..count])?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(()) // a flush would end a block early and cost size; `finish` writes what is left
    }
}

struct Hashing {
    hash: Sha256,
    length: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> Body {
        let mut writer = BodyWriter::new().expect("memory");
        writer.write_all(bytes).expect("memory");
        writer.finish().expect("memory")
    }

    #[test]
    fn what_goes_in_comes_out_however_it_is_kept() {
        let bytes = b"Circuit ID,Circuit Name\n".repeat(10_000);
        let (written, plain) = (written(&bytes), Body::plain(bytes.clone()));
        let compressed = written.compressed().expect("kept so").into_owned();
        assert!(compressed.len() < bytes.len() / 100);
        assert_eq!(plain.compressed().expect("memory"), compressed);
        let again = Body::from_compressed(compressed, 240_000).expect("it was compressed");
        for body in [&written, &plain, &again] {
            assert_eq!((body.len(), body.sha256()), (240_000, <[u8; 32]>::from(Sha256::digest(&bytes))));
            assert_eq!(body.bytes().expect("read"), bytes);
            assert_eq!(body.reader().lines().count(), 10_000);
            assert_eq!(*body, plain);
        }
    }

    #[test]
    fn damage_is_noticed() {
        let compressed = written(&b"100.64.0.1 ".repeat(1_000)).compressed().expect("kept so").into_owned();
        let mut damaged = compressed.clone();
        *damaged.last_mut().expect("a checksum") ^= 1;
        assert!(Body::from_compressed(damaged, u64::MAX).is_err());
        assert!(Body::from_compressed(compressed[..compressed.len() / 2].to_vec(), u64::MAX).is_err());
    }

    #[test]
    fn a_large_file_is_compressed_and_the_same() {
        let bytes = b"x".repeat(usize::try_from(LARGEST_PLAIN + 5).expect("a size"));
        let body = Body::read_from(bytes.as_slice(), u64::MAX).expect("memory");
        assert!(matches!(body.kept, Kept::Compressed(_)));
        assert_eq!(body, Body::plain(bytes));
    }

    #[test]
    fn a_limit_is_a_limit() {
        assert_eq!(Body::read_from(&b"12345"[..], 5).expect("it fits").len(), 5);
        let bomb = written(&vec![0; 1 << 20]).compressed().expect("kept so").into_owned();
        for error in [Body::read_from(io::repeat(0), 5), Body::from_compressed(bomb, 1 << 10)] {
            assert_eq!(error.expect_err("too many").kind(), io::ErrorKind::FileTooLarge);
        }
    }
}
