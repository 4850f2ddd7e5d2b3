//! Reading `testdata/netlink/`: its README says what is in it.

use std::fs;
use std::path::{Path, PathBuf};

use pleach_kernel::netlink::wire::Received;

/// The number of the interface that every case is about.
pub(crate) const DEVICE: u32 = 100;

/// One case.
pub(crate) struct Capture {
    pub(crate) case: String,
    pub(crate) request: Message,
    pub(crate) dump: Vec<Message>,
    pub(crate) text: String,
}

/// A message.
#[derive(Default)]
pub(crate) struct Message {
    pub(crate) kind: u16,
    pub(crate) flags: u16,
    pub(crate) payload: Vec<u8>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/netlink")
}

fn message(hexadecimal: &str) -> Message {
    let digit = |at: usize| u8::from_str_radix(&hexadecimal[at..at + 2], 16).expect("hexadecimal");
    let bytes: Vec<u8> = (0..hexadecimal.len()).step_by(2).map(digit).collect();
    let (header, payload) = Received(&bytes).next().expect("a message");
    Message { kind: header.kind, flags: header.flags, payload: payload.to_vec() }
}

impl Capture {
    pub(crate) fn read(case: &str) -> Self {
        let file = |name: &str| {
            let path = folder().join(case).join(name);
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        Self {
            case: case.to_owned(),
            request: message(file("request.hex").trim()),
            dump: file("dump.hex").lines().map(message).collect(),
            text: file("dump.txt"),
        }
    }

    pub(crate) fn all() -> Vec<Self> {
        let folders = |path: &Path| {
            let entries = fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
            entries.filter(|path| path.is_dir()).collect::<Vec<_>>()
        };
        let cases = folders(&folder()).into_iter().flat_map(|object| folders(&object));
        let name = |path: &Path| path.strip_prefix(folder()).expect("inside").to_str().expect("text").to_owned();
        cases.map(|path| Self::read(&name(&path))).collect()
    }
}
