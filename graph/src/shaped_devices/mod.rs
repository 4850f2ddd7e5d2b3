//! ShapedDevices.csv: circuits and their devices, one row a device.

mod write;

pub use write::{BYPASS_CIRCUIT_ID, Selection, Written, write};
