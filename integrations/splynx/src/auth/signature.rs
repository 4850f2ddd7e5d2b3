//! Signed requests: each has a number that is larger than the last one's, signed with the secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use url::form_urlencoded;

use crate::hex;

/// The signature of a nonce: HMAC-SHA256 of nonce and key with the secret, in upper-case hexadecimal digits.
pub fn sign(key: &str, nonce: u64, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("invariant: HMAC takes a key of any length");
    mac.update(nonce.to_string().as_bytes());
    mac.update(key.as_bytes());
    hex::digits(&mac.finalize().into_bytes()).to_ascii_uppercase()
}

/// The `Authorization` of a request with this nonce.
pub fn signed(key: &str, nonce: u64, secret: &str) -> String {
    let fields = form_urlencoded::Serializer::new(String::new())
        .append_pair("key", key)
        .append_pair("nonce", &nonce.to_string())
        .append_pair("signature", &sign(key, nonce, secret))
        .finish();
    format!("Splynx-EA ({fields})")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";
    const SECRET: &str = "fedcba9876543210fedcba9876543210";

    #[test]
    fn signatures_are_those_of_the_reference() {
        let hundredths = "2B5F91E8877EA31C2247010E09CB8DAC0AF855890C07A401199C6071754EA260";
        let seconds = "47A48C4923DD26E4C6BB6C46D2E01749F198DC7BBA4251C05081529C3B3C6476";
        assert_eq!(sign(KEY, 176_360_000_000, SECRET), hundredths);
        assert_eq!(sign(KEY, 1_763_600_000, SECRET), seconds);
        let header = format!("Splynx-EA (key={KEY}&nonce=176360000000&signature={hundredths})");
        assert_eq!(signed(KEY, 176_360_000_000, SECRET), header);
    }
}
