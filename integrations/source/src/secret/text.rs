//! A secret that does not show itself.

use std::fmt;

use serde::{Serialize, Serializer};

/// A token, a key, a password: it is only seen by whoever calls [`Secret::expose`]. Printed, logged or serialized it is `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What stands for a secret wherever one would be printed.
pub const MASK: &str = "***";

impl Secret {
    /// Takes a text as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself: for the header or the body that it is sent in, and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_show_itself() {
        let secret = Secret::new("tok-1");
        let shown = [format!("{secret}"), format!("{secret:?}"), format!("{:#?}", Some(&secret))];
        assert!(shown.iter().all(|text| text.contains(MASK) && !text.contains("tok-1")), "{shown:?}");
        assert_eq!(serde_json::to_string(&secret).expect("a string"), "\"***\"");
        assert_eq!(secret.expose(), "tok-1");
    }
}
