//! Numbers as people read them, the same everywhere.

/// A number in groups of three digits: `12 480`.
pub fn number(value: usize) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 circuit`, `2 circuits`.
pub fn count(value: usize, what: &str) -> String {
    let plural = if value == 1 {
        ""
    } else if what.ends_with('s') {
        "es"
    } else {
        "s"
    };
    format!("{} {what}{plural}", number(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1 234 567");
        assert_eq!(count(1, "circuit"), "1 circuit");
        assert_eq!(count(2, "access point"), "2 access points");
        assert_eq!(count(2, "class"), "2 classes");
    }
}
