//! The bytes of an answer, compressed while they come in: a large answer is never whole in memory.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// Bytes that were read once and are kept compressed (zstd, RFC 8878).
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    compressed: Arc<[u8]>,
    length: u64,
    sha256: [u8; 32],
}

/// Takes the bytes of a body as they come.
pub struct BodyWriter {
    encoder: zstd::Encoder<'static, Vec<u8>>,
    length: u64,
    hash: Sha256,
}

/// Gives the bytes of a body back.
pub type BodyReader<'b> = BufReader<zstd::Decoder<'static, BufReader<&'b [u8]>>>;

/// The level of compression: API answers become a tenth at it, faster than they are parsed. The next ones take a few percent
/// off the size and double the time.
const LEVEL: i32 = 1;

/// Room for decompressed bytes: enough that asking for more does not show in the time.
const READ_AHEAD: usize = 128 << 10;

impl Body {
    /// Takes bytes that are in memory already.
    pub fn from_bytes(bytes: &[u8]) -> io::Result<Self> {
        let mut writer = BodyWriter::new()?;
        writer.write_all(bytes)?;
        writer.finish()
    }

    /// Takes a body as an archive kept it. Its length and hash are found by reading it once.
    pub fn from_compressed(compressed: Vec<u8>) -> io::Result<Self> {
        let mut hashing = Hashing { hash: Sha256::new(), length: 0 };
        io::copy(&mut zstd::Decoder::new(compressed.as_slice())?, &mut hashing)?;
        let Hashing { hash, length } = hashing;
        Ok(Self { compressed: compressed.into(), length, sha256: hash.finalize().into() })
    }

    /// The bytes, from the first.
    pub fn reader(&self) -> BodyReader<'_> {
        let decoder = zstd::Decoder::new(&*self.compressed).expect("invariant: a decoder needs nothing but memory");
        BufReader::with_capacity(READ_AHEAD, decoder)
    }

    /// All bytes at once: for a body that is known to be small, or read with no copy made of it.
    pub fn to_vec(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or_default());
        self.reader().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The bytes as they are kept: a zstd frame.
    pub fn compressed(&self) -> &[u8] {
        &self.compressed
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

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.length)
    }
}

impl BodyWriter {
    /// Begins a body.
    pub fn new() -> io::Result<Self> {
        let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
        encoder.include_checksum(true)?;
        Ok(Self { encoder, length: 0, hash: Sha256::new() })
    }

    /// How many bytes came so far.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether none came yet.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Ends the body.
    pub fn finish(self) -> io::Result<Body> {
        Ok(Body { compressed: self.encoder.finish()?.into(), length: self.length, sha256: self.hash.finalize().into() })
    }
}

impl Write for BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.encoder.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.length += count as u64;
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

/// Reads up to the end of a source of bytes into a body.
impl Body {
    /// Takes all bytes of `reader`, but fails with [`io::ErrorKind::FileTooLarge`] beyond `limit`.
    pub fn read_from(mut reader: impl BufRead, limit: u64) -> io::Result<Self> {
        let mut writer = BodyWriter::new()?;
        loop {
            let bytes = match reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                bytes => bytes?,
            };
            if bytes.is_empty() {
                return writer.finish();
            }
            if writer.length + bytes.len() as u64 > limit {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            writer.write_all(bytes)?;
            let count = bytes.len();
            reader.consume(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let bytes = b"Circuit ID,Circuit Name\n".repeat(10_000);
        let body = Body::from_bytes(&bytes).expect("in memory");
        assert_eq!((body.len(), body.sha256()), (bytes.len() as u64, <[u8; 32]>::from(Sha256::digest(&bytes))));
        assert!(body.compressed().len() < bytes.len() / 100);
        assert_eq!(body.to_vec().expect("read"), bytes);
        let again = Body::from_compressed(body.compressed().to_vec()).expect("it was compressed");
        assert_eq!(again, body);
    }

    #[test]
    fn damage_is_noticed() {
        let body = Body::from_bytes(&b"100.64.0.1 ".repeat(1_000)).expect("in memory");
        let mut damaged = body.compressed().to_vec();
        *damaged.last_mut().expect("a checksum") ^= 1;
        assert!(Body::from_compressed(damaged).is_err());
        let cut = body.compressed()[..body.compressed().len() / 2].to_vec();
        assert!(Body::from_compressed(cut).is_err());
    }

    #[test]
    fn a_limit_is_a_limit() {
        assert_eq!(Body::read_from(&b"12345"[..], 5).expect("it fits").len(), 5);
        let error = Body::read_from(&b"123456"[..], 5).expect_err("one too many");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
