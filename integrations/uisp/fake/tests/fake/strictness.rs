//! Requests are checked as strictly as the real one checks them.

use crate::support::{CRM, NMS, Running, options};
use pleach_fake_uisp::{Billing, Bodies, Credentials, List, Network, Options};
use pleach_fault::{Fault, Faults};

fn with_crm() -> Options {
    Options { billing: Billing::Crm, clients: 60, ..options() }
}

#[test]
fn the_network_side_wants_a_token_of_the_right_scope() {
    let running = Running::new(&with_crm());
    let status = |path: &str, header: &str, token: &str| running.ask("GET", path, &[(header, token)], "").status;
    for path in ["/sites", "/devices", "/data-links", "/devices/ips", "/token"] {
        let path = &format!("{NMS}{path}");
        assert_eq!(running.ask("GET", path, &[], "").status, 401, "{path} without a token");
        assert_eq!(status(path, "x-auth-token", "wrong"), 401, "{path} with a wrong token");
        assert_eq!(status(path, "X-Auth-App-Key", Credentials::APP_KEY), 401, "{path} with a key of the other side");
        assert_eq!(status(path, "x-auth-token", Credentials::ANONYMOUS_TOKEN), 403, "{path}, scope anonymous");
        assert_eq!(status(path, "X-AUTH-TOKEN", Credentials::SUPERADMIN_TOKEN), 200, "{path}, scope superadmin");
    }
    assert_eq!(running.get(&format!("{NMS}/sites")).status, 200);
    assert_eq!(running.get(&format!("{NMS}/token")).status, 403, "a guest sees no tokens");
    for open in ["/nms/version", "/nms/heartbeat"] {
        assert_eq!(running.ask("GET", &format!("{NMS}{open}"), &[], "").status, 200, "{open} is open to all");
    }
}

#[test]
fn the_billing_side_wants_an_app_key_of_the_right_type() {
    let running = Running::new(&with_crm());
    let path = &format!("{CRM}/clients");
    let ask = |method: &str, key: &str| running.ask(method, path, &[("X-Auth-App-Key", key)], "");
    let missing = running.ask("GET", path, &[], "");
    assert_eq!((missing.status, missing.json()["code"].as_u64()), (401, Some(401)));
    assert_eq!(running.ask("GET", path, &[("x-auth-token", Credentials::TOKEN)], "").status, 401);
    assert_eq!(ask("GET", Credentials::APP_KEY).status, 200);
    assert_eq!(ask("GET", Credentials::WRITE_KEY).status, 200);
    assert_eq!(ask("POST", Credentials::APP_KEY).status, 403, "a key that may read does not write");
    assert_eq!(ask("POST", Credentials::WRITE_KEY).status, 405, "and the fake does not write at all");
}

#[test]
fn without_a_crm_its_paths_are_not_there() {
    let running = Running::new(&Options { billing: Billing::None, ..with_crm() });
    for path in ["/version", "/clients", "/clients/services", "/service-plans"] {
        assert_eq!(running.get(&format!("{CRM}{path}")).status, 404, "{path}");
    }
}

#[test]
fn paths_and_methods_that_are_not_there() {
    let running = Running::new(&with_crm());
    for path in
        ["/", "/sites", NMS, "/nms/api/v2.1/", "/nms/api/v2.1/site", "/nms/api/v2.0/sites", "/crm/api/v1.0/client"]
    {
        let answer = running.get(path);
        assert_eq!((answer.status, answer.json()["statusCode"].as_u64()), (404, Some(404)), "{path}");
    }
    for (method, path) in [("POST", "/sites"), ("DELETE", "/devices"), ("PUT", "/data-links")] {
        let answer = running.ask(method, &format!("{NMS}{path}"), &[("x-auth-token", Credentials::TOKEN)], "");
        assert_eq!((answer.status, answer.json()["statusCode"].as_u64()), (405, Some(405)), "{method} {path}");
    }
    assert_eq!(running.ask("GET", &format!("{NMS}/user/login"), &[], "").status, 405);
}

#[test]
fn queries_that_are_not_documented_are_refused() {
    let running = Running::new(&with_crm());
    for (query, wrong) in [
        ("/sites?typ=site", "typ"),
        ("/sites?type=tower", "type"),
        ("/sites?id=7", "id"),
        ("/sites?ip=tower", "ip"),
        ("/sites?ucrm=true", "ucrm"),
        ("/sites?ucrmDetails=yes", "ucrmDetails"),
        ("/sites?type=site&type=site", "type"),
        ("/devices?withInterfaces=on", "withInterfaces"),
        ("/devices?withinterfaces=true", "withinterfaces"),
        ("/devices?role=tower", "role"),
        ("/devices?type[]=airMax&type[]=airmax", "type[]"),
        ("/devices?siteId=1", "siteId"),
        ("/data-links?siteLinksOnly=2", "siteLinksOnly"),
        ("/data-links?limit=10", "limit"),
        ("/devices/ips?suspended=", "suspended"),
        ("/nms/version?x=1", "x"),
    ] {
        let answer = running.get(&format!("{NMS}{query}"));
        let body = answer.json();
        assert_eq!(
            (answer.status, &body["statusCode"], &body["error"]),
            (400, &400.into(), &"Bad Request".into()),
            "{query}"
        );
        assert_eq!(body["validation"]["keys"], serde_json::json!([wrong]), "{query}");
        assert!(body["message"].as_str().is_some_and(|message| message.contains(wrong)), "{body}");
    }
    for query in [
        "/clients?limt=10",
        "/clients?limit=0",
        "/clients?limit=all",
        "/clients?offset=-1",
        "/clients?order=name",
        "/clients?customAttributeKey=a",
        "/clients/services?statuses[]=9",
        "/clients/services?clientId=x",
        "/service-plans?servicePlanType=Internet",
        "/organizations?limit=1",
    ] {
        let answer = running.get(&format!("{CRM}{query}"));
        assert_eq!((answer.status, answer.json()["code"].as_u64()), (400, Some(400)), "{query}");
    }
}

