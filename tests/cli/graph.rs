//! `pleach graph`.

use crate::harness::Folder;

#[test]
fn a_picture() {
    let run = Folder::started().pleach(&["graph"]).code(0).quiet();
    let picture = roxmltree::Document::parse(&run.stdout).expect("an SVG picture");
    assert_eq!(picture.root_element().tag_name().name(), "svg");
    assert!(run.stdout.contains("AP North"));
}

#[test]
fn from_another_place_for_graphviz() {
    let run = Folder::started().pleach(&["graph", "--format", "dot", "--root", "Tower B", "--clients"]).code(0).quiet();
    assert!(run.stdout.starts_with("digraph network {\n"), "{}", run.stdout);
    assert!(run.stdout.contains("seen from Tower B"), "{}", run.stdout);
    assert!(run.stdout.contains("Corner Shop"), "{}", run.stdout);
}
