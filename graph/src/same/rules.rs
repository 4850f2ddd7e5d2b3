//! What the operator says of records of several sources that speak of one thing.

use serde::{Deserialize, Serialize};

use crate::id::{NodeId, Table};

/// Which records are one, and who is believed where they disagree: `[[same]]` and `[prefer]` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SameRules {
    /// The rules; their order does not matter.
    pub same: Vec<SameRule>,
    /// Who is believed.
    pub prefer: Prefer,
}

/// A rule that makes records one.
///
/// ```
/// use pleach_graph::same::{By, SameRule, SameRules};
///
/// let rules: SameRules = toml::from_str(
///     r#"
///     [[same]]
///     ids = ["uisp:site:7f3a", "csv:node:Tower A"]
///     [[same]]
///     tables = ["uisp:client", "splynx:service"]
///     by = "mac"
///     "#,
/// )?;
/// assert!(matches!(&rules.same[0], SameRule::Ids(ids) if ids.len() == 2));
/// assert!(matches!(&rules.same[1], SameRule::Tables { by: By::Mac, .. }));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RuleText", into = "RuleText")]
pub enum SameRule {
    /// The records with these ids, two or more.
    Ids(Vec<NodeId>),
    /// The records of these tables, two or more, that have something in common.
    Tables {
        /// The tables, each once.
        tables: Vec<Table>,
        /// What they have in common.
        by: By,
    },
}

/// What records of several tables have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Their name, whatever its case and however its words are spaced. A record without one has none in common with any.
    Name,
    /// A MAC address: of devices, or of any device of a client.
    Mac,
    /// An address or prefix: of devices, or of any device of a client. Not one of those that no subscriber has.
    Address,
}

impl By {
    /// In words: `MAC address`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Mac => "MAC address",
            Self::Address => "address",
        }
    }
}

/// Which sources are believed first, by their names. A source that is not listed comes after those that are, in the order
/// that sources are configured in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Prefer {
    /// For what a node is, what it hangs from and what it can carry. The node keeps the id that it has there.
    pub topology: Vec<String>,
    /// For rates, and the queue that goes with them.
    pub rates: Vec<String>,
    /// For addresses.
    pub addresses: Vec<String>,
    /// For names.
    pub names: Vec<String>,
}

/// A rule that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Neither form, or both.
    #[error("a rule has either `ids`, or `tables` and `by`")]
    Form,
    /// Fewer than two ids or tables.
    #[error("a rule names two or more")]
    Fewer,
    /// A table twice: records of one table are one only if their ids are said.
    #[error("`tables` names `{0}` twice")]
    Twice(Table),
}

/// A rule as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ids: Option<Vec<NodeId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tables: Option<Vec<Table>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<By>,
}

impl TryFrom<RuleText> for SameRule {
    type Error = RuleError;
    fn try_from(text: RuleText) -> Result<Self, RuleError> {
        match text {
            RuleText { ids: Some(ids), tables: None, by: None } if ids.len() > 1 => Ok(Self::Ids(ids)),
            RuleText { ids: None, tables: Some(tables), by: Some(by) } if tables.len() > 1 => {
                let is_twice = |at: &usize| tables[..*at].contains(&tables[*at]);
                match (1..tables.len()).find(is_twice) {
                    Some(at) => Err(RuleError::Twice(tables[at].clone())),
                    None => Ok(Self::Tables { tables, by }),
                }
            }
            RuleText { ids: Some(_), tables: None, by: None }
            | RuleText { ids: None, tables: Some(_), by: Some(_) } => Err(RuleError::Fewer),
            _ => Err(RuleError::Form),
        }
    }
}

impl From<SameRule> for RuleText {
    fn from(rule: SameRule) -> Self {
        match rule {
            SameRule::Ids(ids) => Self { ids: Some(ids), tables: None, by: None },
            SameRule::Tables { tables, by } => Self { ids: None, tables: Some(tables), by: Some(by) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SameRules, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn reads_back_what_it_writes() {
        let text = r#"
            [[same]]
            ids = ["uisp:site:1", "csv:node:Tower A", "noc:tower:a"]
            [[same]]
            tables = ["uisp:site", "csv:node"]
            by = "name"
            [prefer]
            rates = ["splynx"]
        "#;
        let rules = parse(text).expect("rules");
        assert_eq!(parse(&toml::to_string(&rules).expect("written")), Ok(rules));
    }

    #[test]
    fn says_what_is_wrong() {
        for (rule, expected) in [
            ("ids = [\"a:b:c\"]", "a rule names two or more"),
            ("ids = [\"a:b:c\", \"Tower A\"]", "`Tower A` is not of the form `source:table:id`"),
            ("tables = [\"a:b\", \"a:c\"]", "a rule has either `ids`, or `tables` and `by`"),
            ("", "a rule has either `ids`, or `tables` and `by`"),
            ("ids = [\"a:b:c\", \"a:b:d\"]\nby = \"name\"", "a rule has either `ids`, or `tables` and `by`"),
            ("tables = [\"a:b\"]\nby = \"mac\"", "a rule names two or more"),
            ("tables = [\"a:b\", \"a:c\", \"a:b\"]\nby = \"mac\"", "`tables` names `a:b` twice"),
            ("tables = [\"a:b\", \"a\"]\nby = \"mac\"", "`a` is not of the form `source:table`"),
            ("tables = [\"a:b\", \"a:c\"]\nby = \"colour\"", "unknown variant `colour`, expected one of `name`"),
            ("id = [\"a:b:c\"]", "unknown field `id`, expected one of `ids`"),
        ] {
            let error = parse(&format!("[[same]]\n{rule}")).expect_err(rule);
            assert!(error.starts_with(expected), "{rule}: {error}");
        }
        assert!(parse("[prefer]\ntopolgy = [\"a\"]").expect_err("a typo").starts_with("unknown field `topolgy`"));
    }
}
