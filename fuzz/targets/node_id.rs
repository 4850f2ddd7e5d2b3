//! Any text as a typed id and as a table's raw id: what reads prints back, its parts make it up.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pleach_graph::{NodeId, Table};

fuzz_target!(|text: &str| {
    if let Ok(id) = text.parse::<NodeId>() {
        let prefix = format!("{}:{}:", id.source(), id.table());
        assert_eq!(text.trim().strip_prefix(&prefix).map(str::trim), Some(id.raw()));
        assert_whole(&id);
    }
    let table = Table::new("csv", "circuit").expect("two words");
    if !text.trim().is_empty() {
        let id = table.id(text);
        assert_eq!((id.source(), id.table(), id.raw()), ("csv", "circuit", text.trim()));
    }
    if let Some((source, name)) = text.split_once(':')
        && let Ok(table) = Table::new(source, name)
    {
        let id = table.id("1");
        assert_eq!((id.source(), id.table(), id.raw()), (source, name, "1"));
        assert_whole(&id);
    }
});

fn assert_whole(id: &NodeId) {
    assert_eq!(id.to_string(), format!("{}:{}:{}", id.source(), id.table(), id.raw()));
    assert_eq!(id.as_str().parse().as_ref(), Ok(id));
}