#[test]
fn records_that_are_not_there() {
    let running = Running::new(&with_crm());
    for path in ["/sites/deadbeef-0000-4000-8000-000000000000", "/devices/deadbeef-0000-4000-8000-000000000000"] {
        assert_eq!(running.get(&format!("{NMS}{path}")).status, 404, "{path}");
    }
    assert_eq!(running.get(&format!("{NMS}/sites/7")).status, 400);
    assert_eq!(running.get(&format!("{NMS}/devices/none")).status, 400);
}

#[test]
fn people_log_in() {
    let running = Running::new(&with_crm());
    let json = [("content-type", "application/json")];
    let log_in = |body: &str| running.ask("POST", &format!("{NMS}/user/login"), &json, body);
    let body = |user: &str, password: &str| format!(r#"{{"username":"{user}","password":"{password}"}}"#);

    let answer = log_in(&body(Credentials::USER, Credentials::PASSWORD));
    let token = answer.header("x-auth-token").expect("the token is in the header");
    assert_eq!((answer.status, answer.json()["username"].as_str()), (200, Some(Credentials::USER)));
    let sites = |token: &str| running.ask("GET", &format!("{NMS}/sites"), &[("x-auth-token", token)], "").status;
    assert_eq!(sites(&token), 200);
    running.fake.end_sessions();
    assert_eq!(sites(&token), 401, "the session is over");
    let again = log_in(&body(Credentials::USER, Credentials::PASSWORD)).header("x-auth-token").expect("a new one");
    assert_eq!((sites(&again), again == token), (200, false));

    let second = log_in(&body(Credentials::TWO_FACTOR_USER, Credentials::PASSWORD));
    assert_eq!((second.status, second.header("x-auth-token")), (201, None));
    for field in ["id", "userId", "exp"] {
        assert!(second.json().get(field).is_some(), "{field}");
    }
    for (body, status) in [
        (body(Credentials::USER, "wrong"), 401),
        (body("nobody", Credentials::PASSWORD), 401),
        ("{}".to_owned(), 400),
        ("[]".to_owned(), 400),
        ("{".to_owned(), 400),
        (r#"{"username":"a","password":"b","pin":1}"#.to_owned(), 400),
        (r#"{"username":"a","password":"b","sessionTimeout":0}"#.to_owned(), 400),
        (r#"{"username":"a","password":"b","sessionTimeout":2592000001}"#.to_owned(), 400),
    ] {
        assert_eq!(log_in(&body).status, status, "{body}");
    }
    assert_eq!(running.ask("POST", &format!("{NMS}/user/login"), &[], "username=a").status, 415);
}

#[test]
fn a_network_changes_between_two_requests() {
    let network = Network::generate(&with_crm());
    let running = Running::with(Bodies::prepare(&network));
    let sites = || running.get(&format!("{NMS}/sites")).array().len();
    let before = sites();
    let mut smaller = Bodies::prepare(&network);
    smaller.retain(List::Sites, |site| site["identification"]["type"] == "site");
    running.fake.replace_after(2, smaller.clone());
    running.fake.replace_after(1, Bodies::empty(Billing::None));
    let counts: Vec<_> = (0..5).map(|_| sites()).collect();
    assert_eq!(counts, [before, before, before - 60, 0, 0]);
    running.fake.replace(smaller);
    assert_eq!(sites(), before - 60);
    assert_eq!(running.faults.requests_to(&format!("{NMS}/sites")), 7);
}

#[test]
fn credentials_change_while_it_runs() {
    let running = Running::new(&with_crm());
    running.fake.set_credentials(Credentials::default().reading("new", "newer"));
    assert_eq!(running.get(&format!("{NMS}/sites")).status, 401);
    assert_eq!(running.get(&format!("{CRM}/clients")).status, 401);
    assert_eq!(running.ask("GET", &format!("{NMS}/sites"), &[("x-auth-token", "new")], "").status, 200);
    assert_eq!(running.ask("GET", &format!("{CRM}/clients"), &[("x-auth-app-key", "newer")], "").status, 200);
}

#[test]
fn faults_are_around_it() {
    let running = Running::new(&with_crm());
    let whole = running.get(&format!("{NMS}/sites")).array().len();
    running.faults.set(&Faults::on(&format!("{NMS}/sites"), Fault::HalfMissing).and_on(CRM, Fault::BadGateway));
    assert_eq!(running.get(&format!("{CRM}/clients")).status, 502);
    assert_eq!(running.get(&format!("{NMS}/devices")).status, 200);
    let half = running.get(&format!("{NMS}/sites"));
    assert!(half.head.contains("transfer-encoding: chunked"), "its length is no longer known: {}", half.head);
    assert!(
        half.body.matches("\"qos\"").count() == whole.div_ceil(2),
        "{} of {whole}",
        half.body.matches("\"qos\"").count()
    );
}
