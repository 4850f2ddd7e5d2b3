//! Text of others with the secrets taken out.

use serde_json::Value;
use url::form_urlencoded::{byte_serialize, parse};
use url::{Position, Url};

use super::text::{MASK, Secret};

/// Takes secrets out of addresses and texts: those it knows, and values whose names say that they are secret.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redactor(Vec<Secret>);

/// How much of a text is quoted, in characters.
const QUOTED: usize = 200;

/// What the name of a secret has in it, whatever stands around it.
const SECRET_NAMES: [&str; 11] =
    ["token", "secret", "passw", "pwd", "apikey", "api_key", "api-key", "app-key", "credential", "signature", "auth"];

/// What a secret may be called as a whole.
const WHOLE_SECRET_NAMES: [&str; 4] = ["key", "pass", "sid", "session"];

/// The shortest part of a header that is taken for a secret by itself: `Basic` is none.
const SHORTEST_PART: usize = 6;

impl Redactor {
    /// Takes out this secret too, and each part of it that could be repeated alone: of `Basic QWxh…` what follows `Basic`.
    pub(crate) fn hide(&mut self, secret: &Secret) {
        let text = secret.expose();
        let parts = text.split([' ', ',', '(', ')', '&', '=', '"']).filter(|part| part.len() >= SHORTEST_PART);
        for form in parts.chain([text]).flat_map(written_forms) {
            if !form.is_empty() && !self.0.iter().any(|known| known.expose() == form) {
                self.0.push(Secret::new(form));
            }
        }
        self.0.sort_by_key(|known| std::cmp::Reverse(known.expose().len())); // a part must not spoil the whole
    }

    /// How many bytes of a text must be there so that no secret is cut in what is quoted of it.
    pub(crate) fn needed(&self) -> usize {
        4 * QUOTED + self.0.iter().map(|secret| secret.expose().len()).max().unwrap_or_default()
    }

    /// A text without secrets.
    pub(crate) fn clean(&self, text: &str) -> String {
        mask_named(&self.known(text))
    }

    /// An address without user, password, secrets, and values of parameters whose names say that they are secret. What is left
    /// is as it was.
    pub(crate) fn address(&self, address: &Url) -> String {
        let mut shown = address.clone();
        let _ = (shown.set_username(""), shown.set_password(None)); // fails for addresses that have neither
        shown.set_fragment(None);
        shown.set_query(None);
        let path: Vec<String> = shown.path().split('/').map(|segment| self.component(segment)).collect();
        let text = format!("{}{}", self.known(&shown[..Position::BeforePath]), path.join("/"));
        let pairs = address.query().map(|query| {
            query.split('&').map(|pair| match pair.split_once('=') {
                Some((name, _)) if is_secret_name(&decoded(name)) => format!("{name}={MASK}"),
                Some((name, value)) => format!("{}={}", self.component(name), self.component(value)),
                None => self.component(pair),
            })
        });
        match pairs {
            Some(pairs) => format!("{text}?{}", pairs.collect::<Vec<_>>().join("&")),
            None => text,
        }
    }

    /// A part of an address without known secrets, however they are written in it.
    fn component(&self, part: &str) -> String {
        let forms = [decoded(part), decoded(&part.replace('+', "%2B"))];
        let hidden = |form: &String| self.0.iter().any(|secret| form.contains(secret.expose()));
        let known = self.known(part);
        if known == part && forms.iter().any(hidden) { MASK.to_owned() } else { known }
    }

    /// A text without known secrets.
    fn known(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose(), MASK))
    }

    /// What was meant for an address and is none: without what could be a password.
    pub(crate) fn clean_address(&self, text: &str) -> String {
        let clean = self.clean(text);
        match clean.rsplit_once('@') {
            Some((_, host)) => format!("{MASK}@{host}"),
            None => clean,
        }
    }

    /// The beginning of a body, on one line, without secrets: up to 200 characters.
    pub(crate) fn quote(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(self.needed())]);
        let clean = self.clean(&text);
        let mut line = String::new();
        for word in clean.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        match line.char_indices().nth(QUOTED) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }
}

/// A part of a query as it was before it was encoded.
fn decoded(part: &str) -> String {
    let name = format!("a={part}");
    let (_, value) = parse(name.as_bytes()).next().unwrap_or_default();
    value.into_owned()
}

/// A text as it is, in a query, in JSON, and in JSON of PHP, which escapes slashes.
fn written_forms(text: &str) -> [String; 4] {
    let json = Value::from(text).to_string();
    let json = json.trim_start_matches('"').trim_end_matches('"').to_owned();
    let slashes = json.replace('/', "\\/");
    [text.to_owned(), byte_serialize(text.as_bytes()).collect(), json, slashes]
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WHOLE_SECRET_NAMES.contains(&name.as_str()) || SECRET_NAMES.iter().any(|part| name.contains(part))
}

