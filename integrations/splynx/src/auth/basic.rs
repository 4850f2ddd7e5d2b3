//! HTTP Basic, which Splynx takes where the key has *Unsecure access*.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The `Authorization` of a key and its secret (RFC 7617).
pub fn basic(key: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{key}:{secret}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_and_secret_in_base64() {
        assert_eq!(basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="); // the example of RFC 7617
    }
}
