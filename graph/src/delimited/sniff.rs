//! What separates the fields of a table.

/// What stands between fields: spreadsheets save whatever their country's settings say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    #[default]
    Comma,
    /// `;`, where the comma is the decimal sign.
    Semicolon,
    /// A tab.
    Tab,
}

/// How many lines are looked at for the first that has a delimiter.
const LINES_LOOKED_AT: usize = 20;

impl Delimiter {
    const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// The character.
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// The delimiter of `text`, and where its table starts: after Excel's `sep=;`, if it is there.
    ///
    /// It is the one that divides the first divisible line into most fields. Address lists and decimal commas divide
    /// less than a table's own delimiter.
    pub fn of(text: &str) -> (Self, usize) {
        let first = text.split(['\n', '\r']).next().unwrap_or("");
        let named = first.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(first);
        if let Some(sep) = named.strip_prefix("sep=")
            && let Some(delimiter) = Self::ALL.into_iter().find(|delimiter| sep.as_bytes() == [delimiter.byte()])
        {
            let past = if text[first.len()..].starts_with("\r\n") { 2 } else { 1 };
            return (delimiter, text.len().min(first.len() + past));
        }
        let lines = text.split(['\n', '\r']).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let best = lines.take(LINES_LOOKED_AT).find_map(|line| {
            let counted = Self::ALL.map(|delimiter| (count_outside_quotes(line, delimiter.byte()), delimiter));
            let (count, delimiter) = counted.into_iter().rev().max_by_key(|(count, _)| *count)?;
            (count > 0).then_some(delimiter)
        });
        (best.unwrap_or_default(), 0)
    }
}

/// How many delimiters of a line stand outside quotes.
pub(super) fn count_outside_quotes(line: &str, delimiter: u8) -> usize {
    line.split('"').step_by(2).map(|part| part.bytes().filter(|&byte| byte == delimiter).count()).sum()
}
