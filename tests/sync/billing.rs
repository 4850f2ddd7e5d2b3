//! The real sources, a whole sync each, on every bad night there is: the network stays as it was, and the message says what to
//! do.

use std::borrow::Cow;
use std::time::Duration;

use pleach::exit::Exit;
use pleach::sync::Outcome;
use pleach_fake_uisp::{self as uisp, Bodies, Credentials, Network, Options, Quirks};
use pleach_fault::{Fault, Faults, Server, with_faults};

use crate::effects::Watched;
use crate::lab::Lab;

/// How a run may end under a fault, where it ends like `usual` without.
fn ends(fault: &Fault, usual: Exit) -> Vec<Exit> {
    match fault {
        Fault::EmptyArray | Fault::HalfMissing => vec![Exit::Refused, Exit::Failed],
        // A list that says how many records it has gives one too many then.
        Fault::OddRecord => vec![Exit::NotShaped, Exit::Failed],
        Fault::SlowFirstByte(_) => vec![usual],
        _ => vec![Exit::Failed],
    }
}

/// Runs a sync under each fault, and one after it.
fn suffers(lab: &Lab, faults: &Faults, secrets: &[&str]) {
    let first = lab.sync(&mut Watched::new()).expect("it is written down");
    assert_eq!((first.report.generation, first.report.outcome), (Some(1), Outcome::Published));
    let files = || ["network.json", "ShapedDevices.csv"].map(|name| lab.read(&format!("out/{name}")));
    let before = files();
    let elsewhere = Server::start(with_faults(axum::Router::new(), Faults::none())).expect("a free port");
    for fault in Fault::ALL {
        let fault = match fault {
            Fault::RedirectElsewhere(_) => Fault::RedirectElsewhere(Cow::Owned(elsewhere.url())),
            Fault::Dribble { .. } => Fault::Dribble { bytes: 1, pause: Duration::from_millis(100) },
            Fault::SlowFirstByte(_) => Fault::SlowFirstByte(Duration::from_millis(20)),
            fault => fault.clone(),
        };
        faults.set(&Faults::always(fault.clone()));
        let ended = lab.sync(&mut Watched::new()).expect("it is written down");
        let said = ended.failure.as_ref().map_or_else(String::new, ToString::to_string);
        assert!(ends(&fault, first.exit).contains(&ended.exit), "{fault}: {:?}: {said}", ended.exit);
        assert_eq!(ended.report.generation, Some(1), "{fault}: {said}");
        assert_eq!(ended.failure.is_some(), said.contains("\nhint: "), "{fault} says what to do: {said}");
        assert!(secrets.iter().all(|secret| !said.contains(secret)), "{fault} says a secret: {said}");
        assert_eq!(files(), before, "{fault}");
        assert_eq!(lab.assert_whole(), Some(1), "{fault}");
        faults.clear();
    }
    assert_eq!(lab.synced(first.exit).report.outcome, Outcome::Unchanged, "it is over");
}

/// How long the client of a source waits, in the configuration.
const IMPATIENT: &str = "retries = 0\noverall_timeout = \"2s\"\nread_timeout = \"1500ms\"\nlargest_answer = \"8 MiB\"";

/// A folder that reads a UISP with these faults.
fn uisp_lab(faults: &Faults) -> (Lab, Server) {
    let options = Options { clients: 60, quirks: Quirks::NONE, ..Options::default() };
    let fake = uisp::Fake::new(Bodies::prepare(&Network::generate(&options)));
    let server = fake.start(faults.clone()).expect("a free port");
    let lab = Lab::new(0);
    let (url, token) = (server.url(), Credentials::TOKEN);
    lab.source(&format!("[uisp]\nurl = \"{url}\"\ntoken = \"{token}\"\n[uisp.http]\n{IMPATIENT}"));
    (lab, server)
}

#[test]
fn of_a_uisp() {
    let faults = Faults::none();
    let (lab, _server) = uisp_lab(&faults);
    suffers(&lab, &faults, &[Credentials::TOKEN]);
}

#[test]
fn of_a_splynx() {
    use pleach_fake_splynx::{self as splynx, Data, Database, Fake, router};
    let options = splynx::Options { services: 60, data: Data::Clean, ..splynx::Options::default() };
    let fake = Fake::new(Database::generate(&options));
    let faults = Faults::none();
    let server = Server::start(with_faults(router(&fake), faults.clone())).expect("a free port");
    let (lab, key) = (Lab::new(0), fake.key());
    lab.source(&format!(
        "[splynx]\nurl = \"{}\"\nkey = \"{}\"\nsecret = \"{}\"\n[splynx.http]\n{IMPATIENT}",
        server.url(),
        key.key,
        key.secret
    ));
    suffers(&lab, &faults, &[&key.secret]);
}

/// A list that is empty takes no circuit away, and is a bad night all the same.
#[test]
fn a_list_that_is_empty_is_refused() {
    let faults = Faults::none();
    let (lab, _server) = uisp_lab(&faults);
    let first = lab.sync(&mut Watched::new()).expect("it is written down");
    faults.set(&Faults::on("/nms/api/v2.1/data-links", Fault::EmptyArray));
    let ended = lab.sync(&mut Watched::new()).expect("it is written down");
    let said = ended.failure.as_ref().map_or_else(String::new, ToString::to_string);
    assert_eq!((ended.exit, ended.report.generation), (Exit::Refused, Some(1)), "{said}");
    assert!(said.contains("source `uisp`: the list `data-links` is empty, and had "), "{said}");
    faults.clear();
    assert_eq!(lab.synced(first.exit).report.outcome, Outcome::Unchanged);
}
