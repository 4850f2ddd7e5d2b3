//! Hooks: what Splynx sends of its own accord when something changes.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::hex;

/// Whether a hook's body is signed with this secret. `signature` is the header `X-Splynx-Signature`: HMAC-SHA1 of the body as
/// it came, in hexadecimal digits. The comparison takes the same time for every signature.
pub fn is_signed(body: &[u8], secret: &str, signature: &str) -> bool {
    let Some(signature) = hex::bytes(signature.trim()) else { return false };
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("invariant: HMAC takes a key of any length");
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &str = "165721a33b3490a716891fa39b60339056a0d594";

    #[test]
    fn the_signature_is_that_of_the_reference() {
        let body = br#"{"type":"event"}"#;
        assert!(is_signed(body, "webhook-secret", SIGNATURE));
        assert!(is_signed(body, "webhook-secret", &SIGNATURE.to_uppercase()));
        assert!(!is_signed(br#"{"type":"other"}"#, "webhook-secret", SIGNATURE));
        assert!(!is_signed(body, "another secret", SIGNATURE));
        for wrong in ["", "1", "zz", &SIGNATURE[..38], &SIGNATURE[..39], &format!("{SIGNATURE}00"), "é65721"] {
            assert!(!is_signed(body, "webhook-secret", wrong), "{wrong}");
        }
    }
}
