//! A source that has a bad night, in every way there is: the network stays as it was, and the message says what to do.

use std::borrow::Cow;
use std::time::Duration;

use pleach::exit::Exit;
use pleach::sync::{self, Ended, Outcome};
use pleach_fault::{Fault, Faults};
use pleach_source::Source;

use crate::api::Api;
use crate::effects::Watched;
use crate::lab::{Lab, request};

fn synced(lab: &Lab, sources: &[Box<dyn Source>]) -> Ended {
    sync::run(&request(), &lab.config(), sources, &mut Watched::new()).unwrap_or_else(|failure| panic!("{failure}"))
}

/// How a run ends under a fault: its exit code, and what its message must hold.
fn expected(fault: &Fault) -> (Exit, &'static str) {
    match fault {
        Fault::HalfMissing => (Exit::Refused, "100 of 200 circuits would no longer be shaped"),
        Fault::EmptyArray => (Exit::Refused, "source `billing`: no circuit would be left"),
        Fault::OddRecord => (Exit::NotShaped, ""),
        Fault::Unauthorized | Fault::Forbidden | Fault::NotFound => (Exit::Failed, "/customers"),
        Fault::TooManyRequests { .. } => (Exit::Failed, "429"),
        Fault::ServerError => (Exit::Failed, "500"),
        Fault::BadGateway => (Exit::Failed, "502"),
        _ => (Exit::Failed, "source `billing`: "),
    }
}

#[test]
fn whatever_a_source_does_the_network_stays() {
    let elsewhere = Api::with(3);
    for fault in Fault::ALL {
        let fault = match fault {
            Fault::RedirectElsewhere(_) => Fault::RedirectElsewhere(Cow::Owned(elsewhere.server.url())),
            Fault::Dribble { .. } => Fault::Dribble { bytes: 16, pause: Duration::from_millis(100) },
            fault => fault.clone(),
        };
        let (lab, api) = (Lab::new(20), Api::with(200));
        let sources = [pleach::sources::configured(&lab.config()).expect("good").remove(0), api.source("billing")];
        let first = synced(&lab, &sources);
        assert_eq!((first.exit, first.report.generation), (Exit::Done, Some(1)), "{fault}: {:?}", first.failure);
        let before = ["network.json", "ShapedDevices.csv"].map(|name| lab.read(&format!("out/{name}")));
        api.faults.set(&Faults::always(fault.clone()));
        let ended = synced(&lab, &sources);
        let (exit, text) = expected(&fault);
        let said = ended.failure.as_ref().map_or_else(String::new, ToString::to_string);
        assert_eq!(ended.exit, exit, "{fault}: {said}");
        assert_eq!(ended.report.generation, Some(1), "{fault}");
        assert!(said.contains(text), "{fault}: {said}");
        assert_eq!(ended.failure.is_some(), said.contains("\nhint: "), "{fault} says what to do: {said}");
        assert_eq!(
            ["network.json", "ShapedDevices.csv"].map(|name| lab.read(&format!("out/{name}"))),
            before,
            "{fault}"
        );
        assert_eq!(lab.assert_whole(), Some(1), "{fault}");
        api.faults.clear();
        let ended = synced(&lab, &sources);
        assert_eq!((ended.exit, ended.report.outcome), (Exit::Done, Outcome::Unchanged), "{fault} is over");
    }
    assert_eq!(elsewhere.faults.requests_to("/customers"), 0, "nothing was asked of another host");
}

#[test]
fn what_passes_by_itself_is_not_noticed() {
    let (lab, api) = (Lab::new(20), Api::with(30));
    let sources = [pleach::sources::configured(&lab.config()).expect("good").remove(0), api.source("billing")];
    api.faults.set(&Faults::always(Fault::BadGateway).times(1));
    let ended = synced(&lab, &sources);
    assert_eq!(ended.exit, Exit::Done, "{:?}", ended.failure);
    assert_eq!(api.faults.requests_to("/customers"), 2);
}

#[test]
fn a_small_source_does_not_hide_behind_a_large_one() {
    let (lab, api) = (Lab::new(400), Api::with(15));
    let sources = [pleach::sources::configured(&lab.config()).expect("good").remove(0), api.source("billing")];
    assert_eq!(synced(&lab, &sources).exit, Exit::Done);
    api.has(3); // 12 of 415 are 3 % of all, and 80 % of its own
    let ended = synced(&lab, &sources);
    let said = ended.failure.map_or_else(String::new, |failure| failure.to_string());
    assert_eq!(ended.exit, Exit::Refused);
    assert!(said.contains("source `billing`: 12 of 15 circuits"), "{said}");
    api.has(6); // 9 are not more than 10
    assert_eq!(synced(&lab, &sources).exit, Exit::Done);
    api.has(0);
    let ended = synced(&lab, &sources);
    let said = ended.failure.map_or_else(String::new, |failure| failure.to_string());
    assert!(said.contains("source `billing`: no circuit would be left of 6"), "{said}");
}

#[test]
fn one_source_stands_in_while_the_other_is_followed() {
    let (lab, api) = (Lab::new(20), Api::with(15));
    let text = lab.read("pleach.toml").replace("hook = [\"true\"]", "fallback = { csv = \"1h\" }");
    lab.write("pleach.toml", &text);
    let sources = [pleach::sources::configured(&lab.config()).expect("good").remove(0), api.source("billing")];
    assert_eq!(synced(&lab, &sources).exit, Exit::Done);
    std::fs::remove_file(lab.path("rows.csv")).expect("removed");
    api.has(16);
    let ended = synced(&lab, &sources);
    assert_eq!((ended.exit, ended.report.generation), (Exit::Done, Some(2)), "{:?}", ended.failure);
    assert_eq!(lab.read("out/ShapedDevices.csv").lines().count(), 1 + 20 + 16);
    let manifest = lab.store().open(2).expect("whole").manifest;
    let fell_back: Vec<_> = manifest.sources.iter().map(|source| (source.name.as_str(), source.is_fallback)).collect();
    assert_eq!(fell_back, [("csv", true), ("billing", false)]);
    // What it fell back to is in the new snapshot too, so that it can do so again, and be replayed.
    api.has(17);
    let ended = synced(&lab, &sources);
    assert_eq!((ended.exit, ended.report.generation), (Exit::Done, Some(3)), "{:?}", ended.failure);
}
