//! A program measured on many frames in turn. A test run repeats one frame, whose entries are then in every cache.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use super::classifier::{load_instructions, refused};
use super::object::Program;
use super::sys::{self, MapShape};
use super::test_run::test_run;
use crate::error::KernelError;

/// Bytes of a frame that is measured with; see `bpf/driver.bpf.c`.
pub const DRIVEN_FRAME: usize = 64;

const ARRAY: u32 = 2;
const PROGRAM_ARRAY: u32 = 3;

/// A list of frames, and a program that hands one after the other to the program that is measured.
#[derive(Debug)]
pub struct Driver {
    measured: OwnedFd,
    drive: OwnedFd,
    empty: OwnedFd,
}

impl Driver {
    /// Loads the frames and the programs.
    pub fn new(frames: &[[u8; DRIVEN_FRAME]]) -> Result<Self, KernelError> {
        let count = u32::try_from(frames.len()).expect("invariant: fewer than 2^32 frames");
        let create = |name: &str, kind, value_size, max_entries| {
            let shape = MapShape { kind, key_size: 4, value_size, max_entries, flags: 0 };
            sys::create_map(name, shape).map_err(|error| refused(format!("bpftool map create name {name}"), &error))
        };
        let list = create("frames", ARRAY, 64, count)?;
        let cursor = create("cursor", ARRAY, 8, 1)?;
        let measured = create("measured", PROGRAM_ARRAY, 4, 1)?;
        let put = |map: &OwnedFd, key: u32, value: &[u8]| {
            sys::update(map.as_fd(), &key.to_ne_bytes(), value)
                .map_err(|error| refused("bpftool map update".to_owned(), &error))
        };
        for (index, frame) in (0..).zip(frames) {
            put(&list, index, frame)?;
        }
        put(&cursor, 0, &[0_u32.to_ne_bytes(), count.to_ne_bytes()].concat())?;
        let descriptor = |name: &str| match name {
            "frames" => Some(list.as_raw_fd()),
            "cursor" => Some(cursor.as_raw_fd()),
            "measured" => Some(measured.as_raw_fd()),
            _ => None,
        };
        let load = |name| {
            let linked = Program::of_driver(name).link(descriptor);
            load_instructions(name, &linked.expect("invariant: these are all of its maps"))
        };
        let (drive, empty) = (load("drive")?, load("empty")?);
        Ok(Self { measured, drive, empty })
    }

    /// The mean time of so many runs of a program, on the frames in turn; and of an empty program in its place.
    pub fn time(&self, program: BorrowedFd<'_>, repeat: u32) -> Result<(Duration, Duration), KernelError> {
        let whole = self.time_one(program, repeat)?;
        Ok((whole, self.time_one(self.empty.as_fd(), repeat)?))
    }

    fn time_one(&self, program: BorrowedFd<'_>, repeat: u32) -> Result<Duration, KernelError> {
        let program = program.as_raw_fd().to_ne_bytes();
        sys::update(self.measured.as_fd(), &0_u32.to_ne_bytes(), &program)
            .map_err(|error| refused("bpftool map update name measured".to_owned(), &error))?;
        let verdict = test_run(self.drive.as_fd(), &[0; DRIVEN_FRAME], repeat)?;
        if verdict.returned == -1 {
            return Ok(verdict.time);
        }
        Err(KernelError::Malformed {
            operation: "bpftool prog run".to_owned(),
            what: format!("the measured program did not run: {} came back", verdict.returned),
        })
    }
}
