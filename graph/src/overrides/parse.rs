//! Reading an overrides file.

use std::fmt;
use std::num::NonZeroU32;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::id::NodeId;
use crate::node::Text;
use crate::overrides::entry::{Override, Overrides, Subject};
use crate::overrides::expiry::Expiry;
use crate::overrides::setting::Setting;
use crate::prefix::Prefix;
use crate::rate::Rate;
use crate::suggest;

/// Why an overrides file cannot be used. As a whole: half of what an operator wrote is not what they wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{document}`{} cannot be used: {message}", InLine(*line))]
pub struct OverridesError {
    /// The file.
    pub document: String,
    /// The line, from 1; 0 where it is of no one line.
    pub line: u32,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}

struct InLine(u32);

impl fmt::Display for InLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, " line {}", self.0) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    #[serde(default, rename = "override")]
    overrides: Vec<Spanned<EntryText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an override, which begins with `[[override]]`")]
struct EntryText {
    id: Option<NodeId>,
    between: Option<Spanned<[NodeId; 2]>>,
    min: Option<PairText>,
    max: Option<PairText>,
    capacity: Option<PairText>,
    sqm: Option<Spanned<String>>,
    parent: Option<Spanned<NodeId>>,
    rename: Option<Spanned<String>>,
    prefixes: Option<Spanned<Vec<Prefix>>>,
    exclude: Option<Spanned<bool>>,
    promote: Option<Spanned<bool>>,
    cost: Option<Spanned<NonZeroU32>>,
    expires: Option<Spanned<Datetime>>,
    #[serde(default)]
    note: Text,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a pair such as `{ down = 100, up = 20 }`, or one of the two")]
struct PairText {
    down: Option<Spanned<Rate>>,
    up: Option<Spanned<Rate>>,
}

/// Reads an overrides file. `document` is what problems call it.
pub fn parse(text: &str, document: &str) -> Result<Overrides, OverridesError> {
    let reader = Reader { document, line_starts: memchr::memchr_iter(b'\n', text.as_bytes()).collect() };
    let file: FileText = toml::from_str(text).map_err(|error| reader.invalid(&error))?;
    let entries = file.overrides.into_iter().map(|entry| reader.entry(entry)).collect::<Result<_, _>>()?;
    Ok(Overrides { document: document.into(), entries })
}

struct Reader<'d> {
    document: &'d str,
    line_starts: Vec<usize>,
}

