//! Overrides and joins in a sync: they decide, expire by the clock of the run or of the snapshot, and can be asked for.

use pleach::exit::Exit;
use pleach::sync::{self, From, Outcome, Request};
use pleach_source::Timestamp;

use crate::api::Api;
use crate::effects::Watched;
use crate::lab::{Lab, request};

const OVERRIDES: &str = "
[[override]]
id = \"csv:circuit:c3\"
max = { down = 200 }
expires = 2026-06-30
note = \"double speed until the fibre is repaired\"
";

fn lab() -> Lab {
    let lab = Lab::new(20);
    let text = lab.read("pleach.toml").replace("hook = [\"true\"]", "overrides = \"overrides.toml\"");
    lab.write("pleach.toml", &text);
    lab.write("overrides.toml", OVERRIDES);
    lab
}

fn at(now: &str, from: From) -> Request {
    Request { now: now.parse().expect("a moment"), from, ..request() }
}

fn rate_of_c3(lab: &Lab) -> String {
    let rows = lab.read("out/ShapedDevices.csv");
    let row = rows.lines().find(|row| row.starts_with("\"c3\",")).expect("it is there").to_owned();
    row.split(',').nth(10).expect("download max").to_owned()
}

#[test]
fn an_override_holds_until_it_expires_by_the_clock_of_what_is_replayed() {
    let lab = lab();
    let run = |request: &Request| {
        let config = lab.config();
        let ended =
            sync::run(request, &config, &pleach::sources::configured(&config).expect("good"), &mut Watched::new());
        ended.unwrap_or_else(|failure| panic!("{failure}"))
    };
    let ended = run(&at("2026-06-30T23:00:00Z", From::Sources));
    assert_eq!((ended.exit, rate_of_c3(&lab).as_str()), (Exit::Done, "\"200\""));
    let snapshot = lab.store().open(1).expect("whole").manifest.snapshot.expect("kept");
    let ended = run(&at("2026-07-01T00:00:00Z", From::Sources));
    assert_eq!((ended.report.outcome, rate_of_c3(&lab).as_str()), (Outcome::Published, "\"50\""));
    assert!(ended.problems.iter().any(|problem| problem.message.contains("expired")), "{:?}", ended.problems);
    let archive = From::Archive(lab.path("state/snapshots").join(snapshot));
    let ended = run(&at("2026-07-05T00:00:00Z", archive));
    assert_eq!((ended.report.outcome, rate_of_c3(&lab).as_str()), (Outcome::Published, "\"200\""), "then it held");
}

#[test]
fn overrides_that_cannot_be_read_change_nothing() {
    let lab = lab();
    lab.synced(Exit::Done);
    let before = lab.read("out/ShapedDevices.csv");
    lab.write("overrides.toml", "[[override]]\nid = \"csv:circuit:c3\"\nmaks = 7\n");
    let ended = lab.synced(Exit::Usage);
    let said = ended.failure.expect("a failure").to_string();
    assert!(said.contains("overrides.toml` line 3"), "{said}");
    assert!(said.contains("`max`"), "the nearest known key: {said}");
    assert_eq!(lab.read("out/ShapedDevices.csv"), before);
    std::fs::remove_file(lab.path("overrides.toml")).expect("removed");
    let ended = lab.synced(Exit::Usage);
    assert!(ended.failure.expect("a failure").to_string().contains("cannot read the overrides"));
}

#[test]
fn what_is_said_to_be_one_is_one_and_says_why() {
    let (lab, api) = (Lab::new(20), Api::with(2));
    let rules = "[[same]]\nids = [\"csv:circuit:c0\", \"billing:client:0\"]\n[prefer]\nrates = [\"billing\"]\n";
    lab.write("pleach.toml", &format!("{}\n{rules}", lab.read("pleach.toml")));
    let config = lab.config();
    let sources = [pleach::sources::configured(&config).expect("good").remove(0), api.source("billing")];
    let ended = sync::run(&request(), &config, &sources, &mut Watched::new()).expect("it runs");
    assert_eq!(ended.report.counts.map(|counts| counts.shaped), Some(21), "{:?}", ended.failure);
    let survey = lab.store().open(1).expect("whole").survey().expect("whole");
    let network = &survey.network;
    let joined = network.find(&"billing:client:0".parse().expect("an id")).expect("by either id");
    assert_eq!(network.node(joined).id.as_str(), "csv:circuit:c0");
    let reasons: Vec<&str> = network.stated_reasons(joined).map(|reason| reason.aspect.as_str()).collect();
    assert!(reasons.contains(&"identity"), "{reasons:?}");
    assert!(Timestamp::now() > ended.report.time);
}
