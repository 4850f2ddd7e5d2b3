//! The fingerprint of a certificate.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The SHA-256 of a certificate as the server sends it (DER), and so of one certificate: when it is renewed, the pin is too.
///
/// That is what browsers show, and `openssl x509 -noout -fingerprint -sha256`. It is read with or without colons and `sha256:`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pin([u8; 32]);

/// Text that is no fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no SHA-256 of a certificate: it has 32 bytes as hexadecimal, as `AB:CD:…`")]
pub struct PinError(String);

impl Pin {
    /// The fingerprint of a certificate.
    pub(crate) fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let error = || PinError(text.to_owned());
        let lower = text.trim().to_ascii_lowercase();
        let hex: Vec<u8> =
            lower.strip_prefix("sha256:").unwrap_or(&lower).bytes().filter(|byte| *byte != b':').collect();
        let mut bytes = [0; 32];
        if hex.len() != 2 * bytes.len() {
            return Err(error());
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks(2)) {
            let pair = str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
            *byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or_else(error)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02X}", if index == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({self})")
    }
}

impl Serialize for Pin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_as_tools_write_it() {
        let pin = Pin::of(b"abc"); // FIPS 180-4, its first example
        let plain = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let shown = "BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD";
        assert_eq!(pin.to_string(), shown);
        for text in [plain, shown, &format!("sha256:{plain}"), &format!(" SHA256:{shown} ")] {
            assert_eq!(text.parse(), Ok(pin), "{text}");
        }
        for text in ["", "AB:CD", &plain[1..], &plain.replace("ba", "+a"), &plain.replace("ba", "é")] {
            assert!(text.parse::<Pin>().is_err(), "{text}");
        }
    }
}
