//! CRM v1.0, the billing side, under `/crm/api/v1.0`.

use axum::Router;
use axum::extract::{Query as Pairs, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::credentials::KeyType;
use super::fake::Fake;
use super::query::{Holds, Parameter, Query, many, once};
use super::refusal::{Crm, Refusal, json_body};
use super::select::{Choice, page};
use crate::bodies::List;
use crate::options::Billing;

type Answer = Result<Response, Crm>;
type Asked = Pairs<Vec<(String, String)>>;

const LIMIT: Parameter = once("limit", Holds::Number(1));
const OFFSET: Parameter = once("offset", Holds::Number(0));
const ORGANIZATION: Parameter = once("organizationId", Holds::Number(1));
const ATTRIBUTE_KEY: Parameter = once("customAttributeKey", Holds::Text);
const ATTRIBUTE_VALUE: Parameter = once("customAttributeValue", Holds::Text);

pub(super) fn routes(fake: Fake) -> Router {
    Router::new()
        .route("/version", get(version))
        .route("/organizations", get(organizations))
        .route("/clients", get(clients))
        .route("/clients/services", get(services))
        .route("/service-plans", get(service_plans))
        .method_not_allowed_fallback(|| async { Crm::from(Refusal::wrong_method()) })
        .route_layer(middleware::from_fn_with_state(fake.clone(), authorize))
        .with_state(fake)
}

/// 404 where there is no CRM, 401 without a valid key, 403 where its type does not suffice for the method.
async fn authorize(State(fake): State<Fake>, request: Request, next: Next) -> Response {
    if fake.bodies().billing() == Billing::None {
        return Refusal::not_found().into_nms();
    }
    let key = request.headers().get("x-auth-app-key").and_then(|key| key.to_str().ok());
    match key.and_then(|key| fake.key_type_of(key)) {
        None => Refusal::new(StatusCode::UNAUTHORIZED, "User authentication failed.").into_crm(),
        Some(KeyType::Read) if request.method() != Method::GET => {
            Refusal::new(StatusCode::FORBIDDEN, "App key is of wrong type.").into_crm()
        }
        Some(_) => next.run(request).await,
    }
}

fn check(Pairs(pairs): Asked, parameters: &[Parameter]) -> Result<Query, Refusal> {
    let query = Query::check(pairs, parameters)?;
    if query.get("customAttributeKey").is_some() != query.get("customAttributeValue").is_some() {
        let what = "has to be used alongside \"customAttributeValue\"";
        return Err(Refusal::bad("customAttributeKey", what));
    }
    Ok(query)
}

async fn version(asked: Asked) -> Answer {
    check(asked, &[])?;
    Ok(json_body(json!({ "version": "4.4.30" }).to_string()))
}

async fn organizations(State(fake): State<Fake>, asked: Asked) -> Answer {
    let query = check(asked, &[])?;
    Ok(json_body(page(fake.next_bodies().records(List::Organizations), &query, &Choice::default())))
}

async fn clients(State(fake): State<Fake>, asked: Asked) -> Answer {
    let query = check(
        asked,
        &[
            ORGANIZATION,
            once("userIdent", Holds::Text),
            ATTRIBUTE_KEY,
            ATTRIBUTE_VALUE,
            once("lead", Holds::Boolean),
            once("isArchived", Holds::Boolean),
            once("query", Holds::Text),
            LIMIT,
            OFFSET,
            once("order", Holds::OneOf(&["user.firstName", "user.lastName", "client.registrationDate", "client.id"])),
            once("direction", Holds::OneOf(&["ASC", "DESC"])),
        ],
    )?;
    let wanted = |client: &Value| {
        is_number(client, &query, "organizationId")
            && query.get("userIdent").is_none_or(|ident| client["userIdent"] == ident)
            && has_attribute(client, &query)
            && query.flag("lead").is_none_or(|lead| client["isLead"] == lead)
            && client["isArchived"] == query.flag("isArchived").unwrap_or(false)
            && query.get("query").is_none_or(|text| is_called(client, text))
    };
    let filters = ["organizationId", "userIdent", "customAttributeKey", "lead", "isArchived", "query"];
    let key = |client: &Value| match query.get("order").unwrap_or_default() {
        "user.firstName" => client["firstName"].as_str().unwrap_or_default().to_owned(),
        "user.lastName" => client["lastName"].as_str().unwrap_or_default().to_owned(),
        "client.registrationDate" => client["registrationDate"].as_str().unwrap_or_default().to_owned(),
        _ => format!("{:020}", client["id"].as_u64().unwrap_or_default()),
    };
    let choice = Choice {
        wanted: filter(&query, &filters, &wanted),
        key: query.get("order").is_some().then_some(&key as &dyn Fn(&Value) -> String),
        descending: query.get("direction") == Some("DESC"),
    };
    let bodies = fake.next_bodies();
    Ok(json_body(page(bodies.records(List::Clients), &query, &choice)))
}

async fn services(State(fake): State<Fake>, asked: Asked) -> Answer {
    let query = check(
        asked,
        &[
            ORGANIZATION,
            once("clientId", Holds::Number(1)),
            many("statuses", Holds::OneOf(&["0", "1", "2", "3", "4", "5", "6", "7", "8"])),
            once("prepaid", Holds::Boolean),
            once("hasOutage", Holds::Boolean),
            ATTRIBUTE_KEY,
            ATTRIBUTE_VALUE,
            LIMIT,
            OFFSET,
        ],
    )?;
    let wanted = |service: &Value| {
        let mut statuses = query.all("statuses").peekable();
        let is_wanted = |status: &str| service["status"].as_u64().is_some_and(|number| number.to_string() == status);
        query.number("organizationId").is_none_or(|organization| organization == 1)
            && is_number(service, &query, "clientId")
            && (statuses.peek().is_none() || statuses.any(is_wanted))
            && query.flag("prepaid").is_none_or(|prepaid| service["prepaid"].as_bool().unwrap_or(false) == prepaid)
            && query.flag("hasOutage").is_none_or(|outage| service["hasOutage"] == outage)
            && has_attribute(service, &query)
    };
    let filters = ["organizationId", "clientId", "statuses", "prepaid", "hasOutage", "customAttributeKey"];
    let choice = Choice { wanted: filter(&query, &filters, &wanted), ..Choice::default() };
    Ok(json_body(page(fake.next_bodies().records(List::Services), &query, &choice)))
}

async fn service_plans(State(fake): State<Fake>, asked: Asked) -> Answer {
    let query = check(
        asked,
        &[
            once("public", Holds::Boolean),
            once("prepaid", Holds::Boolean),
            once("servicePlanType", Holds::OneOf(&["internet", "general"])),
            once("servicePlanGroupId", Holds::Uuid),
            once("archived", Holds::Boolean),
            LIMIT,
            OFFSET,
        ],
    )?;
    let wanted = |plan: &Value| {
        let kind = plan["servicePlanType"].as_str().unwrap_or_default();
        ["public", "prepaid", "archived"].iter().all(|name| query.flag(name).is_none_or(|wanted| plan[*name] == wanted))
            && query.get("servicePlanType").is_none_or(|wanted| kind.eq_ignore_ascii_case(wanted))
            && query.get("servicePlanGroupId").is_none()
    };
    let filters = ["public", "prepaid", "servicePlanType", "servicePlanGroupId", "archived"];
    let choice = Choice { wanted: filter(&query, &filters, &wanted), ..Choice::default() };
    Ok(json_body(page(fake.next_bodies().records(List::ServicePlans), &query, &choice)))
}

/// The condition, where the query has one.
fn filter<'w>(query: &Query, names: &[&str], wanted: &'w dyn Fn(&Value) -> bool) -> Option<&'w dyn Fn(&Value) -> bool> {
    query.has_any(names).then_some(wanted)
}

fn is_number(record: &Value, query: &Query, field: &str) -> bool {
    query.number(field).is_none_or(|wanted| record[field].as_u64() == Some(wanted as u64))
}

fn has_attribute(record: &Value, query: &Query) -> bool {
    let (Some(key), Some(value)) = (query.get("customAttributeKey"), query.get("customAttributeValue")) else {
        return true;
    };
    let attributes = record["attributes"].as_array();
    attributes.is_some_and(|all| all.iter().any(|attribute| attribute["key"] == key && attribute["value"] == value))
}

fn is_called(client: &Value, text: &str) -> bool {
    let names = ["firstName", "lastName", "companyName"];
    let all: Vec<_> = names.iter().filter_map(|name| client[*name].as_str()).collect();
    all.join(" ").to_lowercase().contains(&text.to_lowercase())
}