impl Reader<'_> {
    fn line(&self, span: &Range<usize>) -> u32 {
        let before = self.line_starts.partition_point(|end| *end < span.start);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }

    fn error(&self, line: u32, message: impl Into<String>, hint: impl Into<String>) -> OverridesError {
        let (document, message, hint) = (self.document.to_owned(), message.into(), hint.into());
        OverridesError { document, line, message, hint }
    }

    fn invalid(&self, error: &toml::de::Error) -> OverridesError {
        let line = error.span().map_or(0, |span| self.line(&span));
        match suggest::unknown_key(error.message()) {
            Some(unknown) => self.error(line, format!("there is no key `{}` here", unknown.key), unknown.hint),
            None => self.error(line, error.message(), ""),
        }
    }

    fn entry(&self, entry: Spanned<EntryText>) -> Result<Override, OverridesError> {
        let line = self.line(&entry.span());
        let mut entry = entry.into_inner();
        let note = std::mem::take(&mut entry.note);
        let expires = entry.expires.take().map(|written| {
            let line = self.line(&written.span());
            let written = written.into_inner();
            let expiry = Expiry::new(written).map(|expiry| (line, expiry));
            expiry.map_err(|why| self.error(line, format!("`{written}` {why}"), "write a date"))
        });
        let (id, between) = (entry.id.take(), entry.between.take());
        let settings = self.settings(entry)?;
        let subject = match (id, between) {
            (Some(id), None) => Subject::Id(id),
            (None, Some(ends)) => self.ends(ends, &settings)?,
            _ => {
                let hint = "write `id = \"source:table:id\"`, or for links `between = [\"…\", \"…\"]`";
                return Err(self.error(line, "an override has either an `id` or two ends `between`", hint));
            }
        };
        Ok(Override { subject, settings, expires: expires.transpose()?, note, line })
    }

    fn ends(&self, ends: Spanned<[NodeId; 2]>, settings: &[(u32, Setting)]) -> Result<Subject, OverridesError> {
        let line = self.line(&ends.span());
        let ends = ends.into_inner();
        if ends[0] == ends[1] {
            return Err(self.error(line, "no link leads from a node to itself", "name both ends"));
        }
        match settings.iter().find(|(_, setting)| !setting.is_of_link()) {
            None => Ok(Subject::Between(ends)),
            Some((line, setting)) => {
                let message = format!("a link has no `{}`", setting.field());
                Err(self.error(*line, message, "name a node with `id`; links have a `cost` and a `capacity`"))
            }
        }
    }

    fn settings(&self, entry: EntryText) -> Result<Vec<(u32, Setting)>, OverridesError> {
        let mut settings = Vec::new();
        let mut rate = |rate: Option<Spanned<Rate>>, setting: fn(Rate) -> Setting| {
            settings.extend(rate.map(|rate| (self.line(&rate.span()), setting(rate.into_inner()))));
        };
        let [min, max, capacity] = [entry.min, entry.max, entry.capacity].map(Option::unwrap_or_default);
        rate(min.down, Setting::MinDown);
        rate(min.up, Setting::MinUp);
        rate(max.down, Setting::MaxDown);
        rate(max.up, Setting::MaxUp);
        rate(capacity.down, Setting::CapacityDown);
        rate(capacity.up, Setting::CapacityUp);
        if let Some(text) = entry.sqm {
            let line = self.line(&text.span());
            let sqm = text.get_ref().parse();
            let wrong = |why| self.error(line, format!("`{}` {why}", text.get_ref()), "");
            settings.push((line, Setting::Sqm(sqm.map_err(wrong)?)));
        }
        if let Some(name) = entry.rename {
            let line = self.line(&name.span());
            let name = name.get_ref().trim();
            if name.is_empty() {
                return Err(self.error(line, "`rename` is empty", "write a name, or remove the key"));
            }
            settings.push((line, Setting::Rename(name.into())));
        }
        let parent = entry.parent.map(|parent| (self.line(&parent.span()), Setting::Parent(parent.into_inner())));
        let prefixes = entry.prefixes.map(|list| (self.line(&list.span()), Setting::Prefixes(list.into_inner())));
        let exclude = entry.exclude.map(|is_set| (self.line(&is_set.span()), Setting::Exclude(is_set.into_inner())));
        let promote = entry.promote.map(|is_set| (self.line(&is_set.span()), Setting::Promote(is_set.into_inner())));
        let cost = entry.cost.map(|cost| (self.line(&cost.span()), Setting::Cost(cost.into_inner())));
        settings.extend([parent, prefixes, exclude, promote, cost].into_iter().flatten());
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> OverridesError {
        parse(text, "overrides.toml").expect_err(text)
    }

    #[test]
    fn every_key_with_its_line() {
        let text = r#"# what the sources do not know

[[override]]
id = "splynx:service:11" # Jones
max = { down = "100M", up = 20 }
min.down = 2.5
sqm = "cake/fq_codel"
parent = "uisp:device:ap7"
rename = " Jones, farm "
prefixes = [
    "10.0.0.0/24", "2001:db8::/56",
]
exclude = true
promote = false
expires = 2026-12-31T18:00:00+01:00
note = "ticket 4711"

[[override]]
between = ["csv:node:A", "csv:node:B"]
cost = 5
capacity = { up = "1G" }
[[override]]
id = "csv:link:7"
"#;
        let overrides = parse(text, "overrides.toml").expect("overrides");
        let all = overrides.entries();
        assert_eq!(all.iter().map(|entry| entry.line).collect::<Vec<_>>(), [3, 18, 22]);
        let settings: Vec<(u32, &str, String)> =
            all[0].settings.iter().map(|(line, setting)| (*line, setting.field(), setting.to_string())).collect();
        let expected = [
            (6, "min.down", "2.5 Mbit/s"),
            (5, "max.down", "100 Mbit/s"),
            (5, "max.up", "20 Mbit/s"),
            (7, "sqm", "`cake/fq_codel`"),
            (9, "rename", "`Jones, farm`"),
            (8, "parent", "`uisp:device:ap7`"),
            (10, "prefixes", "`10.0.0.0/24`, `2001:db8::/56`"),
            (13, "exclude", "true"),
            (14, "promote", "false"),
        ];
        assert_eq!(settings, expected.map(|(line, field, value)| (line, field, value.to_owned())));
        assert_eq!(all[0].note, "ticket 4711");
        assert!(matches!(&all[1].subject, Subject::Between([a, b]) if a.raw() == "A" && b.raw() == "B"));
        assert_eq!(all[1].settings.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [21, 20]);
        assert!(all[2].settings.is_empty());
    }

    #[test]
    fn what_decides_is_neither_note_nor_line_nor_expiry() {
        let hashed = |text: &str, now: &str| {
            let overrides = parse(text, "overrides.toml").expect("overrides");
            serde_json::to_string(&overrides.in_force(now.parse().expect("a time"))).expect("JSON")
        };
        let plain = "[[override]]\nid = \"a:b:c\"\nsqm = \"cake\"\nmax.down = 5";
        let noted = "\n\n[[override]]\nid = \"a:b:c\"\nmax.down = \"5000k\"\nsqm = \"cake\"\nnote = \"x\"\nexpires = 2026-01-01";
        assert_eq!(hashed(plain, "2025-01-01T00:00:00Z"), hashed(noted, "2025-01-01T00:00:00Z"));
        assert_eq!(
            hashed(plain, "2025-01-01T00:00:00Z"),
            r#"[{"subject":{"id":"a:b:c"},"settings":[{"max-down":5000000},{"sqm":"cake"}]}]"#
        );
        assert_eq!(hashed(noted, "2026-01-02T00:00:00Z"), "[]");
    }

    #[test]
    fn an_empty_file_overrides_nothing() {
        assert_eq!(parse("# nothing\n", "o").map(|overrides| overrides.entries().len()), Ok(0));
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let head = "[[override]]\nid = \"a:b:c\"\n";
        for (text, line, message, hint) in [
            ("[[overide]]\nid = \"a:b:c\"".to_owned(), 1, "there is no key `overide` here", "did you mean `override`?"),
            (format!("{head}parnt = \"a:b:d\""), 3, "there is no key `parnt` here", "did you mean `parent`?"),
            (format!("{head}max = {{ dwn = 5 }}"), 3, "there is no key `dwn` here", "did you mean `down`?"),
            (format!("{head}colour = 1"), 3, "there is no key `colour` here", "the keys here are `id`, `between`, "),
            (format!("{head}max = 5"), 3, "invalid type: integer `5`, expected a pair such as", ""),
            (format!("{head}max.down = \"fast\""), 3, "`fast` is not a rate such as", ""),
            (format!("{head}\ncost = 0"), 4, "invalid value: integer `0`, expected a nonzero u32", ""),
            (format!("{head}sqm = \"red\""), 3, "`red` is not `cake`", ""),
            (format!("{head}rename = \" \""), 3, "`rename` is empty", "write a name"),
            (format!("{head}prefixes = [\n\"10.0.0.1/24\"]"), 3, "`10.0.0.1/24` has host bits set: write", ""),
            (format!("{head}expires = \"soon\""), 3, "invalid type: string \"soon\", expected a TOML datetime", ""),
            (format!("{head}expires = 18:00:00"), 3, "`18:00:00` is no date such as", "write a date"),
            ("[[override]]\nid = \"Tower A\"".to_owned(), 2, "`Tower A` is not of the form `source:table:id`", ""),
            ("\n[[override]]\ncost = 5".to_owned(), 2, "an override has either", "write `id"),
            (format!("{head}between = [\"a:b:c\", \"a:b:d\"]"), 1, "an override has either", "write `id"),
            ("[[override]]\nbetween = [\"a:b:c\", \"a:b:c\"]".to_owned(), 2, "no link leads from", "name both ends"),
            (
                "[[override]]\nbetween = [\"a:b:c\"]".to_owned(),
                2,
                "invalid length 1, expected an array of length 2",
                "",
            ),
            (
                "[[override]]\nbetween = [\"a:b:c\", \"a:b:d\"]\nsqm = \"cake\"".to_owned(),
                3,
                "a link has no `sqm`",
                "name a node",
            ),
            ("[override]\nid = \"a:b:c\"".to_owned(), 1, "invalid type: map, expected a sequence", ""),
            (format!("{head}id = \"a:b:d\""), 3, "duplicate key", ""),
            (format!("{head}max = "), 3, "", ""),
        ] {
            let error = error(&text);
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.message.starts_with(message), "{text}: {error}");
            assert!(error.hint.starts_with(hint), "{text}: {}", error.hint);
        }
        assert_eq!(
            error("[[override]]\nid = \"x\"").to_string(),
            "`overrides.toml` line 2 cannot be used: `x` is not of the form `source:table:id`"
        );
    }
}
