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
}
