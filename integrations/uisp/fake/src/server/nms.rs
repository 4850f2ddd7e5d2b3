//! NMS v2.1, the network side, under `/nms/api/v2.1`.

use std::collections::HashSet;

use axum::Router;
use axum::extract::{Path, Query as Pairs, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::credentials::Scope;
use super::fake::Fake;
use super::query::{Holds, Parameter, Query, many, once};
use super::refusal::{Nms, Refusal, json_body};
use super::select::{Detail, all, one, some};
use super::session::log_in;
use crate::bodies::{Bodies, List};
use crate::ids::{Uuid, is_uuid};

/// The `type` of a device.
const TYPES: &[&str] = &[
    "onu",
    "olt",
    "uispp",
    "uispr",
    "uisps",
    "uispLte",
    "erouter",
    "eswitch",
    "epower",
    "airCube",
    "airMax",
    "airFiber",
    "toughSwitch",
    "solarBeam",
    "wave",
    "blackBox",
    "uisprlxc",
    "express",
];

/// The `role` of a device.
const ROLES: &[&str] = &[
    "ap",
    "gateway",
    "gpon",
    "convertor",
    "other",
    "ptp",
    "router",
    "server",
    "station",
    "switch",
    "ups",
    "wireless",
    "wired",
    "homeWiFi",
    "wirelessDevice",
];

type Answer = Result<Response, Nms>;

pub(super) fn routes(fake: Fake) -> Router {
    let closed = Router::new()
        .route("/sites", get(sites))
        .route("/sites/{id}", get(site))
        .route("/devices", get(devices))
        .route("/devices/ips", get(ips))
        .route("/devices/{id}", get(device))
        .route("/data-links", get(data_links))
        .route("/token", get(tokens))
        .method_not_allowed_fallback(wrong_method)
        .route_layer(middleware::from_fn_with_state(fake.clone(), authorize));
    let open = Router::new()
        .route("/user/login", post(log_in))
        .route("/nms/version", get(version))
        .route("/nms/heartbeat", get(heartbeat))
        .method_not_allowed_fallback(wrong_method);
    closed.merge(open).with_state(fake)
}

async fn wrong_method() -> Nms {
    Refusal::wrong_method().into()
}

/// 401 without a valid token, 403 where its scope does not suffice.
async fn authorize(State(fake): State<Fake>, request: Request, next: Next) -> Response {
    let token = request.headers().get("x-auth-token").and_then(|token| token.to_str().ok());
    let needed = if request.uri().path().ends_with("/token") { [Scope::Superadmin].as_slice() } else { READERS };
    match token.and_then(|token| fake.scope_of(token)) {
        None => Refusal::new(StatusCode::UNAUTHORIZED, "Unauthorized").into_nms(),
        Some(scope) if !needed.contains(&scope) => Refusal::new(StatusCode::FORBIDDEN, "Forbidden").into_nms(),
        Some(_) => next.run(request).await,
    }
}

const READERS: &[Scope] = &[Scope::Superadmin, Scope::Admin, Scope::Guest];

type Asked = Pairs<Vec<(String, String)>>;

fn check(Pairs(pairs): Asked, parameters: &[Parameter]) -> Result<Query, Refusal> {
    Query::check(pairs, parameters)
}

async fn sites(State(fake): State<Fake>, asked: Asked) -> Answer {
    let query = check(
        asked,
        &[
            many("id", Holds::Uuid),
            once("ip", Holds::Address),
            once("deviceId", Holds::Uuid),
            once("type", Holds::OneOf(&["site", "endpoint", "client", "subscriber"])),
            once("ucrm", Holds::Boolean),
            once("ucrmDetails", Holds::Boolean),
        ],
    )?;
    if query.flag("ucrm").is_some() && query.get("type").is_none() {
        return Err(Refusal::bad("ucrm", "can be used only with \"type\"").into());
    }
    let (bodies, detail) = (fake.next_bodies(), Detail::wanted(query.flag("ucrmDetails")));
    let records = bodies.records(List::Sites);
    if !query.has_any(&["id", "ip", "deviceId", "type", "ucrm"]) {
        return Ok(json_body(all(records, detail)));
    }
    let of_devices = sites_of_devices(&bodies, &query);
    let wanted = |site: &Value| {
        let id = site["identification"]["id"].as_str().unwrap_or_default();
        let is_site = site["identification"]["type"] == "site";
        let mut ids = query.all("id").peekable();
        (ids.peek().is_none() || ids.any(|wanted| wanted == id))
            && of_devices.as_ref().is_none_or(|sites| sites.contains(id))
            && query.get("type").is_none_or(|wanted| (wanted == "site") == is_site)
            && query.flag("ucrm").is_none_or(|wanted| wanted != site["ucrm"].is_null())
    };
    Ok(json_body(some(records, detail, wanted)))
}

/// The sites of the devices that `ip` or `deviceId` ask for, where they do.
fn sites_of_devices(bodies: &Bodies, query: &Query) -> Option<HashSet<String>> {
    if !query.has_any(&["ip", "deviceId"]) {
        return None;
    }
    let bare = |address: &str| address.split('/').next().unwrap_or_default().to_owned();
    let wanted = |device: &Value| {
        query.get("ip").is_none_or(|ip| device["ipAddress"].as_str().map(bare) == Some(bare(ip)))
            && query.get("deviceId").is_none_or(|id| device["identification"]["id"] == id)
    };
    let site = |device: Value| Some(device["identification"]["site"]["id"].as_str()?.to_owned());
    Some(bodies.values(List::Devices).filter(wanted).filter_map(site).collect())
}

async fn site(State(fake): State<Fake>, Path(id): Path<String>, asked: Asked) -> Answer {
    let query = check(asked, &[once("ucrmDetails", Holds::Boolean)])?;
    record(&fake, List::Sites, &id, Detail::wanted(query.flag("ucrmDetails")))
}

async fn device(State(fake): State<Fake>, Path(id): Path<String>, asked: Asked) -> Answer {
    check(asked, &[])?;
    record(&fake, List::Devices, &id, Detail::Head)
}

fn record(fake: &Fake, list: List, id: &str, detail: Detail) -> Answer {
    if !is_uuid(id) {
        return Err(Refusal::bad("id", "must be a valid GUID").into());
    }
    let bodies = fake.next_bodies();
    let found = one(bodies.records(list), detail, |record| record["identification"]["id"] == id);
    found.map(json_body).ok_or_else(|| Refusal::not_found().into())
}

async fn devices(State(fake): State<Fake>, asked: Asked) -> Answer {
    let query = check(
        asked,
        &[
            once("siteId", Holds::Uuid),
            once("withInterfaces", Holds::Boolean),
            once("authorized", Holds::Boolean),
            many("type", Holds::OneOf(TYPES)),
            many("role", Holds::OneOf(ROLES)),
        ],
    )?;
    let (bodies, detail) = (fake.next_bodies(), Detail::wanted(query.flag("withInterfaces")));
    let records = bodies.records(List::Devices);
    if !query.has_any(&["siteId", "authorized", "type", "role"]) {
        return Ok(json_body(all(records, detail)));
    }
    let wanted = |device: &Value| {
        let about = &device["identification"];
        let is_one_of = |name: &str| {
            let mut words = query.all(name).peekable();
            words.peek().is_none() || words.any(|word| about[name] == word)
        };
        query.get("siteId").is_none_or(|id| about["site"]["id"] == id)
            && query.flag("authorized").is_none_or(|wanted| about["authorized"].as_bool().unwrap_or(true) == wanted)
            && is_one_of("type")
            && is_one_of("role")
    };
    Ok(json_body(some(records, detail, wanted)))
}

async fn data_links(State(fake): State<Fake>, asked: Asked) -> Answer {
    let query = check(asked, &[once("siteLinksOnly", Holds::Boolean)])?;
    let bodies = fake.next_bodies();
    let records = bodies.records(List::DataLinks);
    let site = |link: &Value, side: &str| link[side]["site"]["identification"]["id"].clone();
    Ok(json_body(match query.flag("siteLinksOnly") {
        Some(true) => some(records, Detail::Whole, |link| site(link, "from") != site(link, "to")),
        _ => all(records, Detail::Whole),
    }))
}

/// Addresses of devices: those of clients, with `management` those of the network's own too.
async fn ips(State(fake): State<Fake>, asked: Asked) -> Answer {
    let query = check(
        asked,
        &[
            once("suspended", Holds::Boolean),
            once("management", Holds::Boolean),
            once("siteId", Holds::Uuid),
            once("ucrmId", Holds::Text),
            once("includeObsolete", Holds::Boolean),
        ],
    )?;
    let bodies = fake.next_bodies();
    let sites: HashSet<String> = bodies
        .values(List::Sites)
        .filter(|site| {
            let service = &site["ucrm"]["service"]["id"];
            let is_bound = |id: &str| service == id || service.as_u64().is_some_and(|number| number.to_string() == id);
            query.get("siteId").is_none_or(|id| site["identification"]["id"] == id)
                && query.get("ucrmId").is_none_or(is_bound)
                && (query.flag("suspended") != Some(true) || site["identification"]["suspended"] == true)
        })
        .filter_map(|site| Some(site["identification"]["id"].as_str()?.to_owned()))
        .collect();
    let address = |device: Value| {
        let site = device["identification"]["site"]["id"].as_str()?;
        let address = device["ipAddress"].as_str()?.split('/').next()?.to_owned();
        let is_listed = query.flag("management") == Some(true) || !address.starts_with("10.");
        let is_fresh = query.flag("includeObsolete") == Some(true) || device["overview"]["status"] != "disconnected";
        (sites.contains(site) && is_listed && is_fresh).then_some(address)
    };
    let addresses: Vec<_> = bodies.values(List::Devices).filter_map(address).collect();
    Ok(json_body(Value::from(addresses).to_string()))
}

async fn tokens(State(fake): State<Fake>, asked: Asked) -> Answer {
    check(asked, &[])?;
    let token = |(number, scope): (usize, Scope)| {
        json!({
            "id": Uuid::of(0, "token", number).to_string(), "name": format!("token {number}"), "lastIp": null,
            "createdAt": "2025-06-01T00:00:00.000Z", "lastUsed": null, "expiresAt": null, "maxExpiresAt": null,
            "scope": [scope.word()], "userId": null, "transient": false, "currentSession": false, "allIpsCount": 0,
        })
    };
    let tokens: Vec<_> = fake.tokens().into_iter().enumerate().map(token).collect();
    Ok(json_body(Value::from(tokens).to_string()))
}

async fn version(asked: Asked) -> Answer {
    check(asked, &[])?;
    let version = json!({
        "version": "2.4.206", "deployment": "docker", "build": "release.fake", "time": "2025-11-20T11:01:32+01:00",
    });
    Ok(json_body(version.to_string()))
}

async fn heartbeat(asked: Asked) -> Answer {
    check(asked, &[])?;
    Ok(json_body(json!({ "result": true, "message": "UISP is alive", "metadata": null }).to_string()))
}
