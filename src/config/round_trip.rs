//! Laws of the configuration: what is printed reads back the same, and no misspelt word passes.

use pleach_graph::Rate;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(text, Path::new("pleach.toml")).map_err(|error| error.to_string())
}

#[track_caller]
fn reads_back(text: &str) -> Config {
    let config = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let printed = config.to_toml().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut again = parse(&printed).unwrap_or_else(|error| panic!("{error}\n{printed}"));
    again.hash = config.hash; // the one of the text
    assert_eq!(again, config, "{printed}");
    config
}

#[test]
fn the_template_reads_back() {
    reads_back("");
    reads_back(include_str!("../../templates/pleach.toml"));
    reads_back(&super::tests::template());
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 ./_é\"\\\\'#=\\[\\]\n\t-]{0,12}".prop_map(|text| toml::Value::String(text).to_string())
}

/// As it may be written: a number of Mbit/s, or text with a unit.
fn rate() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..10_000_000_u64).prop_map(|mbit| mbit.to_string()),
        (0.0..1e6_f64).prop_map(|mbit| format!("{mbit:.6}")),
        (0..=Rate::MAX.bit()).prop_map(|bit| format!("\"{bit} bit/s\"")),
        (0..900_000_u32, select(vec!["k", "Mbps", " Gbit/s"])).prop_map(|(digits, unit)| format!("\"{digits}{unit}\"")),
    ]
}

fn time() -> impl Strategy<Value = String> {
    (1..100_000_u32, select(vec!["s", "m", "h", "ms", " days"])).prop_map(|(count, unit)| format!("\"{count}{unit}\""))
}

fn micros() -> impl Strategy<Value = String> {
    prop_oneof![(0..u32::MAX).prop_map(|us| us.to_string()), (0..4_000_u32).prop_map(|ms| format!("\"{ms}.5ms\""))]
}

fn bytes() -> impl Strategy<Value = String> {
    (any::<u16>(), select(vec!["", "K", " MiB", "G", "T"])).prop_map(|(count, unit)| format!("\"{count}{unit}\""))
}

fn prefixes() -> impl Strategy<Value = String> {
    let known = vec!["\"10.0.0.0/8\"", "\"100.64.7.9\"", "\"2001:db8::/32\"", "\"2001:db8::1\""];
    subsequence(known, 0..4).prop_map(|prefixes| format!("[{}]", prefixes.join(", ")))
}

fn word(words: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    select(words.to_vec()).prop_map(|word| format!("\"{word}\""))
}

fn flag() -> impl Strategy<Value = String> {
    any::<bool>().prop_map(|flag| flag.to_string())
}

fn number() -> impl Strategy<Value = String> {
    (0..32_000_u32).prop_map(|number| number.to_string())
}

