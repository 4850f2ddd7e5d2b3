//! Laws: every circuit is accounted for, and the order of records decides nothing.

use pleach_records::{Input, RecordsSource};
use pleach_source::{Body, Part, Snapshot, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::common::{Read, read, settings, source};

fn lines_source() -> RecordsSource {
    source(settings("[[input]]\nfile = \"x\""), std::path::Path::new(""))
}

fn snapshot(body: Vec<u8>) -> Snapshot {
    let part = Part {
        name: "input-1".into(),
        address: "customers.jsonl".into(),
        status: None,
        records: None,
        body: Body::plain(body),
    };
    let taken = Timestamp::from_second(1_763_600_000).expect("a moment");
    Snapshot { source: "records".into(), kind: "records".into(), taken, parts: vec![part] }
}

fn document(lines: &[Value]) -> Vec<u8> {
    let header = json!({"pleach": 1});
    let lines: Vec<String> = std::iter::once(&header).chain(lines).map(|line| format!("{line}\n")).collect();
    lines.concat().into_bytes()
}

/// Values that a field may have to bear.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (0.0..1e12).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
        Just(json!(["10.0.0.1", 7, null])),
        Just(json!({"a": 1})),
        Just(json!("100 Mbit/s")),
    ]
}

/// A record of any kind; few ids, so that they meet.
fn record() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![1 => Just("node"), 1 => Just("link"), 3 => Just("circuit"), 2 => Just("device")];
    let id = "[a-e]";
    let fields = prop::sample::select(vec![
        "name",
        "kind",
        "parent",
        "down",
        "up",
        "min_down",
        "status",
        "sqm",
        "addresses",
        "mac",
        "cost",
        "latitude",
        "speed",
    ]);
    let address = (0_u8..5).prop_map(|last| format!("100.64.0.{last}"));
    (kind, id, "[a-e]", address, prop::collection::vec((fields, odd()), 0..3)).prop_map(
        |(kind, id, other, address, odd)| {
            let mut record = match kind {
                "node" => json!({"record": kind, "id": id, "parent": other}),
                "link" => json!({"record": kind, "from": id, "to": other}),
                "circuit" => {
                    json!({"record": kind, "id": id, "parent": other, "addresses": address, "down": "10M", "up": "1M"})
                }
                _ => json!({"record": kind, "id": id, "circuit": other, "addresses": [address]}),
            };
            for (field, value) in odd {
                record[field] = value;
            }
            record
        },
    )
}

