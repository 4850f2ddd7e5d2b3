//! A file of directives: it ends, and its model can be written so that it reads back as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pleach_overlay::Origin;
use pleach_overlay::lsctl::{Action, Interpreter, Runner, Session, to_lsctl};

struct Nothing;

impl Runner for Nothing {
    fn act(&mut self, _: Action, _: &Session, _: &Origin) -> Result<(), String> {
        Ok(())
    }
}

fuzz_target!(|script: &str| {
    let mut interpreter = Interpreter::new(["A", "b c"]);
    let _ = interpreter.run(script, "fuzz.lsctl", &mut Nothing); // what was done before an error stays done
    let model = &interpreter.session().model;
    let written = to_lsctl(model);
    let mut again = Interpreter::new([]);
    again.run(&written, "again.lsctl", &mut Nothing).expect("what is written runs");
    assert_eq!(&again.session().model, model);
});
