//! Answers that a faulty server gives instead of the true one.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde_json::json;

use crate::bomb::Bomb;
use crate::fault::Fault;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n\
    <body><form method=\"post\" action=\"/login\"><input name=\"username\"><input name=\"password\" type=\"password\">\
    <button>Sign in</button></form></body></html>\n";

const BAD_GATEWAY_PAGE: &str = "<html>\n<head><title>502 Bad Gateway</title></head>\n\
    <body>\n<center><h1>502 Bad Gateway</h1></center>\n<hr><center>nginx</center>\n</body>\n</html>\n";

/// The answer of a server with a fault that does not need the true one; nothing for the other faults.
pub(crate) fn instead(fault: &Fault, request: &Request) -> Option<Response> {
    Some(match fault {
        Fault::LoginPage => (StatusCode::OK, [(CONTENT_TYPE, HTML)], LOGIN_PAGE).into_response(),
        Fault::Unauthorized => complaint(StatusCode::UNAUTHORIZED, &sent_credentials(request.headers())),
        Fault::Forbidden => complaint(StatusCode::FORBIDDEN, &sent_credentials(request.headers())),
        Fault::NotFound => complaint(StatusCode::NOT_FOUND, "there is nothing of this name"),
        Fault::TooManyRequests { retry_after } => {
            let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
            let answer = complaint(StatusCode::TOO_MANY_REQUESTS, "too many requests");
            ([(RETRY_AFTER, HeaderValue::from(seconds))], answer).into_response()
        }
        Fault::ServerError => complaint(StatusCode::INTERNAL_SERVER_ERROR, "an internal server error occurred"),
        Fault::BadGateway => (StatusCode::BAD_GATEWAY, [(CONTENT_TYPE, HTML)], BAD_GATEWAY_PAGE).into_response(),
        Fault::ErrorObject => complaint(StatusCode::OK, "the database is being upgraded"),
        Fault::EmptyArray => ([(CONTENT_TYPE, JSON)], "[]").into_response(),
        Fault::RedirectElsewhere(address) => {
            redirect(StatusCode::FOUND, &format!("{}{}", address.trim_end_matches('/'), request.uri()))
        }
        Fault::RedirectToHttp => {
            let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
            redirect(StatusCode::MOVED_PERMANENTLY, &format!("http://{host}{}", path_and_query(request.uri())))
        }
        Fault::RedirectLoop => redirect(StatusCode::FOUND, path_and_query(request.uri())),
        Fault::GzipBomb => {
            let body = Body::from_stream(stream::iter(Bomb::new()).map(Ok::<_, std::convert::Infallible>));
            let gzip = HeaderValue::from_static("gzip");
            ([(CONTENT_TYPE, JSON), (CONTENT_ENCODING, gzip)], body).into_response()
        }
        _ => return None,
    })
}

fn complaint(status: StatusCode, message: &str) -> Response {
    let body = json!({"statusCode": status.as_u16(), "error": status.canonical_reason(), "message": message});
    (status, [(CONTENT_TYPE, JSON)], body.to_string()).into_response()
}

fn redirect(status: StatusCode, location: &str) -> Response {
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("http://elsewhere.example/"));
    (status, [(LOCATION, location), (CONTENT_TYPE, HTML)], "<a href=\"#\">moved</a>\n").into_response()
}

fn path_and_query(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |path| path.as_str())
}

/// What a careless server repeats of the credentials it does not like.
fn sent_credentials(headers: &HeaderMap) -> String {
    let names = [AUTHORIZATION, HeaderName::from_static("x-auth-token"), HeaderName::from_static("x-auth-app-key")];
    let sent = names.iter().filter_map(|name| headers.get(name)?.to_str().ok()).collect::<Vec<_>>();
    format!("these credentials may not do this: {}", sent.join(", "))
}
