//! What is written reads back as it was.

use pleach_overlay::{read, to_toml};
use proptest::prelude::*;

use crate::models::model;

proptest! {
    #[test]
    fn toml_reads_back_as_it_was_written(model in model()) {
        let text = to_toml(&model);
        let reading = read(&text, "written.toml").expect("it is TOML");
        prop_assert_eq!(reading.problems.as_slice(), &[], "{}", text);
        prop_assert_eq!(&reading.model, &model, "{}", text);
        prop_assert_eq!(to_toml(&reading.model), text);
    }
}
