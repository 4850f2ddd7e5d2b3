//! The source against the fake server: every way to authenticate, lists that change while they are read, permissions, and
//! everything that a bad night brings.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use crate::common::{read, settings, snapshot};
use pleach_fake_splynx::{ApiKey, Database, Fake, Options, Table, router};
use pleach_fault::{Fault, Faults, Server, with_faults};
use pleach_source::{FetchError, Snapshot, Source};
use pleach_splynx::{AuthMethod, List, SplynxSettings, SplynxSource};
use tempfile::TempDir;

/// A fake server, and a source that asks it.
struct Setup {
    fake: Fake,
    faults: Faults,
    server: Server,
    state: TempDir,
    settings: SplynxSettings,
}

impl Setup {
    fn new(auth: AuthMethod) -> Self {
        Self::of(auth, &Options { services: 2300, ..Options::default() })
    }

    fn of(auth: AuthMethod, options: &Options) -> Self {
        let fake = Fake::new(Database::generate(options));
        let faults = Faults::none();
        let server = Server::start(with_faults(router(&fake), faults.clone())).expect("a free port");
        let ApiKey { key, secret, .. } = fake.key();
        let http = "[http]\nretries = 0\nread_timeout = \"5s\"\nlargest_answer = \"64M\"";
        let mut settings = settings(http);
        (settings.url, settings.key, settings.auth) = (server.url(), key, auth);
        settings.secret = serde_json::from_value(secret.into()).expect("a text");
        Self { fake, faults, server, state: tempfile::tempdir().expect("a folder"), settings }
    }

    fn source(&self) -> SplynxSource {
        SplynxSource::new(self.settings.clone(), self.state.path()).expect("good settings")
    }

    async fn fetch(&self) -> Result<Snapshot, FetchError> {
        self.source().fetch().await
    }

    /// An error and its hint, which have no secret in them.
    async fn refused(&self) -> String {
        let error = self.fetch().await.expect_err("it cannot be had");
        let text = format!("{error}\n{}", error.hint());
        let shown = format!("{text}{error:?}");
        assert!(!shown.contains(&self.fake.key().secret) && !shown.contains("access-token-"), "{shown}");
        text
    }

    /// How often each list was asked for, and how.
    fn requests(&self) -> BTreeMap<String, usize> {
        self.fake.requests().into_iter().fold(BTreeMap::new(), |mut counts, request| {
            *counts.entry(request).or_default() += 1;
            counts
        })
    }
}

/// What the rows of a database are, without a server between.
fn direct(database: &Database) -> Snapshot {
    let lists = List::ALL.map(|list| {
        let table = Table::ALL.into_iter().find(|table| table.path() == list.path()).expect("the same paths");
        let rows: Vec<&str> = database.rows(table).iter().map(|row| row.json.as_str()).collect();
        (list, vec![format!("[{}]", rows.join(","))])
    });
    snapshot(&lists)
}

#[tokio::test]
async fn every_way_to_authenticate_gives_the_same_network() {
    for (auth, logins) in [(AuthMethod::Basic, 0), (AuthMethod::Token, 1), (AuthMethod::Signature, 0)] {
        let setup = Setup::new(auth);
        let snapshot = setup.fetch().await.unwrap_or_else(|error| panic!("{auth:?}: {error}; {}", error.hint()));
        let text = |snapshot: &Snapshot| {
            let read = read(&setup.settings, snapshot);
            (read.census.counts(), read.tree(), read.reasons())
        };
        assert!(text(&snapshot) == text(&direct(&setup.fake.database())), "{auth:?}");
        let requests = setup.requests();
        let all: usize = requests.values().sum();
        let heads = requests.keys().filter(|request| request.starts_with("HEAD ")).count();
        assert_eq!((heads, requests["GET customers/customer/0/internet-services"]), (10, 3), "{auth:?}");
        assert_eq!(requests.get("POST auth/tokens").copied().unwrap_or_default(), logins, "{auth:?}");
        // A check, ten counts, and a page for each thousand records: 3 of services, customers and sessions, 1 of the rest.
        assert_eq!(all, 1 + 10 + 3 * 3 + 7 + logins, "{auth:?}: {requests:?}");
        let at_a_time = setup.fake.most_under_way();
        assert!(
            if auth == AuthMethod::Signature { at_a_time == 1 } else { (1..=4).contains(&at_a_time) },
            "{at_a_time}"
        );
    }
}

#[tokio::test]
async fn a_second_run_of_a_signed_key_goes_on_where_the_first_ended() {
    let setup = Setup::of(AuthMethod::Signature, &Options { services: 20, ..Options::default() });
    for _ in 0..3 {
        setup.fetch().await.expect("its numbers grow from run to run");
    }
    let setup = Setup { settings: SplynxSettings { auth: AuthMethod::Token, ..setup.settings.clone() }, ..setup };
    setup.fetch().await.expect("a login's numbers grow with them");
}

