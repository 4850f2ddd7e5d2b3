//! How long it takes to read a large UISP: `cargo run --release -p pleach-uisp --example read -- 50000 700`.
//!
//! The first argument is how many clients there are, the second about how many bytes a device's record has. It prints the
//! best of several rounds.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use pleach_graph::{Census, Dialect, NetworkGraph, Policy, Tree, View, ViewOptions, network_json, shaped_devices};
use pleach_source::{Body, BodyWriter, Part, Secret, SecretSource, Snapshot, Source};
use pleach_uisp::{Uisp, UispSettings};

/// As many as one sector of a tower serves.
const CLIENTS_PER_SECTOR: usize = 40;
const SECTORS_PER_TOWER: usize = 6;
const ROUNDS: u32 = 7;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>().expect("a number"));
    let clients = arguments.next().unwrap_or(50_000);
    let bytes = arguments.next().unwrap_or(700);
    let snapshot = snapshot(clients, bytes);
    for part in &snapshot.parts {
        println!("{part}");
    }
    let token = Some(SecretSource::Text(Secret::new("token")));
    let settings = UispSettings { url: "https://uisp.example.net".into(), token, ..UispSettings::default() };
    let source = Uisp::new(settings).expect("settings");
    let mut best = [Duration::MAX; 4];
    let before = cpu_time();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut builder = NetworkGraph::builder();
        source.read(&snapshot, &mut builder).expect("arrays");
        let read = start.elapsed();
        let (network, problems) = builder.build();
        let built = start.elapsed();
        let census = Census::take(&network, &Policy::default());
        let tree = Tree::grow(&network, network.top());
        let view = View::new(&tree, &census, &ViewOptions::default());
        let grown = start.elapsed();
        let (mut nodes, mut circuits) = (Vec::new(), Vec::new());
        network_json::write(&view, Dialect::default(), &mut nodes).expect("written");
        shaped_devices::write(&view, &census, Dialect::default(), &|_| true, &mut circuits).expect("written");
        let written = start.elapsed();
        assert_eq!(census.counts().shaped, clients);
        assert!(problems.len() < 100, "{:?}", problems.as_slice().first());
        for (best, now) in best.iter_mut().zip([
            read,
            built.saturating_sub(read),
            grown.saturating_sub(built),
            written.saturating_sub(grown),
        ]) {
            *best = now.min(*best);
        }
    }
    for (name, best) in ["read", "join", "census, tree, view", "write"].into_iter().zip(best) {
        println!("{name:20} {best:?}");
    }
    println!("{:20} {:?} of both cores a round", "CPU time", cpu_time().saturating_sub(before) / ROUNDS);
    println!("{:20} {:?}", "all", best.iter().sum::<Duration>());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown"));
}

/// What this process has used of the processor (proc(5)).
fn cpu_time() -> Duration {
    const TICK: Duration = Duration::from_millis(10);
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<u32>().ok()).sum::<u32>();
    TICK * ticks
}

fn snapshot(clients: usize, bytes: usize) -> Snapshot {
    let towers = clients.div_ceil(CLIENTS_PER_SECTOR * SECTORS_PER_TOWER);
    let part =
        |name: &str, body: Body| Part { name: name.into(), address: name.into(), status: None, records: None, body };
    Snapshot {
        source: "uisp".into(),
        kind: Uisp::KIND.into(),
        taken: "2026-03-01T00:00:00Z".parse().expect("a moment"),
        parts: vec![
            part(
                "sites",
                array((0..towers).map(tower_site).chain((0..clients).map(|client| client_site(client, bytes)))),
            ),
            part(
                "devices",
                array((0..towers).flat_map(tower_devices).chain((0..clients).map(|client| radio(client, bytes)))),
            ),
            part("data-links", array((0..towers).map(uplink).chain((0..clients).map(line)))),
        ],
    }
}

/// A body of these elements, compressed while they come, as a fetched one is.
fn array(elements: impl Iterator<Item = String>) -> Body {
    use std::io::Write as _;
    let mut body = BodyWriter::new().expect("memory");
    let mut separator = b'[';
    for element in elements {
        body.write_all(&[separator]).expect("memory");
        body.write_all(element.as_bytes()).expect("memory");
        separator = b',';
    }
    body.write_all(b"]").expect("memory");
    body.finish().expect("memory")
}

fn id(kind: u32, number: usize) -> String {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15); // ids of UISP come in no order
    format!("{:08x}-{kind:04x}-4000-8000-{number:012x}", mixed >> 32)
}

fn tower_site(tower: usize) -> String {
    format!(
        r#"{{"id":"{0}","identification":{{"id":"{0}","type":"site","name":"Tower {tower}","status":"active","updated":"2026-01-05T10:00:00.000Z","suspended":false,"parent":null}},"description":{{"address":"1 Hill","location":{{"longitude":14.42,"latitude":50.08}}}},"qos":{{"enabled":false,"downloadSpeed":null,"uploadSpeed":null}},"ucrm":null}}"#,
        id(1, tower)
    )
}

