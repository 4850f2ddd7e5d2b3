//! Any text as an `sqm` cell: what reads prints back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pleach_graph::Sqm;

fuzz_target!(|text: &str| {
    if let Ok(sqm) = text.parse::<Sqm>() {
        assert_eq!(sqm.to_string().parse(), Ok(sqm), "`{text}`");
    }
});
