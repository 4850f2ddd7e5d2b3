//! Near misses: what a misspelt name may have meant.

/// How many suggestions are of use.
const MOST: usize = 3;
/// How alike two texts must be (Jaro-Winkler, 0 to 1) to be suggested.
const ALIKE: f64 = 0.85;

/// The `known` texts most like `text`, the best first.
pub fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    let wanted = text.to_lowercase();
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_lowercase()), name))
        .filter(|(score, _)| *score >= ALIKE)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.truncate(MOST);
    scored.into_iter().map(|(_, name)| name).collect()
}

/// "`a`, `b` or `c`".
pub fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// A key that is not known, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey {
    /// The key.
    pub key: String,
    /// The known keys that are like it, or all of them.
    pub hint: String,
}

/// Reads what serde says of a key that is not known: ``unknown field `dwn`, expected `down` or `up` ``.
pub fn unknown_key(message: &str) -> Option<UnknownKey> {
    let mut quoted = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let key = quoted.next()?.to_owned();
    let known: Vec<&str> = quoted.collect();
    let hint = match nearest(&key, known.iter().copied()).as_slice() {
        [] if known.is_empty() => "remove it".to_owned(),
        [] => format!("the keys here are {}", list(&known).replace(" or ", " and ")),
        near => format!("did you mean {}?", list(near)),
    };
    Some(UnknownKey { key, hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_is_alike_and_nothing_else() {
        let known = ["AP North", "Zeppelin", "Tower 3"];
        assert_eq!(nearest("ap nroth", known), ["AP North"]);
        assert!(nearest("quarry", known).is_empty());
        assert_eq!(list(&["a", "b", "c"]), "`a`, `b` or `c`");
    }

    #[test]
    fn reads_serde_of_unknown_keys() {
        let hint = |message| unknown_key(message).map(|unknown| (unknown.key, unknown.hint));
        let found = |key: &str, hint: &str| Some((key.to_owned(), hint.to_owned()));
        assert_eq!(hint("unknown field `dwn`, expected `down` or `up`"), found("dwn", "did you mean `down`?"));
        assert_eq!(hint("unknown field `x`, expected one of `a`, `b`"), found("x", "the keys here are `a` and `b`"));
        assert_eq!(hint("unknown field `x`, there are no fields"), found("x", "remove it"));
        assert_eq!(hint("missing field `x`"), None);
    }
}