fn client_site(client: usize, bytes: usize) -> String {
    let tower = client / (CLIENTS_PER_SECTOR * SECTORS_PER_TOWER);
    let mut text = format!(
        r#"{{"id":"{0}","identification":{{"id":"{0}","type":"endpoint","name":"Client Number {client}","status":"active","updated":"2026-01-05T10:00:00.000Z","suspended":false,"parent":{{"id":"{1}","name":"Tower {tower}","type":"site","status":"active","parent":null}}}},"description":{{"address":"{client} Example St, Springfield","note":null,"contact":{{"name":null,"phone":null,"email":null}},"location":{{"longitude":14.42,"latitude":50.08}},"height":null,"elevation":200,"endpoints":[],"deviceCount":1,"ucrmId":"{client}","ipAddresses":["100.64.0.1"]"#,
        id(2, client),
        id(1, tower)
    );
    pad(&mut text, bytes.min(1_200));
    let _ = write!(
        text,
        r#"}},"qos":{{"enabled":true,"propagation":"all","downloadSpeed":{},"downloadBurstSize":null,"uploadSpeed":20000000,"uploadBurstSize":null,"aggregation":null}},"ucrm":{{"client":{{"id":"{client}","name":"Client Number {client}","isLead":false}},"service":{{"id":"{client}","name":"50/20","status":1}}}},"isMisconfigured":false}}"#,
        50_000_000 + client % 7 * 10_000_000
    );
    text
}

fn tower_devices(tower: usize) -> Vec<String> {
    let backhaul = |side: &str, role: &str| {
        format!(
            r#"{{"identification":{{"id":"bh{tower}{side}","name":"bh {tower}{side}","type":"airFiber","role":"{role}","site":{{"id":"{}"}}}},"ipAddress":"10.0.0.1/24","overview":{{"downlinkCapacity":1900000000,"uplinkCapacity":1800000000}}}}"#,
            id(1, if side == "a" { tower.saturating_sub(1) / 4 } else { tower })
        )
    };
    let sector = |sector: usize| {
        format!(
            r#"{{"identification":{{"id":"{}","name":"AP {tower}-{sector}","type":"airMax","role":"ap","site":{{"id":"{}"}}}},"ipAddress":"10.0.0.2/24","overview":{{"downlinkCapacity":400000000,"uplinkCapacity":100000000,"wirelessMode":"ap-ptmp"}}}}"#,
            id(3, tower * SECTORS_PER_TOWER + sector),
            id(1, tower)
        )
    };
    let mut devices: Vec<String> = (0..SECTORS_PER_TOWER).map(sector).collect();
    devices.extend([backhaul("a", "ap"), backhaul("b", "station")]);
    devices
}

fn radio(client: usize, bytes: usize) -> String {
    let mut text = format!(
        r#"{{"identification":{{"id":"{0}","name":"cpe-{client}","displayName":"cpe-{client}","mac":"00:00:5e:00:{1:02x}:{2:02x}","model":"LBE-5AC-Gen2","modelName":"LiteBeam 5AC","type":"airMax","role":"station","category":"wireless","authorized":true,"status":"active","updated":"2026-01-05T10:00:00.000Z","site":{{"id":"{3}","name":"Client Number {client}","status":"active","type":"endpoint","parent":null}}}},"ipAddress":"100.{4}.{1}.{2}/20","ipAddressList":["100.{4}.{1}.{2}"],"attributes":{{"ssid":"x","apDevice":{{"id":"{5}","name":"AP"}}}},"overview":{{"status":"active","downlinkCapacity":150000000,"uplinkCapacity":50000000,"wirelessMode":"sta-ptmp","signal":-60"#,
        id(4, client),
        client / 250 % 250,
        client % 250 + 1,
        id(2, client),
        64 + client / 62_500,
        id(3, client / CLIENTS_PER_SECTOR),
    );
    pad(&mut text, bytes);
    text.push_str("}}");
    text
}

/// Makes a record longer by keys that nobody reads, as faithful ones have.
fn pad(text: &mut String, bytes: usize) {
    let mut number = 0;
    while text.len() + 60 < bytes {
        let _ = write!(text, r#","unread{number}":{{"value":{number}.5,"unit":"dBm","list":[1,null,"a"]}}"#);
        number += 1;
    }
}

fn uplink(tower: usize) -> String {
    if tower == 0 {
        let site = id(1, 0);
        return format!(
            r#"{{"id":"internet","from":{{"site":{{"identification":{{"id":"{site}"}}}}}},"to":null,"type":"ethernet","canDelete":false}}"#
        );
    }
    format!(
        r#"{{"id":"{}","from":{{"device":{{"identification":{{"id":"bh{tower}a"}}}}}},"to":{{"device":{{"identification":{{"id":"bh{tower}b"}}}}}},"type":"wireless","state":"active","canDelete":true}}"#,
        id(5, tower)
    )
}

fn line(client: usize) -> String {
    format!(
        r#"{{"id":"{}","from":{{"site":{{"identification":{{"id":"{}"}}}},"device":{{"identification":{{"id":"{}"}},"overview":{{"signal":-60}}}},"interface":null}},"to":{{"device":{{"identification":{{"id":"{}"}}}}}},"type":"wireless","state":"active","ssid":"x","frequency":5500,"canDelete":true,"origin":"unms"}}"#,
        id(6, client),
        id(2, client),
        id(4, client),
        id(3, client / CLIENTS_PER_SECTOR)
    )
}
