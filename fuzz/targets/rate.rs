//! Any text as a rate: what reads is in range and both prints read back as the same rate.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pleach_graph::{Rate, RateUnit};

fuzz_target!(|text: &str| {
    for unit in [RateUnit::Bit, RateUnit::Kilobit, RateUnit::Megabit, RateUnit::Gigabit] {
        let Ok(rate) = Rate::parse(text, unit) else { continue };
        assert!(rate <= Rate::MAX, "`{text}` reads as {rate}");
        assert_eq!(rate.to_string().parse(), Ok(rate), "`{text}` in its own unit");
        assert_eq!(rate.mbit().to_string().parse(), Ok(rate), "`{text}` in Mbit/s");
    }
});
