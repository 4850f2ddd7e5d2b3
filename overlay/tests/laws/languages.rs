//! What is written reads back as it was.

use pleach_overlay::lsctl::{Action, Interpreter, Runner, Session, to_lsctl};
use pleach_overlay::{Origin, read, to_toml};
use proptest::prelude::*;

use crate::models::model;

/// A model that is written has no actions in it.
struct NoActions;

impl Runner for NoActions {
    fn act(&mut self, action: Action, _: &Session, _: &Origin) -> Result<(), String> {
        Err(format!("{action:?}"))
    }
}

proptest! {
    #[test]
    fn toml_reads_back_as_it_was_written(model in model()) {
        let text = to_toml(&model);
        let reading = read(&text, "written.toml").expect("it is TOML");
        prop_assert_eq!(reading.problems.as_slice(), &[], "{}", text);
        prop_assert_eq!(&reading.model, &model, "{}", text);
        prop_assert_eq!(to_toml(&reading.model), text);
    }

    #[test]
    fn lsctl_reads_back_as_it_was_written(model in model()) {
        let text = to_lsctl(&model);
        let mut interpreter = Interpreter::new([]);
        let result = interpreter.run(&text, "written.lsctl", &mut NoActions);
        prop_assert_eq!(result, Ok(()), "{}", text);
        prop_assert_eq!(&interpreter.session().model, &model, "{}", text);
    }
}
