//! Tests of whole pictures.

use pleach_graph::Tree;

use super::networks::{Sample, id, regular, ring};
use super::*;

fn picture(sample: &Sample, root: Option<&str>, detail: Detail) -> Picture {
    let root = root.map_or(sample.network.top(), |raw| sample.network.find(&id("site", raw)).expect("a root"));
    Picture::of(&Tree::grow(&sample.network, root), &sample.problems, detail)
}

#[test]
fn dump() {
    let dir = std::env::var("PICTURES").unwrap_or_default();
    if dir.is_empty() {
        return;
    }
    let write = |name: &str, picture: &Picture| {
        std::fs::write(format!("{dir}/{name}.svg"), svg(picture)).unwrap();
        std::fs::write(format!("{dir}/{name}.dot"), dot(picture)).unwrap();
    };
    write("ring", &picture(&ring(), None, Detail::Infrastructure));
    write("ring-fibre", &picture(&ring(), Some("fibre"), Detail::Infrastructure));
    write("ring-mill-clients", &picture(&ring(), Some("mill"), Detail::Clients));
    write("thirty", &picture(&regular(30, 3, 5, 20), Some("s000"), Detail::Infrastructure));
    write("five-hundred", &picture(&regular(500, 4, 8, 25), Some("s000"), Detail::Infrastructure));
}
