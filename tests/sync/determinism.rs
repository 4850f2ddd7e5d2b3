//! The same input, the same bytes.

use pleach::exit::Exit;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::lab::Lab;

#[test]
fn shuffled_rows_give_the_same_files() {
    let lab = Lab::new(40);
    lab.synced(Exit::Done);
    let text = lab.read("rows.csv");
    let (header, rows) = text.split_once('\n').expect("a header");
    let rows: Vec<String> = rows.lines().map(str::to_owned).collect();
    let files = |lab: &Lab| ["network.json", "ShapedDevices.csv"].map(|name| lab.read(&format!("out/{name}")));
    let expected = files(&lab);
    let content = |lab: &Lab| lab.store().open(1).expect("whole").manifest.content;
    let mut runner = TestRunner::new(Config::with_cases(8));
    let shuffled = Just(rows).prop_shuffle();
    runner
        .run(&shuffled, |rows| {
            let other = Lab::new(1);
            other.write("rows.csv", &format!("{header}\n{}\n", rows.join("\n")));
            other.synced(Exit::Done);
            prop_assert_eq!(&files(&other), &expected);
            prop_assert_eq!(content(&other), content(&lab));
            Ok(())
        })
        .expect("the same bytes");
}