/// What is made of a document, without the lines that records stand in.
fn made(read: &Read) -> String {
    let counts = read.census.counts();
    format!("{counts:?}\n{}", read.nodes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn every_circuit_is_accounted_for(records in prop::collection::vec(record(), 0..30)) {
        let read = read(&lines_source(), &snapshot(document(&records))).expect("it is one");
        let counts = read.census.counts();
        prop_assert_eq!(counts.read, counts.shaped + counts.quarantined + counts.left_out);
        let mut ids: Vec<&str> = records.iter().filter(|it| it["record"] == "circuit").filter_map(|it| it["id"].as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in &ids {
            let typed = format!("records:circuit:{id}").parse().expect("an id");
            prop_assert!(read.network.find(&typed).is_some(), "the circuit {} is gone", id);
        }
        prop_assert!(counts.read >= ids.len());
    }

    #[test]
    fn the_order_of_records_decides_nothing(
        records in prop::collection::vec(record(), 0..20), order in prop::collection::vec(any::<Index>(), 20),
    ) {
        let mut shuffled = records.clone();
        for (at, index) in order.iter().enumerate().take(records.len()) {
            shuffled.swap(at, index.index(records.len()));
        }
        let source = lines_source();
        let [straight, shuffled] =
            [records, shuffled].map(|records| made(&read(&source, &snapshot(document(&records))).expect("it is one")));
        prop_assert_eq!(straight, shuffled);
    }

    #[test]
    fn a_document_cut_anywhere_is_refused_or_shorter_by_whole_records(
        records in prop::collection::vec(record(), 1..6), at in any::<Index>(),
    ) {
        let whole = document(&records);
        let cut = &whole[..at.index(whole.len())];
        if let Ok(read) = read(&lines_source(), &snapshot(cut.to_vec())) {
            prop_assert!(!read.problems.iter().any(|problem| problem.message.contains("JSON")));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&lines_source(), &snapshot(bytes.clone()));
        let mut after_header = b"{\"pleach\":1}\n".to_vec();
        after_header.extend(bytes);
        let _ = read(&lines_source(), &snapshot(after_header));
    }
}

#[test]
fn a_large_document_is_read_in_pieces_whose_lines_are_known() {
    const RECORDS: usize = 30_000;
    let mut records: Vec<Value> = (0..RECORDS)
        .map(|n| {
            let address = format!("100.{}.{}.{}", 64 + n / 65_536, n / 256 % 256, n % 256);
            json!({"record": "circuit", "id": format!("c{n}"), "name": "A customer with a name", "addresses": address, "down": "10M", "up": "1M"})
        })
        .collect();
    records[RECORDS - 1]["status"] = json!("unheard of");
    let body = document(&records);
    assert!(body.len() > 3 << 20, "it has several pieces");
    let read = read(&lines_source(), &snapshot(body)).expect("it is one");
    assert_eq!(read.census.counts().shaped, RECORDS);
    let lines: Vec<_> = read.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [Some(u32::try_from(RECORDS).expect("small") + 1)]);
}

#[test]
fn settings_read_back_the_same() {
    let text = r#"
        name = "billing"
        suspended = "ignore"
        [[input]]
        url = "https://billing.example.net/export?all=1"
        header = { name = "X-API-Key", value = { file = "/etc/pleach/billing.key" } }
        format = "json"
        records = "/results"
        [[input.map]]
        record = "circuit"
        when = { from = "/kind", is = ["internet"] }
        id = "/id"
        down = { from = "/speed/down", unit = "kbit/s" }
        status = { from = "/state", values = { "1" = "active", "*" = "inactive" } }
        addresses = ["/ip", "/ipv6"]
    "#;
    let first = settings(text);
    assert_eq!(settings(&toml::to_string(&first).expect("text")), first);
    assert!(first.check().is_ok());
    let inputs: &[Input] = &first.input;
    assert_eq!(inputs[0].map[0].addresses.as_ref().expect("mapped").0.len(), 2);
}

#[test]
fn wrong_settings_say_what_is_wrong() {
    for (text, says) in [
        ("", "it has no `input`: add `[[records.input]]` with `file`, `url` or `command`"),
        ("[[input]]", "input 1 needs one of `file`, `url` and `command`"),
        ("[[input]]\nfile = \"a\"\nurl = \"b\"", "input 1 needs one of `file`, `url` and `command`"),
        ("[[input]]\ncommand = []", "input 1: `command` names no program"),
        (
            "[[input]]\nfile = \"a\"\nheader = { name = \"a\", value = \"b\" }",
            "input 1 has `header`, which is for `url`",
        ),
        ("[[input]]\nfile = \"a\"\nformat = \"csv\"", "input 1 has no `map`: add `[[records.input.map]]`"),
        (
            "[[input]]\nfile = \"a\"\n[[input.map]]\nrecord = \"node\"\nid = \"a\"",
            "input 1 has a `map`: say its `format`",
        ),
        (
            "[[input]]\nfile = \"a\"\nformat = \"csv\"\n[[input.map]]\nrecord = \"node\"\nid = \"a\"\nmac = \"b\"",
            "input 1, map 1: a node has no `mac`",
        ),
        (
            "[[input]]\nfile = \"a\"\nformat = \"csv\"\n[[input.map]]\nrecord = \"device\"\nid = \"a\"",
            "input 1, map 1: the mapping of a device needs `circuit`",
        ),
        (
            "[[input]]\nfile = \"a\"\nformat = \"json\"\nrecords = \"a\"\n[[input.map]]\nrecord = \"node\"\nid = \"a\"",
            "no JSON pointer such as `/results`",
        ),
        ("name = \"a b\"\n[[input]]\nfile = \"a\"", "`name`"),
    ] {
        let error = settings(text).check().expect_err(text);
        let all = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        let said = all.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        assert!(said.contains(says), "{text}: {said}");
    }
}
