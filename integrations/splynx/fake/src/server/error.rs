//! Complaints, as the API words them.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A complaint: its HTTP status, its code, and what it says to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Complaint {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn unauthorized(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_INPUT_DATA", message)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "Requested entity not found.")
    }
}

impl IntoResponse for Complaint {
    fn into_response(self) -> Response {
        let body = json!({
            "error": {"message": self.message, "code": self.status.as_u16(), "internal_code": self.code}
        });
        (self.status, [(CONTENT_TYPE, "application/json; charset=UTF-8")], body.to_string()).into_response()
    }
}
