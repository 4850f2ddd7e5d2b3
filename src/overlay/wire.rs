//! What goes over the socket between `pleach overlay serve` and `send`: frames of a kind, a length and bytes.
//!
//! The client sends the name of its script and the script; the server answers with pieces of output, and last with the exit
//! code. A connection that ends before that has failed.

use std::io::{self, Read, Write};

/// The longest frame: more than any overlay as directives.
pub const LONGEST_FRAME: usize = 16 << 20;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the script is called in messages.
    Name = 1,
    /// The script.
    Script = 2,
    /// A piece of standard output.
    Out = 3,
    /// A piece of standard error.
    Said = 4,
    /// The exit code, one byte: the last frame.
    Exit = 5,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        [Self::Name, Self::Script, Self::Out, Self::Said, Self::Exit].into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// Sends a frame; what is longer than one goes in several.
pub fn write(stream: &mut impl Write, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    let mut pieces: Vec<&[u8]> = bytes.chunks(LONGEST_FRAME).collect();
    if pieces.is_empty() {
        pieces.push(&[]);
    }
    for piece in pieces {
        let length = u32::try_from(piece.len()).expect("invariant: a piece is shorter than 4 GiB");
        stream.write_all(&[kind as u8])?;
        stream.write_all(&length.to_be_bytes())?;
        stream.write_all(piece)?;
    }
    stream.flush()
}

/// Receives a frame; none where the connection has ended between two.
pub fn read(stream: &mut impl Read) -> io::Result<Option<(Kind, Vec<u8>)>> {
    let malformed = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut kind = [0];
    if stream.read(&mut kind)? == 0 {
        return Ok(None);
    }
    let kind =
        Kind::of(kind[0]).ok_or_else(|| malformed(&format!("a frame of kind {}, which there is not", kind[0])))?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > LONGEST_FRAME {
        return Err(malformed(&format!("a frame of {length} bytes, and {LONGEST_FRAME} is the most")));
    }
    let mut bytes = Vec::new();
    stream.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() == length { Ok(Some((kind, bytes))) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_read_back_and_what_is_cut_off_does_not() {
        let mut bytes = Vec::new();
        write(&mut bytes, Kind::Script, b"commit\n").expect("memory");
        write(&mut bytes, Kind::Exit, &[5]).expect("memory");
        let mut stream = &bytes[..];
        assert_eq!(read(&mut stream).expect("a frame"), Some((Kind::Script, b"commit\n".to_vec())));
        assert_eq!(read(&mut stream).expect("a frame"), Some((Kind::Exit, vec![5])));
        assert_eq!(read(&mut stream).expect("the end"), None);
        for cut in 1..12 {
            read(&mut &bytes[..cut]).expect_err("half a frame");
        }
        let long = [&[2], &u32::MAX.to_be_bytes()[..]].concat();
        assert_eq!(read(&mut &long[..]).expect_err("too long").kind(), io::ErrorKind::InvalidData);
        assert_eq!(read(&mut &[9, 0, 0, 0, 0][..]).expect_err("no kind").kind(), io::ErrorKind::InvalidData);
    }
}
