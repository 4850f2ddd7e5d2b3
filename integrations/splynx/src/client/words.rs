//! What Splynx says when it refuses, and what to do about it.

use pleach_source::FetchError;
use serde_json::Value;

use crate::list::List;

/// Explains a refusal of the key itself.
pub(crate) fn of_key(error: FetchError) -> FetchError {
    explained(error, |status, code| match (status, code) {
        (403, _) => {
            "the key may not be used from the address of this host: add it to the addresses that the key allows"
                .to_owned()
        }
        _ => key_hint(code),
    })
}

/// Explains a refusal of a login.
pub(crate) fn of_login(error: FetchError) -> FetchError {
    of_key(error)
}

/// Explains a refusal of a list.
pub(crate) fn of_list(error: FetchError, list: List) -> FetchError {
    explained(error, |status, code| match (status, code) {
        (_, "NOT_ALLOWED_BY_PARTNER_RESTRICTION") => "let the API key see all partners".to_owned(),
        (403 | 405, _) => {
            let grant =
                format!("let the API key view *{}* (Administration → API keys → Permissions)", list.permission());
            if list.can_be_missed() { format!("{grant}, or do without: `without = [\"{list}\"]`") } else { grant }
        }
        (404, _) if list.can_be_missed() => {
            format!("this Splynx may be too old to have it: update it, or do without: `without = [\"{list}\"]`")
        }
        (404, _) => "check that the address is that of Splynx, and that its API is version 2.0".to_owned(),
        (401, code) => key_hint(code),
        _ => "Splynx does not take the request: check its version, and tell the makers of Pleach".to_owned(),
    })
}

fn key_hint(code: &str) -> String {
    let text = match code {
        "MISSED_AUTHORIZATION_HEADER" => "what stands before Splynx drops the header `Authorization`: let it through",
        "IP_CHANGED" => "requests of this host reach Splynx from several addresses: let them leave by one",
        "USER_AGENT_CHANGED" => "what stands before Splynx changes the header `User-Agent`: let it through",
        "TOKEN_BANNED" => "the token was revoked in Splynx: the next run buys another one",
        "INVALID_AUTH_TYPE" => "this Splynx does not know this way to authenticate: set `auth` to another",
        _ => {
            "check `key` and `secret`; with `auth = \"basic\"` the key needs *Unsecure access*, and otherwise nothing else may \
             use the key, nor another way with it: its numbers may only grow"
        }
    };
    text.to_owned()
}

/// An error that says what Splynx said. What may pass by itself stays as it is.
fn explained(error: FetchError, hint: impl FnOnce(u16, &str) -> String) -> FetchError {
    let FetchError::Status { asked, status, beginning, .. } = &error else { return error };
    if !(400..500).contains(status) || *status == 429 {
        return error;
    }
    let said = beginning.to_string();
    let (message, code) = envelope(said.trim_matches('`')).unwrap_or((said, String::new()));
    let code_words = if code.is_empty() { String::new() } else { format!(" ({code})") };
    FetchError::Unusable {
        address: asked.address.clone(),
        reason: format!("Splynx refuses, status {status}: {message}{code_words}"),
        hint: hint(*status, &code),
    }
}

/// Message and code of `{"error":{"message":…,"code":…,"internal_code":…}}`.
fn envelope(text: &str) -> Option<(String, String)> {
    let json: Value = serde_json::from_str(text).ok()?;
    let error = json.get("error")?;
    let field = |name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
    Some((format!("`{}`", field("message")?), field("internal_code").unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_are_opened() {
        let text = r#"{"error":{"message":"Method is disabled!","code":405,"internal_code":"METHOD_DISABLED"}}"#;
        assert_eq!(envelope(text), Some(("`Method is disabled!`".to_owned(), "METHOD_DISABLED".to_owned())));
        assert_eq!(envelope(r#"{"error":{"message":"No"}}"#), Some(("`No`".to_owned(), String::new())));
        for other in ["", "<html>", "{}", r#"{"error":"no"}"#, r#"{"error":{"message":"cut"#] {
            assert_eq!(envelope(other), None, "{other}");
        }
    }
}
