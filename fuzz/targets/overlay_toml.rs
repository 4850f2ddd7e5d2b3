//! An overlay in TOML: what is read can be checked, planned, and written so that it reads back as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pleach_overlay::links::{LinkState, diff, wanted};
use pleach_overlay::{Host, check, read, to_toml};
use pleach_tc::MarkField;

fuzz_target!(|text: &str| {
    let Ok(reading) = read(text, "overlay.toml") else { return };
    let again = read(&to_toml(&reading.model), "again.toml").expect("what is written is TOML");
    assert!(again.problems.is_empty());
    assert_eq!(again.model, reading.model);
    let (checked, _) = check(&reading.model, &reading.origins, Host::unknown(), reading.problems);
    let Some(checked) = checked else { return };
    for phys in reading.model.physes().keys() {
        let mark = MarkField::new(0x00ff_ffff).expect("bits that stand together");
        let Ok(wanted) = wanted(checked, phys, mark) else { continue };
        let mut now = LinkState::default();
        for operation in &diff(&now, &wanted).operations {
            now.apply(operation).expect("a kernel takes it");
        }
        assert!(now == wanted);
    }
});
