//! Any bytes as a document of the generic source: its own schema, a table, JSON. Whatever is read keeps the law of counting.
#![no_main]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use pleach_graph::{Census, NetworkGraph, Policy};
use pleach_records::RecordsSource;
use pleach_source::{Body, Part, Snapshot, Source, Timestamp};

/// One source a format.
static SOURCES: LazyLock<[RecordsSource; 4]> = LazyLock::new(|| {
    let map = "[[input.map]]\nrecord = \"circuit\"\nid = \"id\"\nname = [\"name\", \"/a/b\"]\ndown = { from = \"down\", unit = \"kbit/s\" }\n\
               status = { from = \"s\", values = { \"1\" = \"active\", \"*\" = \"inactive\" } }\naddresses = [\"ip\", \"/ips\"]\n\
               [[input.map]]\nrecord = \"node\"\nwhen = { from = \"s\", is = [\"n\"] }\nid = \"id\"\nparent = \"name\"\n";
    let table = map.replace(", \"/a/b\"", "").replace(", \"/ips\"", "");
    [
        "[[input]]\nfile = \"x\"\n".to_owned(),
        format!("[[input]]\nfile = \"x\"\nformat = \"csv\"\n{table}"),
        format!("[[input]]\nfile = \"x\"\nformat = \"json\"\n{map}"),
        format!("[[input]]\nfile = \"x\"\nformat = \"json\"\nrecords = \"/r\"\n{map}"),
    ]
    .map(|text| {
        let settings = toml::from_str(&text).expect("settings");
        RecordsSource::new(settings, Path::new(""), Arc::new(|_| Ok(()))).expect("settings")
    })
});

fuzz_target!(|bytes: &[u8]| {
    let Some((&which, bytes)) = bytes.split_first() else { return };
    let body = Body::plain(bytes.to_vec());
    let part = Part { name: "input-1".into(), address: "x".into(), status: None, records: None, body };
    let snapshot =
        Snapshot { source: "records".into(), kind: "records".into(), taken: Timestamp::UNIX_EPOCH, parts: vec![part] };
    let mut builder = NetworkGraph::builder();
    if SOURCES[usize::from(which) % SOURCES.len()].read(&snapshot, &mut builder).is_ok() {
        let (network, _) = builder.build();
        let counts = Census::take(&network, &Policy::default()).counts();
        assert_eq!(counts.read, counts.shaped + counts.quarantined + counts.left_out);
    }
});