#[tokio::test]
async fn a_key_that_is_used_elsewhere_says_so() {
    let setup = Setup::of(AuthMethod::Signature, &Options { services: 20, ..Options::default() });
    setup.fetch().await.expect("the first run");
    // Another host has used it since: its clock is ahead.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let file = |folder: &Path| std::fs::read_dir(folder).expect("a folder").map(|it| it.expect("listed").path());
    let nonce = file(setup.state.path()).find(|path| path.extension().is_none()).expect("remembered");
    let used: u64 = std::fs::read_to_string(&nonce).expect("a number").trim().parse().expect("a number");
    let name = nonce.file_name().expect("a name");
    std::fs::write(elsewhere.path().join(name), format!("{}\n", used + 1_000_000)).expect("written");
    let other = SplynxSource::new(setup.settings.clone(), elsewhere.path()).expect("good settings");
    other.fetch().await.expect("its numbers are larger");
    let refused = setup.refused().await;
    assert!(refused.contains("(UNAUTHORIZED)") && refused.contains("nothing else may use the key"), "{refused}");
}

#[tokio::test]
async fn keys_that_are_no_good() {
    let few = Options { services: 20, ..Options::default() };
    for auth in [AuthMethod::Basic, AuthMethod::Signature, AuthMethod::Token] {
        let mut setup = Setup::of(auth, &few);
        setup.fake.change_key(|key| key.addresses = [IpAddr::from([10, 0, 0, 1])].into());
        let refused = setup.refused().await;
        assert!(refused.contains("may not be used from the address of this host"), "{auth:?}: {refused}");
        setup.fake.change_key(|key| key.addresses.clear());
        setup.fetch().await.expect("it may be used from anywhere");
        setup.settings.secret = serde_json::from_value("another".into()).expect("a text");
        let refused = setup.refused().await;
        assert!(refused.contains("check `key` and `secret`"), "{auth:?}: {refused}");
    }
    let setup = Setup::of(AuthMethod::Basic, &few);
    setup.fake.change_key(|key| key.is_unsecure = false);
    let refused = setup.refused().await;
    assert!(refused.contains("`Unsecure access is disabled for this key.`") && refused.contains("*Unsecure access*"));
}

#[tokio::test]
async fn tokens_that_end_are_renewed() {
    let setup = Setup::new(AuthMethod::Token);
    setup.fake.set_token_lifetime(Duration::from_secs(4)); // less than is left for a request to arrive
    setup.fetch().await.expect("each request has a token that is good");
    assert!(setup.fake.tokens_issued() > 20, "{}", setup.fake.tokens_issued());
    assert_eq!(setup.requests()["POST auth/tokens"], 1, "a token that can be renewed is not bought again");
}

#[tokio::test]
async fn permissions_are_named() {
    let mut setup = Setup::of(AuthMethod::Token, &Options { services: 20, ..Options::default() });
    setup.fake.change_key(|key| _ = key.may_view.remove(&Table::Sectors));
    let refused = setup.refused().await;
    assert!(refused.contains("`You don't have permission to do action.` (FORBIDDEN)"), "{refused}");
    assert!(refused.contains("*Networking → Router contention*"), "{refused}");
    assert!(refused.contains("without = [\"sectors\"]"), "{refused}");
    let lines = setup.source().probe().await.expect("the key is good");
    assert_eq!(lines[0], "the API key is good");
    assert!(lines.contains(&"services: 20 records".to_owned()), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("sectors: ") && line.contains("Router contention")), "{lines:?}");
    setup.settings.without = vec![List::Sectors];
    let snapshot = setup.fetch().await.expect("it does without");
    assert!(snapshot.parts.iter().all(|part| !part.name.starts_with("sectors")));
    setup.fake.change_key(|key| _ = key.may_view.remove(&Table::Services));
    let refused = setup.refused().await;
    assert!(
        refused.contains("*Customers → Customer internet services*") && !refused.contains("without ="),
        "{refused}"
    );
}

#[tokio::test]
async fn a_list_that_changes_meanwhile_is_read_once_more() {
    let setup = Setup::new(AuthMethod::Token);
    // The first page has been read, and one of its services goes: the next pages begin one later.
    setup.fake.change_before(Table::Services, 2, |database| drop(database.rows_mut(Table::Services).remove(3)));
    let snapshot = setup.fetch().await.expect("the second time it is whole");
    let requests = setup.requests();
    let path = "customers/customer/0/internet-services";
    assert_eq!((requests[&format!("HEAD {path}")], requests[&format!("GET {path}")]), (2, 6));
    let services = snapshot.parts.iter().filter(|part| part.name.starts_with("services"));
    assert_eq!(services.filter_map(|part| part.records).sum::<u64>(), 2299);
    assert_eq!(read(&setup.settings, &snapshot).census.counts().read, 2299);
}

