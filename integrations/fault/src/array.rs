//! Records taken from a JSON array, and put into one, while it streams by.

/// What is done to the records of a top-level array.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// Every second record goes.
    DropHalf,
    /// [`ODD_RECORD`] becomes the second record.
    InsertOdd,
}

/// A record that no API of this world has.
pub(crate) const ODD_RECORD: &[u8] = br#"{"unexpected":{"shape":[1,null,"two"]},"id":{"is":"no id"}}"#;

/// A JSON document on its way through; fed piece by piece.
#[derive(Debug)]
pub(crate) struct ChangedArray {
    change: Change,
    place: Place,
    /// Records that began so far.
    records: u64,
    /// Records that went through so far.
    written: u64,
    /// Open brackets inside of the record, and where in a string it is.
    depth: u64,
    in_string: bool,
    escaped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Before,
    Between,
    InRecord {
        kept: bool,
    },
    /// After the array, or in something that is none.
    Through,
}

impl ChangedArray {
    pub(crate) fn new(change: Change) -> Self {
        Self { change, place: Place::Before, records: 0, written: 0, depth: 0, in_string: false, escaped: false }
    }

    /// What becomes of the next piece.
    pub(crate) fn feed(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(piece.len() + ODD_RECORD.len());
        for &byte in piece {
            self.take(byte, &mut out);
        }
        out
    }

    fn take(&mut self, byte: u8, out: &mut Vec<u8>) {
        match self.place {
            Place::Through => out.push(byte),
            Place::Before => {
                out.push(byte);
                if !byte.is_ascii_whitespace() {
                    self.place = if byte == b'[' { Place::Between } else { Place::Through };
                }
            }
            Place::Between if byte == b']' => self.close(out),
            Place::Between if byte == b',' || byte.is_ascii_whitespace() => {}
            Place::Between => self.begin(byte, out),
            Place::InRecord { kept } => self.go_on(byte, kept, out),
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if self.written < 2 {
            self.insert_odd(out);
        }
        out.push(b']');
        self.place = Place::Through;
    }

    fn begin(&mut self, byte: u8, out: &mut Vec<u8>) {
        if self.written == 1 {
            self.insert_odd(out);
        }
        let kept = matches!(self.change, Change::InsertOdd) || self.records.is_multiple_of(2);
        self.records += 1;
        if kept {
            self.separate(out);
        }
        self.place = Place::InRecord { kept };
        self.go_on(byte, kept, out);
    }

    fn go_on(&mut self, byte: u8, kept: bool, out: &mut Vec<u8>) {
        if self.escaped {
            self.escaped = false;
        } else if self.in_string {
            self.escaped = byte == b'\\';
            self.in_string = byte != b'"';
        } else {
            match byte {
                b'"' => self.in_string = true,
                b'[' | b'{' => self.depth += 1,
                b',' | b']' if self.depth == 0 => {
                    self.place = Place::Between;
                    return self.take(byte, out);
                }
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        if kept {
            out.push(byte);
        }
    }

    fn insert_odd(&mut self, out: &mut Vec<u8>) {
        if matches!(self.change, Change::InsertOdd) {
            self.separate(out);
            out.extend_from_slice(ODD_RECORD);
        }
    }

    fn separate(&mut self, out: &mut Vec<u8>) {
        if self.written > 0 {
            out.push(b',');
        }
        self.written += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: &str = r#"{"unexpected":{"shape":[1,null,"two"]},"id":{"is":"no id"}}"#;

    /// In pieces of one byte and all at once.
    fn changed(change: Change, text: &str) -> String {
        let whole = ChangedArray::new(change).feed(text.as_bytes());
        let mut array = ChangedArray::new(change);
        let pieces: Vec<u8> = text.bytes().flat_map(|byte| array.feed(&[byte])).collect();
        assert_eq!(whole, pieces);
        String::from_utf8(whole).expect("UTF-8 went in")
    }

    #[test]
    fn every_second_record_goes() {
        let half = |text| changed(Change::DropHalf, text);
        assert_eq!(half(r#" [1, "a,]\"[", {"x":[2,3]} , null, 5] "#), r#" [1,{"x":[2,3]} ,5] "#);
        assert_eq!([half("[]"), half("[1]"), half("[1,2]")], ["[]", "[1]", "[1]"]);
        assert_eq!(half(r#"{"a":[1,2,3]}"#), r#"{"a":[1,2,3]}"#);
    }

    #[test]
    fn an_odd_record_comes_second() {
        let odd = |text| changed(Change::InsertOdd, text);
        assert_eq!(odd(r#"[{"id":1},{"id":2}]"#), format!(r#"[{{"id":1}},{ODD},{{"id":2}}]"#));
        assert_eq!([odd("[1]"), odd("[ ]")], [format!("[1,{ODD}]"), format!("[{ODD}]")]);
        assert_eq!(odd("[1,2,3]"), format!("[1,{ODD},2,3]"));
        assert_eq!(odd("{}"), "{}");
    }
}
