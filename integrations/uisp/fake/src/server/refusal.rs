//! Answers that say no, in the words of the side that was asked.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why a request is not answered.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
    /// The parameters or fields that are wrong.
    pub(super) fields: Vec<String>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), fields: Vec::new() }
    }

    /// A parameter or field that does not fit.
    pub(super) fn bad(field: &str, what: impl std::fmt::Display) -> Self {
        let message = format!("\"{field}\" {what}");
        Self { fields: vec![field.to_owned()], ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub(super) fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
    }

    /// As NMS says it: `{statusCode, error, message, validation}`.
    pub(super) fn into_nms(self) -> Response {
        let validation =
            if self.fields.is_empty() { Value::Null } else { json!({ "source": "query", "keys": self.fields }) };
        let body = json!({
            "statusCode": self.status.as_u16(),
            "error": self.status.canonical_reason(),
            "message": self.message,
            "validation": validation,
        });
        (self.status, json_body(body.to_string())).into_response()
    }

    /// As the CRM says it: `{code, message}`, with `errors` in a 422.
    pub(super) fn into_crm(self) -> Response {
        let mut body = json!({ "code": self.status.as_u16(), "message": self.message });
        if self.status == StatusCode::UNPROCESSABLE_ENTITY {
            body["errors"] =
                self.fields.iter().map(|field| (field.clone(), json!(["This value is not valid."]))).collect();
        }
        (self.status, json_body(body.to_string())).into_response()
    }
}

/// A refusal of the network side.
pub(super) struct Nms(Refusal);

/// A refusal of the billing side.
pub(super) struct Crm(Refusal);

impl From<Refusal> for Nms {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl From<Refusal> for Crm {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Nms {
    fn into_response(self) -> Response {
        self.0.into_nms()
    }
}

impl IntoResponse for Crm {
    fn into_response(self) -> Response {
        self.0.into_crm()
    }
}

/// JSON that is ready.
pub(super) fn json_body(body: impl Into<Body>) -> Response {
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    ([(CONTENT_TYPE, json)], body.into()).into_response()
}