#[tokio::test]
async fn a_list_that_does_not_stand_still_is_an_error_unless_it_is_of_sessions() {
    let setup = Setup::new(AuthMethod::Token);
    for page in [2, 5] {
        setup.fake.change_before(Table::Services, page, |database| drop(database.rows_mut(Table::Services).remove(3)));
    }
    let refused = setup.refused().await;
    assert!(refused.contains("announced 2299 records and gave 2298"), "{refused}");
    assert!(refused.contains("something changed while it was read"), "{refused}");
    let setup = Setup::new(AuthMethod::Token);
    for page in [2, 5] {
        setup.fake.change_before(Table::Online, page, |database| drop(database.rows_mut(Table::Online).remove(3)));
    }
    setup.fetch().await.expect("sessions come and go");
}

#[tokio::test]
async fn a_server_that_gives_less_at_a_time_is_asked_for_less() {
    let setup = Setup::new(AuthMethod::Token);
    setup.fake.set_largest_page(400);
    let snapshot = setup.fetch().await.expect("in pages of 400");
    assert_eq!(read(&setup.settings, &snapshot).census.counts().read, 2300);
}

/// What each fault on one list leads to: a part of the message or the hint; nothing where the answer can be used all the same.
fn expected(fault: &Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::LoginPage => "a page for people was answered",
        Fault::Unauthorized => "check `key` and `secret`",
        Fault::Forbidden => "let the API key view *Networking → Monitoring*",
        Fault::NotFound => "or do without: `without = [\"monitoring\"]`",
        Fault::TooManyRequests { .. } => "asked too often",
        Fault::ServerError | Fault::BadGateway => "is ill, or being upgraded",
        Fault::TruncatedJson => "ended its answer early",
        Fault::ShortBody => "broke",
        Fault::ErrorObject => "did not answer with",
        Fault::EmptyArray => "has no `x-total-count`",
        Fault::HalfMissing | Fault::OddRecord => "something changed while it was read",
        Fault::Dribble { .. } => "took too long",
        Fault::RedirectElsewhere(_) => "credentials are not sent on",
        Fault::RedirectToHttp | Fault::RedirectLoop => "correct the address",
        Fault::WrongContentType => "and not with JSON",
        Fault::GzipBomb => "`largest_answer`",
        Fault::BrokenGzip => "packs answers wrongly",
        Fault::ConnectionReset => "ended the connection",
        Fault::SlowFirstByte(_) => return None,
    })
}

#[tokio::test]
async fn every_fault_is_an_error_that_says_what_to_do() {
    let mut setup = Setup::of(AuthMethod::Token, &Options { services: 300, ..Options::default() });
    setup.settings.http.read_timeout = Duration::from_secs(2);
    setup.settings.http.overall_timeout = Duration::from_secs(3);
    for fault in Fault::ALL {
        let fault = match fault {
            Fault::SlowFirstByte(_) => Fault::SlowFirstByte(Duration::from_millis(50)),
            Fault::Dribble { .. } => Fault::Dribble { bytes: 1, pause: Duration::from_millis(100) },
            other => other.clone(),
        };
        setup.faults.set(&Faults::on("/api/2.0/admin/networking/monitoring", fault.clone()));
        match expected(&fault) {
            Some(words) => {
                let refused = setup.refused().await;
                assert!(refused.contains(words), "{fault}: {refused}");
            }
            None => drop(setup.fetch().await.unwrap_or_else(|error| panic!("{fault}: {error}"))),
        }
    }
    setup.faults.clear();
    setup.fetch().await.expect("all is well again");
}

#[tokio::test]
async fn faults_on_the_way_in_say_what_to_do() {
    for auth in [AuthMethod::Token, AuthMethod::Signature, AuthMethod::Basic] {
        let setup = Setup::of(auth, &Options { services: 20, ..Options::default() });
        for (fault, words) in [
            (Fault::LoginPage, "correct the address to that of the API"),
            (Fault::BadGateway, "is ill, or being upgraded"),
            (Fault::Unauthorized, "check `key` and `secret`"),
            (Fault::NotFound, "status 404"),
            (Fault::RedirectElsewhere("https://elsewhere.example".into()), "credentials are not sent on"),
        ] {
            setup.faults.set(&Faults::always(fault.clone()));
            let refused = setup.refused().await;
            assert!(refused.contains(words), "{auth:?} {fault}: {refused}");
        }
    }
    let setup = Setup::of(AuthMethod::Token, &Options { services: 20, ..Options::default() });
    let settings = setup.settings.clone();
    drop(setup.server);
    let source = SplynxSource::new(settings, setup.state.path()).expect("good settings");
    let error = source.fetch().await.expect_err("nobody is there");
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
}
