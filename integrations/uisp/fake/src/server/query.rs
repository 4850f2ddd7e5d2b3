//! Queries, checked against what an endpoint documents: names and values that it does not list are refused.

use std::net::IpAddr;

use super::refusal::Refusal;
use crate::ids::is_uuid;

/// A parameter that an endpoint documents.
pub(super) struct Parameter {
    name: &'static str,
    holds: Holds,
    times: Times,
}

/// What the value of a parameter is.
pub(super) enum Holds {
    Text,
    Boolean,
    Uuid,
    /// An address, maybe with a prefix length.
    Address,
    /// A whole number of at least this.
    Number(usize),
    OneOf(&'static [&'static str]),
}

#[derive(PartialEq)]
enum Times {
    Once,
    Many,
}

pub(super) const fn once(name: &'static str, holds: Holds) -> Parameter {
    Parameter { name, holds, times: Times::Once }
}

/// Repeated as `name=a&name=b` or `name[]=a&name[]=b`.
pub(super) const fn many(name: &'static str, holds: Holds) -> Parameter {
    Parameter { name, holds, times: Times::Many }
}

/// A query that fits its endpoint.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn check(pairs: Vec<(String, String)>, parameters: &[Parameter]) -> Result<Self, Refusal> {
        let mut seen: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs {
            let bare = name.strip_suffix("[]").unwrap_or(&name);
            let known = parameters.iter().find(|parameter| parameter.name == bare);
            let parameter = known.ok_or_else(|| Refusal::bad(&name, "is not allowed"))?;
            if parameter.times == Times::Once && (bare != name || seen.iter().any(|(other, _)| other == bare)) {
                return Err(Refusal::bad(&name, "must be a single value"));
            }
            parameter.holds.check(&value).map_err(|what| Refusal::bad(&name, what))?;
            seen.push((bare.to_owned(), value));
        }
        Ok(Self(seen))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| matches!(value, "true" | "1"))
    }

    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.get(name).and_then(|value| value.parse().ok())
    }

    /// Whether one of these was given.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        self.0.iter().any(|(name, _)| names.contains(&name.as_str()))
    }
}

impl Holds {
    fn check(&self, value: &str) -> Result<(), String> {
        let (fits, what) = match self {
            Self::Text => (!value.is_empty(), "is not allowed to be empty".to_owned()),
            Self::Boolean => (matches!(value, "true" | "false" | "0" | "1"), "must be a boolean".to_owned()),
            Self::Uuid => (is_uuid(value), "must be a valid GUID".to_owned()),
            Self::Address => {
                let bare = value.split_once('/').map_or(value, |(address, _)| address);
                (bare.parse::<IpAddr>().is_ok(), "must be a valid ip address".to_owned())
            }
            Self::Number(least) => {
                let fits = value.parse::<usize>().is_ok_and(|number| number >= *least);
                (fits, format!("must be a number of at least {least}"))
            }
            Self::OneOf(words) => (words.contains(&value), format!("must be one of [{}]", words.join(", "))),
        };
        if fits { Ok(()) } else { Err(what) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMETERS: [Parameter; 3] =
        [once("limit", Holds::Number(1)), many("type", Holds::OneOf(&["olt", "onu"])), once("ucrm", Holds::Boolean)];

    fn check(pairs: &[(&str, &str)]) -> Result<Query, String> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Query::check(pairs, &PARAMETERS).map_err(|refusal| refusal.message)
    }

    #[test]
    fn what_fits_is_read() {
        let query = check(&[("type", "olt"), ("type[]", "onu"), ("limit", "50"), ("ucrm", "true")]).expect("it fits");
        assert_eq!(query.all("type").collect::<Vec<_>>(), ["olt", "onu"]);
        assert_eq!((query.number("limit"), query.flag("ucrm"), query.get("other")), (Some(50), Some(true), None));
        assert!(query.has_any(&["a", "ucrm"]) && !query.has_any(&["a"]));
    }

    #[test]
    fn what_does_not_fit_is_refused_and_named() {
        for (pairs, message) in [
            (&[("limt", "50")][..], "\"limt\" is not allowed"),
            (&[("limit", "0")], "\"limit\" must be a number of at least 1"),
            (&[("limit", "all")], "\"limit\" must be a number of at least 1"),
            (&[("limit", "1"), ("limit", "2")], "\"limit\" must be a single value"),
            (&[("limit[]", "1")], "\"limit[]\" must be a single value"),
            (&[("type", "toaster")], "\"type\" must be one of [olt, onu]"),
            (&[("ucrm", "yes")], "\"ucrm\" must be a boolean"),
        ] {
            assert_eq!(check(pairs).err().as_deref(), Some(message));
        }
        assert!(Holds::Address.check("100.64.0.0/22").is_ok() && Holds::Address.check("tower").is_err());
        assert!(Holds::Text.check("").is_err() && Holds::Uuid.check("7").is_err());
    }
}
