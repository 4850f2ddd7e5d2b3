//! The two directions of a subscriber's traffic.

use std::fmt;
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

/// Which way traffic flows, as the subscriber sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Towards the subscriber: the packet's destination is looked up.
    Download,
    /// From the subscriber: the packet's source is looked up.
    Upload,
}

impl Direction {
    /// Both, download first: the order of every output.
    pub const BOTH: [Self; 2] = [Self::Download, Self::Upload];

    /// The direction in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Upload => "upload",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One of something for each direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PerDirection<T> {
    /// Towards the subscriber.
    pub download: T,
    /// From the subscriber.
    pub upload: T,
}

impl<T> PerDirection<T> {
    /// Makes one for each direction.
    pub fn from_fn(mut make: impl FnMut(Direction) -> T) -> Self {
        Self { download: make(Direction::Download), upload: make(Direction::Upload) }
    }
}

impl<T> Index<Direction> for PerDirection<T> {
    type Output = T;
    fn index(&self, direction: Direction) -> &T {
        match direction {
            Direction::Download => &self.download,
            Direction::Upload => &self.upload,
        }
    }
}

impl<T> IndexMut<Direction> for PerDirection<T> {
    fn index_mut(&mut self, direction: Direction) -> &mut T {
        match direction {
            Direction::Download => &mut self.download,
            Direction::Upload => &mut self.upload,
        }
    }
}
