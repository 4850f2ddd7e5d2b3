//! `POST /user/login` of NMS.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::fake::Fake;
use super::refusal::{Nms, Refusal, json_body};
use crate::ids::Uuid;

/// The longest session, in milliseconds: 30 days.
const LONGEST_SESSION: u64 = 2_592_000_000;

/// Takes `{username, password[, sessionTimeout]}`. Answers 200 with the user and the token in the header `x-auth-token`, or 201
/// where a second factor is asked for.
pub(super) async fn log_in(State(fake): State<Fake>, headers: HeaderMap, body: Bytes) -> Result<Response, Nms> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/json") {
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type").into());
    }
    let body: Value = serde_json::from_slice(&body)
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "Invalid request payload JSON format"))?;
    let fields = body.as_object().ok_or_else(|| Refusal::bad("value", "must be an object"))?;
    if let Some(other) = fields.keys().find(|key| !["username", "password", "sessionTimeout"].contains(&key.as_str())) {
        return Err(Refusal::bad(other, "is not allowed").into());
    }
    let text = |field: &str| body[field].as_str().ok_or_else(|| Refusal::bad(field, "is required"));
    let timeout = &body["sessionTimeout"];
    if !timeout.is_null() && !timeout.as_u64().is_some_and(|timeout| (1..=LONGEST_SESSION).contains(&timeout)) {
        return Err(Refusal::bad("sessionTimeout", format!("must be a number from 1 to {LONGEST_SESSION}")).into());
    }
    let name = text("username")?;
    let user = fake.user(name, text("password")?);
    let user = user.ok_or_else(|| Refusal::new(StatusCode::UNAUTHORIZED, "Invalid username or password"))?;
    let id = Uuid::of(0, name, 0).to_string();
    let Some(scope) = user.scope else {
        let body = json!({ "id": Uuid::of(0, name, 1).to_string(), "userId": id, "exp": 1_769_600_000_000_u64 });
        return Ok((StatusCode::CREATED, json_body(body.to_string())).into_response());
    };
    let record = json!({
        "id": id, "username": name, "email": format!("{name}@example.com"), "firstName": null, "lastName": null,
        "role": scope.word(), "totpAuthEnabled": false, "isSsoLoginEnabled": false, "isLocalLoginEnabled": true,
        "forceChangePassword": false, "sessionTimeout": if timeout.is_null() { json!(3_600_000) } else { timeout.clone() },
        "ucrmId": null, "ucrmRole": null, "enabled": true,
    });
    Ok(([("x-auth-token", fake.begin_session(scope))], json_body(record.to_string())).into_response())
}
