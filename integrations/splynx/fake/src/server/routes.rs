//! What is asked where.

use std::net::IpAddr;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State as Extract};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use pleach_fault::Line;
use serde_json::{Value, json};

use super::auth::From;
use super::error::Complaint;
use super::list;
use super::query::Query;
use super::state::{Fake, State};
use crate::database::Table;

const BELOW: &str = "/api/2.0/admin/";

/// The largest body of a login.
const LARGEST_BODY: usize = 1 << 16;

/// A router that answers as this server.
pub fn router(fake: &Fake) -> Router {
    Router::new().fallback(answer).with_state(fake.clone())
}

async fn answer(Extract(fake): Extract<Fake>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix(BELOW).unwrap_or("").to_owned();
    fake.state().begin(format!("{} {path}", parts.method));
    let body = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    tokio::task::yield_now().await; // so that requests sent together are seen together
    let address = parts.extensions.get::<ConnectInfo<Line>>().and_then(|ConnectInfo(line)| line.peer());
    let caller = caller(&parts.headers, fake.state().seen_at.or(address));
    let asked = Asked {
        method: &parts.method,
        path: &path,
        query: parts.uri.query().unwrap_or(""),
        authorization: parts.headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok()),
        caller,
        body,
    };
    let mut state = fake.state();
    let answered = asked.answer(&mut state);
    state.end();
    drop(state);
    answered.unwrap_or_else(Complaint::into_response)
}

fn caller(headers: &HeaderMap, address: Option<IpAddr>) -> From {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    From { address, user_agent: agent.unwrap_or("").to_owned() }
}

struct Asked<'r> {
    method: &'r Method,
    path: &'r str,
    query: &'r str,
    authorization: Option<&'r str>,
    caller: From,
    body: Bytes,
}

impl Asked<'_> {
    fn answer(&self, state: &mut State) -> Result<Response, Complaint> {
        if self.path == "api/check" {
            return self.check(state);
        }
        if let Some(token) = self.path.strip_prefix("auth/tokens") {
            return self.token(state, token.trim_start_matches('/'));
        }
        let (table, customer) = self.table().ok_or_else(Complaint::not_found)?;
        state.callers.check(self.authorization, &self.caller, state.now())?;
        if !state.callers.key.may_view.contains(&table) {
            return Err(Complaint::new(StatusCode::FORBIDDEN, "FORBIDDEN", "You don't have permission to do action."));
        }
        self.list(state, table, customer)
    }

    /// The list that is asked for, and of which customer: services are asked for by customer, or with 0 for all.
    fn table(&self) -> Option<(Table, Option<u64>)> {
        let services =
            self.path.strip_prefix("customers/customer/").and_then(|rest| rest.strip_suffix("/internet-services"));
        if let Some(customer) = services {
            let customer: u64 = customer.parse().ok()?;
            return Some((Table::Services, (customer > 0).then_some(customer)));
        }
        Table::ALL.into_iter().find(|table| table.path() == self.path).map(|table| (table, None))
    }

    fn list(&self, state: &mut State, table: Table, customer: Option<u64>) -> Result<Response, Complaint> {
        let mut query = Query::read(self.query)?;
        if table == Table::Services && customer.is_none() && query.filters.is_empty() {
            return Err(Complaint::bad_request("At least one search parameter is required."));
        }
        if let Some(customer) = customer {
            query.filters.push(("customer_id".to_owned(), "=".to_owned(), vec![customer.to_string()]));
        }
        if self.method == Method::GET {
            state.before_page(table);
        }
        let State { database, filtered, largest_page, .. } = state;
        let wanted = filtered.rows(database, table, &query)?;
        let by = [
            ("SpL-Administrator-Id", "1"),
            ("SpL-Administrator-Role", "super-administrator"),
            ("SpL-Administrator-Partner", "0"),
        ];
        match *self.method {
            Method::HEAD => {
                Ok((StatusCode::NO_CONTENT, by, [("X-total-count", wanted.len().to_string())]).into_response())
            }
            Method::GET => {
                let body = list::page(database.rows(table), &wanted, &query, *largest_page);
                Ok((by, [(CONTENT_TYPE, "application/json; charset=UTF-8")], body).into_response())
            }
            _ => Err(Complaint::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_DISABLED", "Method is disabled!")),
        }
    }

    fn check(&self, state: &mut State) -> Result<Response, Complaint> {
        if self.query.contains("checkAuth=true") {
            state.callers.check(self.authorization, &self.caller, state.now())?;
        }
        Ok(json_answer(StatusCode::OK, &json!({"status": "ok", "message": "API is valid", "same_server": 0})))
    }

    fn token(&self, state: &mut State, refresh: &str) -> Result<Response, Complaint> {
        let (now, lifetime) = (state.now(), state.token_lifetime);
        match (self.method, refresh) {
            (&Method::POST, "") => {
                let body: Value = serde_json::from_slice(&self.body).map_err(|_| Complaint::bad_request("no JSON"))?;
                let token = state.callers.login(&body, &self.caller, now, lifetime)?;
                Ok(json_answer(StatusCode::CREATED, &token))
            }
            (&Method::GET, refresh) if !refresh.is_empty() => {
                let token = state.callers.renew(refresh, &self.caller, now, lifetime)?;
                Ok(json_answer(StatusCode::OK, &token))
            }
            _ => Err(Complaint::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_DISABLED", "Method is disabled!")),
        }
    }
}

fn json_answer(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json; charset=UTF-8")], body.to_string()).into_response()
}