/// Any of these keys with values of theirs, each on a line.
fn some(keys: Vec<(&'static str, BoxedStrategy<String>)>) -> impl Strategy<Value = String> {
    let line = |(key, value): (&'static str, BoxedStrategy<String>)| {
        proptest::option::of(value.prop_map(move |value| format!("{key} = {value}\n")))
    };
    let lines: Vec<_> = keys.into_iter().map(line).collect();
    lines.prop_map(|lines| lines.into_iter().flatten().collect())
}

fn top() -> impl Strategy<Value = String> {
    let files = some(vec![("nodes", text().boxed()), ("links", text().boxed())]);
    let sync = some(vec![
        ("overrides", text().boxed()),
        ("interval", time().boxed()),
        ("fallback", time().prop_map(|time| format!("{{ csv = {time} }}")).boxed()),
        ("keep", (0..9_u32, 0..9_u32).prop_map(|(a, b)| format!("{{ generations = {a}, days = {b} }}")).boxed()),
        ("hook", (text(), text()).prop_map(|(command, argument)| format!("[{command}, {argument}]")).boxed()),
        ("hook_timeout", time().boxed()),
        ("metrics", text().boxed()),
    ]);
    let addresses =
        some(vec![("allow", prefixes().boxed()), ("ignore", prefixes().boxed()), ("never_shape", flag().boxed())]);
    let list = || text().prop_map(|text| format!("[{text}]")).boxed();
    let network = some(vec![("exclude", list()), ("promote", list())]);
    (text(), files, sync, addresses, rate(), rate(), network).prop_map(
        |(state, files, sync, addresses, down, up, network)| {
            format!(
                "state = {state}\n[csv]\nshaped_devices = \"x\"\n{files}[sync]\n{sync}[addresses]\n{addresses}\
                 [default_plan]\ndown = {down}\nup = {up}\n[network]\n{network}"
            )
        },
    )
}

fn secret() -> impl Strategy<Value = String> {
    (select(vec!["file", "env", "credential"]), text()).prop_map(|(place, text)| format!("{{ {place} = {text} }}"))
}

fn factor() -> impl Strategy<Value = String> {
    (1..=10_000_000_u32).prop_map(|millionths| format!("{:.6}", f64::from(millionths) / 1e6))
}

fn pair() -> impl Strategy<Value = String> {
    (rate(), rate()).prop_map(|(down, up)| format!("{{ down = {down}, up = {up} }}"))
}

/// How a source is asked over HTTP, as a table in one line.
fn http() -> impl Strategy<Value = String> {
    (1..86_400_u32, 0..20_u32, text()).prop_map(|(time, retries, path)| {
        format!("{{ read_timeout = \"{time}s\", retries = {retries}, largest_answer = \"3G\", ca_file = {path} }}")
    })
}

const SUSPENDED: [&str; 4] = ["none", "slow", "ignore", "walled"];

fn uisp() -> impl Strategy<Value = String> {
    let own = some(vec![
        ("crm", (text(), secret()).prop_map(|(url, key)| format!("{{ url = {url}, key = {key} }}")).boxed()),
        ("root", text().boxed()),
        ("suspended", word(&SUSPENDED).boxed()),
        ("walled", pair().boxed()),
        ("default_plan", pair().boxed()),
        ("commit", factor().boxed()),
        ("overhead", factor().boxed()),
        ("derating", factor().prop_map(|factor| format!("{{ airmax = {factor} }}")).boxed()),
        ("customer_port", word(&["advice", "cap"]).boxed()),
        ("capacity_floor", rate().boxed()),
        ("path_devices", word(&["shown"]).boxed()),
        ("status", word(&["shape", "leave_out"]).prop_map(|word| format!("{{ quoted = {word} }}")).boxed()),
        ("http", http().boxed()),
    ]);
    let access = prop_oneof![
        secret().prop_map(|token| format!("token = {token}")),
        (text(), secret()).prop_map(|(user, password)| format!("login = {{ user = {user}, password = {password} }}")),
    ];
    (access, own).prop_map(|(access, own)| format!("url = \"https://uisp.example\"\n{access}\n{own}"))
}

fn splynx() -> impl Strategy<Value = String> {
    let own = some(vec![
        ("auth", word(&["token", "signature", "basic"]).boxed()),
        ("http", http().boxed()),
        ("without", word(&["ipv6", "network-sites"]).prop_map(|list| format!("[{list}]")).boxed()),
        ("kilobit", select(vec!["1000".to_owned(), "1024".to_owned()]).boxed()),
        ("suspended", word(&SUSPENDED).boxed()),
        ("walled", pair().boxed()),
        ("service_status", word(&["shape", "suspend"]).prop_map(|word| format!("{{ pending = {word} }}")).boxed()),
        ("customer_status", word(&["shape", "suspend"]).prop_map(|word| format!("{{ new = {word} }}")).boxed()),
    ]);
    (text(), secret(), own).prop_map(|(key, secret, own)| {
        format!("[splynx]\nurl = \"https://splynx.example\"\nkey = {key}\nsecret = {secret}\n{own}")
    })
}

fn records() -> impl Strategy<Value = String> {
    let way = prop_oneof![
        text().prop_map(|file| format!("file = {file}\n")),
        (secret(), http()).prop_map(|(value, http)| {
            format!("url = \"https://billing.example/x?a=1\"\nheader = {{ name = \"X-Key\", value = {value} }}\nhttp = {http}\n")
        }),
        text().prop_map(|argument| format!("command = [\"sh\", {argument}]\ntimeout = \"90s\"\n")),
    ];
    let map = "[[records.input.map]]\nrecord = \"circuit\"\nid = \"a\"\nname = [\"b\", \"c\"]\n\
               when = { from = \"d\", is = [\"1\", \"2\"] }\ndown = { from = \"e\", unit = \"kbit/s\" }\nup = { constant = \"10M\" }\n\
               status = { from = \"f\", values = { \"1\" = \"active\", \"*\" = \"inactive\" } }\n";
    let format = prop_oneof![
        Just(String::new()),
        Just(format!("format = \"csv\"\n{map}")),
        Just(format!("format = \"json\"\nrecords = \"/results\"\n{map}")),
    ];
    let input = (way, format).prop_map(|(way, format)| format!("[[records.input]]\n{way}{format}"));
    (word(&["none", "slow", "ignore"]), proptest::collection::vec(input, 1..3))
        .prop_map(|(suspended, inputs)| format!("[records]\nsuspended = {suspended}\n{}", inputs.concat()))
}

/// Sources other than files, and what is said of several of them.
fn sources() -> impl Strategy<Value = String> {
    let limit = (0..200_u32, 0..9_u32).prop_map(|(percent, circuits)| {
        format!(
            "[guard]\nslowed = {{ percent = {percent}, circuits = {circuits} }}\nunlinked = {{ links = {circuits} }}\nuprooted = {{ nodes = {circuits} }}\nnarrowed = {{ percent = {percent} }}\n"
        )
    });
    let rule = prop_oneof![
        Just("[[same]]\nids = [\"uisp0:site:7f3a\", \"csv:node:Tower A\"]\n".to_owned()),
        word(&["name", "mac", "address"])
            .prop_map(|by| format!("[[same]]\ntables = [\"uisp0:client\", \"splynx:service\"]\nby = {by}\n")),
    ];
    let uisps = proptest::collection::vec(uisp(), 0..3).prop_map(|all| {
        let named = all.iter().enumerate().map(|(at, text)| format!("[[uisp]]\nname = \"uisp{at}\"\n{text}"));
        named.collect::<String>()
    });
    let [rule, splynx, records] = [
        proptest::option::of(rule.boxed()),
        proptest::option::of(splynx().boxed()),
        proptest::option::of(records().boxed()),
    ];
    (limit, rule, uisps, splynx, records).prop_map(|(limit, rule, uisps, splynx, records)| {
        let [rule, splynx, records] = [rule, splynx, records].map(Option::unwrap_or_default);
        format!("{limit}{rule}{uisps}{splynx}{records}")
    })
}

fn cake() -> impl Strategy<Value = String> {
    some(vec![
        ("bandwidth", rate().boxed()),
        ("diffserv", word(&["besteffort", "precedence", "diffserv8"]).boxed()),
        ("flow_isolation", word(&["dual-srchost", "flows"]).boxed()),
        ("nat", flag().boxed()),
        ("ack_filter", word(&["aggressive", "on"]).boxed()),
        ("split_gso", word(&["keep"]).boxed()),
        ("rtt", micros().boxed()),
        ("target", micros().boxed()),
        ("overhead", (-64..256_i32).prop_map(|bytes| bytes.to_string()).boxed()),
        ("mpu", number().boxed()),
        ("link_layer", word(&["atm", "ptm"]).boxed()),
        ("raw", flag().boxed()),
        ("fwmark", number().boxed()),
    ])
}

fn fq_codel() -> impl Strategy<Value = String> {
    some(vec![
        ("flows", number().boxed()),
        ("target", micros().boxed()),
        ("ce_threshold", micros().boxed()),
        ("ecn", flag().boxed()),
    ])
}

const KINDS: [&str; 5] = ["cake", "fq_codel", "sfq", "pfifo", "none"];

fn shaper() -> impl Strategy<Value = String> {
    let own = some(vec![
        ("root", text().boxed()),
        ("uplink", rate().prop_map(|rate| format!("{{ up = {rate} }}")).boxed()),
        ("projection", word(&["full", "ap_site", "ap_only", "flat"]).boxed()),
        ("dialect", word(&["libreqos-1.4", "libreqos-2.0", "libreqos-2.2"]).boxed()),
        ("scope", word(&["all", "nearest"]).boxed()),
        ("apply", flag().boxed()),
        ("share", word(&["subscriber", "node"]).boxed()),
        ("root_spread", word(&["one", "shares"]).boxed()),
        ("overhead", number().boxed()),
        ("mpu", number().boxed()),
        ("memory_limit", bytes().boxed()),
        ("control", (rate(), prefixes()).prop_map(|(r, p)| format!("{{ ceil = {r}, prefixes = {p} }}")).boxed()),
        ("unknown", (rate(), prefixes()).prop_map(|(r, p)| format!("{{ down = {r}, watch = {p} }}")).boxed()),
    ]);
    let leaf = some(vec![
        ("kind", word(&KINDS).boxed()),
        ("fq_codel_from", rate().boxed()),
        ("sfq", number().prop_map(|limit| format!("{{ limit = {limit} }}")).boxed()),
        ("pfifo", number().prop_map(|limit| format!("{{ limit = {limit} }}")).boxed()),
    ]);
    let ports = prop_oneof![
        Just("toward_subscribers = \"eth1\"\ntoward_internet = \"eth0\"\n"),
        Just("on_a_stick = \"eth0\"\nvlan_toward_subscribers = 30\nvlan_toward_internet = 4094\n"),
    ];
    let circuit = (text(), proptest::option::of(word(&KINDS)), cake(), fq_codel());
    (own, leaf, cake(), fq_codel(), ports, circuit).prop_map(|(own, leaf, cake, fq_codel, ports, circuit)| {
        let (id, kind, own_cake, own_codel) = circuit;
        let kind = kind.map(|kind| format!("kind = {kind}\n")).unwrap_or_default();
        format!(
            "{own}[shaper.leaf]\n{leaf}[shaper.leaf.cake]\n{cake}[shaper.leaf.fq_codel]\n{fq_codel}\
             [shaper.interfaces]\n{ports}[[shaper.circuit]]\nid = {id}\n{kind}[shaper.circuit.cake]\n{own_cake}\
             [shaper.circuit.fq_codel]\n{own_codel}"
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_configuration_reads_back(
        top in top(), sources in sources(), shapers in proptest::collection::vec(shaper(), 0..3)
    ) {
        let shapers = shapers.iter().enumerate().map(|(at, text)| format!("[[shaper]]\nname = \"s{at}\"\n{text}"));
        reads_back(&(top + &sources + &shapers.collect::<String>()));
    }
}

/// A configuration that states every key there is, but for those that exclude each other.
const EVERYTHING: &str = r#"
    [csv]
    shaped_devices = "a"
    nodes = "b"
    links = "c"
    [sync]
    overrides = "d"
    metrics = "e"
    fallback = { csv = "1h" }
    hook = ["f"]
    [[uisp]]
    name = "one"
    url = "https://uisp.example"
    token = { file = "i" }
    root = "j"
    default_plan = { down = 1, up = 1 }
    commit = 0.5
    crm = { url = "https://crm.example", key = { env = "K" } }
    http = { ca_file = "l" }
    [[uisp]]
    name = "two"
    url = "https://uisp.example"
    login = { user = "m", password = { file = "n" } }
    [splynx]
    url = "https://splynx.example"
    key = "o"
    secret = { credential = "p" }
    [records]
    [[records.input]]
    url = "https://billing.example"
    header = { name = "q", value = { env = "R" } }
    http = { ca_file = "s" }
    format = "json"
    records = "/t"
    [[records.input.map]]
    record = "circuit"
    when = { from = "u", is = ["v"] }
    id = "w"
    down = { from = "x", unit = "bit/s", values = { y = "z" } }
    [[records.input]]
    command = ["./t"]
    [[same]]
    ids = ["one:site:1", "two:site:1"]
    [[same]]
    tables = ["one:site", "two:site"]
    by = "name"
    [overlay]
    file = "q"
    mark = 0x00ffffff
    [[shaper]]
    name = "s"
    root = "g"
    uplink = { down = 1, up = 1 }
    publish = "h"
    apply = true
    memory_limit = "1G"
    unknown = { down = 1, up = 1 }
    [shaper.interfaces]
    toward_subscribers = "eth1"
    toward_internet = "eth0"
    [[shaper.circuit]]
    id = "1"
    kind = "cake"
    [shaper.circuit.cake]
    bandwidth = 1
    diffserv = "besteffort"
    rtt = 1
    [shaper.circuit.fq_codel]
    ce_threshold = 1
    interval = 1
"#;

/// The tables of a document, as the keys and positions that lead to them.
fn tables(value: &toml::Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match value {
        toml::Value::Table(table) => {
            found.push(path.clone());
            for (key, value) in table {
                path.push(key.clone());
                tables(value, path, found);
                path.pop();
            }
        }
        toml::Value::Array(array) => {
            for (at, value) in array.iter().enumerate() {
                path.push(at.to_string());
                tables(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

fn at<'v>(document: &'v mut toml::Value, path: &[String]) -> &'v mut toml::Value {
    path.iter().fold(document, |value, key| match value {
        toml::Value::Array(array) => &mut array[key.parse::<usize>().expect("a position")],
        value => &mut value[key.as_str()],
    })
}

#[test]
fn no_misspelt_word_passes() {
    let printed = reads_back(EVERYTHING).to_toml().expect("text");
    let document: toml::Value = printed.parse::<toml::Table>().expect("TOML").into();
    let mut paths = Vec::new();
    tables(&document, &mut Vec::new(), &mut paths);
    let mut tried = 0;
    for path in paths {
        if path == ["sync", "fallback"] || path.last().is_some_and(|key| key == "values") {
            continue; // the keys are names of sources, or what a column holds
        }
        let keys: Vec<String> = at(&mut document.clone(), &path).as_table().expect("a table").keys().cloned().collect();
        for key in keys {
            let mut document = document.clone();
            let table = at(&mut document, &path).as_table_mut().expect("a table");
            let value = table.remove(&key).expect("there");
            let doubled = &key[..1].repeat(2);
            let misspelt = key.replacen(&key[..1], doubled, 1);
            table.insert(misspelt.clone(), value);
            let text = toml::to_string(&document).expect("TOML");
            let error = parse(&text).expect_err(&text);
            // Few letters are like nothing: there, what is known is listed.
            let meant = if key.len() > 3 { format!("did you mean `{key}`") } else { format!("`{key}`") };
            let said = error.contains(&format!("unknown field `{misspelt}`; ")) && error.contains(&meant);
            assert!(said, "{error}\n{text}");
            let line = text.lines().position(|line| line.contains(&misspelt)).expect("there") + 1;
            // Of a secret's place the table is shown, which is mostly in one line.
            let header = text.lines().take(line).filter(|line| line.starts_with('[')).count();
            let is_there = |line: usize| error.starts_with(&format!("`pleach.toml` cannot be used\nline {line}, "));
            let table =
                text.lines().enumerate().filter(|(_, line)| line.starts_with('[')).nth(header.saturating_sub(1));
            assert!(is_there(line) || table.is_some_and(|(at, _)| is_there(at + 1)), "{error}\n{text}");
            tried += 1;
        }
    }
    assert!(tried > 80, "{tried} keys");
}