/// Masks what follows a secret's name and `:` or `=`: in JSON, in a query, in a header, in a form of HTML.
fn mask_named(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find([':', '=']) {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        rest = after;
        let name = before[..at].trim_end().trim_end_matches(['"', '\'', '\\']);
        let name = name.rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).next().unwrap_or_default();
        if is_secret_name(name) {
            let value = after.trim_start_matches([' ', '\t', '"', '\'', '\\']);
            let opened = &after[..after.len() - value.len()];
            let ends: &[char] =
                if opened.contains(['"', '\'']) { &['"', '\''] } else { &['&', ',', ';', '}', '<', '\n', '\r', '"'] };
            let end = value.find(ends).unwrap_or(value.len());
            if end > 0 && !value.starts_with(['[', '{']) {
                out.push_str(opened);
                out.push_str(MASK);
                rest = &value[end..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor(secrets: &[&str]) -> Redactor {
        let mut redactor = Redactor::default();
        for secret in secrets {
            redactor.hide(&Secret::new(*secret));
        }
        redactor
    }

    #[test]
    fn known_secrets_go_wherever_they_stand() {
        let redactor = redactor(&["Basic QWxhZGRpbjpvcGVu==", "a b&c/d"]);
        assert_eq!(redactor.clean("got Basic QWxhZGRpbjpvcGVu== from you"), "got *** from you");
        assert_eq!(redactor.clean("cannot decode QWxhZGRpbjpvcGVu==."), "cannot decode ***==.");
        assert_eq!(redactor.clean(r#"<p>a b&c/d, a+b%26c%2Fd, "a b&c\/d"</p>"#), r#"<p>***, ***, "***"</p>"#);
        assert_eq!(redactor.clean("Basic"), "Basic");
    }

    #[test]
    fn named_secrets_go_unknown_or_not() {
        let clean = |text| redactor(&[]).clean(text);
        for (text, cleaned) in [
            (r#"{"access_token": "ab\u0020c", "id": 7}"#, r#"{"access_token": "***", "id": 7}"#),
            (r#"{"radius_secret":"x","token":null}"#, r#"{"radius_secret":"***","token":***}"#),
            ("x-auth-token: abc\nDate: today", "x-auth-token: ***\nDate: today"),
            ("?a=1&api_key=K&b=2", "?a=1&api_key=***&b=2"),
            ("key=K&nonce=N&signature=S)", "key=***&nonce=N&signature=***"),
            (r#"{\"password\":\"p w\"}"#, r#"{\"password\":\"***"}"#),
            (r#"{"tokens":[1,2],"monkey":"yes"}"#, r#"{"tokens":[1,2],"monkey":"yes"}"#),
            ("a=b:c==d", "a=b:c==d"),
        ] {
            assert_eq!(clean(text), cleaned);
        }
    }

    #[test]
    fn addresses_are_shown_without() {
        let show = |text: &str| redactor(&["r-777"]).address(&text.parse().expect("an address"));
        assert_eq!(show("https://me:pw@uisp.example/a?b=c+d&api_key=k#f"), "https://uisp.example/a?b=c+d&api_key=***");
        assert_eq!(show("https://h.example:8443/tokens/r-777"), "https://h.example:8443/tokens/***");
        assert_eq!(show("http://h.example/"), "http://h.example/");
        assert_eq!(show("http://h.example/a%20b?&x&=y&c=%2B+"), "http://h.example/a%20b?&x&=y&c=%2B+");
        let redactor = redactor(&["a/b+c=="]);
        for text in ["a/b+c==", "a%2Fb%2Bc%3D%3D", "a/b%2bc%3D=", "x%61/b+c=="] {
            let show = |text: String| redactor.address(&text.parse().expect("an address"));
            let shown = show(format!("http://h.example/?q={text}"));
            assert!(shown.ends_with("***") && !shown.contains('+') && !shown.contains("b%2"), "{shown}");
            let shown = show(format!("http://h.example/{}", text.replace('/', "%2F")));
            assert!(shown.ends_with("***") && !shown.contains('+') && !shown.contains("b%2"), "{shown}");
        }
    }

    #[test]
    fn a_quote_is_one_line_and_no_secret_is_cut() {
        let secret = "s".repeat(300);
        let redactor = redactor(&[&secret]);
        assert_eq!(redactor.quote(b"<html>\n  <head>\x07\r\n"), "<html> <head>");
        assert_eq!(redactor.quote("\u{1f5fc}".repeat(300).as_bytes()).chars().count(), 201);
        let text = format!("{}{secret}", "x".repeat(150));
        assert_eq!(redactor.quote(text.as_bytes()), format!("{}***", "x".repeat(150)));
        assert_eq!(redactor.quote(&[0xff, b'a']), "\u{fffd}a");
    }
}
