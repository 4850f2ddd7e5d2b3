use proptest::prelude::*;

use super::*;

type Found = (Outcome, Vec<String>);

fn read(text: &str) -> Vec<Found> {
    let mut records = Records::new(text, &[]);
    let mut found = Vec::new();
    while let Some(outcome) = records.advance() {
        found.push((outcome, records.fields().iter().map(str::to_owned).collect()));
    }
    found
}

fn record(line: u32, lines: u32, fields: &[&str]) -> Found {
    (Outcome::Record { line, lines }, fields.iter().map(|&field| field.to_owned()).collect())
}

fn unclosed(line: u32, fields: &[&str]) -> Found {
    (Outcome::UnclosedQuote { line }, fields.iter().map(|&field| field.to_owned()).collect())
}

#[test]
fn lines_comments_blanks_and_every_line_end() {
    let text = "# before\r\n\r\na, b ,\"c \"\"d\"\"\"\r\n#x,y\n\"#z\",1,\nlast,2,3";
    let expected =
        [record(3, 1, &["a", "b", "c \"d\""]), record(5, 1, &["#z", "1", ""]), record(6, 1, &["last", "2", "3"])];
    assert_eq!(read(text), expected);
    assert_eq!(read(&text.replace("\r\n", "\n")), expected);
    assert_eq!(read(&text.replace("\r\n", "\n").replace('\n', "\r")), expected);
}

#[test]
fn a_quoted_line_break_belongs_to_its_record() {
    assert_eq!(
        read("a,\"10.0.0.1\n10.0.0.2\",c\nd,e,f\n"),
        [record(1, 2, &["a", "10.0.0.1\n10.0.0.2", "c"]), record(3, 1, &["d", "e", "f"])]
    );
}

#[test]
fn an_unclosed_quote_costs_one_line() {
    let good = |line| record(line, 1, &["x", "y", "z"]);
    assert_eq!(
        read("x,y,z\na,\"b,c\nx,y,z\n"),
        [good(1), unclosed(2, &["a", "b,c"]), good(3)],
        "to the end of the file"
    );
    let quoted = record(2, 1, &["x", "y", "z"]);
    assert_eq!(read("a,\"b,c\n\"x\",\"y\",\"z\"\n"), [unclosed(1, &["a", "b,c"]), quoted], "to the next row's quote");
    let many = ["a,\"b,c\n", &"x,y,z\n".repeat(60), "q,\"r\",s\n"].concat();
    let found = read(&many);
    assert_eq!((found.len(), &found[0], &found[60]), (62, &unclosed(1, &["a", "b,c"]), &good(61)));
    assert_eq!(read("a,\""), [unclosed(1, &["a", ""])]);
}

#[test]
fn a_record_of_several_lines_can_be_taken_back() {
    let mut records = Records::new("k\na,\"b\nc\",d\ne,f\n", &[]);
    records.advance();
    assert_eq!(records.advance(), Some(Outcome::Record { line: 2, lines: 2 }));
    assert_eq!(records.split_lines(), Outcome::UnclosedQuote { line: 2 });
    assert_eq!(records.fields().get(1), "b");
    assert_eq!(records.advance(), Some(Outcome::Record { line: 3, lines: 1 }));
    assert_eq!(records.fields().get(0), "c\"");
}

#[test]
fn a_long_line_is_named_and_never_joined_to_others() {
    let mut records = Records::new("a,b\nlong,\"head\nc,\"d\nlong\n", &[2, 4]);
    assert_eq!(records.advance(), Some(Outcome::Record { line: 1, lines: 1 }));
    assert_eq!(records.advance(), Some(Outcome::LongLine { line: 2 }));
    assert_eq!(records.fields().get(0), "long");
    assert_eq!(records.advance(), Some(Outcome::UnclosedQuote { line: 3 }));
    assert_eq!(records.advance(), Some(Outcome::LongLine { line: 4 }));
    assert_eq!(records.advance(), None);
}

#[test]
fn delimiters_as_excel_saves_them() {
    for (text, delimiter, fields) in [
        ("a,b;c,d\n", Delimiter::Comma, 3),
        ("# c,c,c\n\na;b;c\n", Delimiter::Semicolon, 3),
        ("\"a;b;c\",d\n", Delimiter::Comma, 2),
        ("a\tb\tc\n", Delimiter::Tab, 3),
        ("1;10.0.0.1, 10.0.0.2;5,5;2,5;x\n", Delimiter::Semicolon, 5),
        ("sep=;\r\na,b,c;d\n", Delimiter::Semicolon, 2),
        ("\"sep=\t\"\r\na\tb\n", Delimiter::Tab, 2),
        ("", Delimiter::Comma, 0),
    ] {
        let mut records = Records::new(text, &[]);
        assert_eq!(records.delimiter(), delimiter, "{text}");
        records.advance();
        assert_eq!(records.fields().len(), fields, "{text}");
    }
    assert_eq!(read("sep=;\r\na;b\n"), [record(2, 1, &["a", "b"])]);
}

#[test]
fn decimal_commas_where_the_comma_does_not_delimit() {
    assert_eq!(plain_decimal("59,5", Delimiter::Semicolon), "59.5");
    assert_eq!(plain_decimal("59,5", Delimiter::Comma), "59,5");
    assert_eq!(plain_decimal("1.000,5", Delimiter::Semicolon), "1.000,5");
}

proptest! {
    /// Where nothing is set aside, the fields are those of the `csv` crate.
    #[test]
    fn reads_what_the_csv_crate_reads(text in "([ab]{0,2},|\"[ab,\n]{0,3}(\"\")?\",|[ab]\"|\r\n|\n){0,20}") {
        let found = read(&text);
        if Delimiter::of(&text).0 == Delimiter::Comma && found.iter().all(|(o, _)| matches!(o, Outcome::Record { .. })) {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All)
                .from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> = reader.records()
                .map(|record| record.expect("a record").iter().map(str::to_owned).collect()).collect();
            prop_assert_eq!(found.into_iter().map(|(_, fields)| fields).collect::<Vec<_>>(), expected);
        }
    }

    /// Every line that is neither blank nor a comment is in exactly one record or set aside.
    #[test]
    fn no_line_is_lost(text in "([a,;\"#\r\n\té]|\"\"|,\"){0,60}", long in proptest::collection::vec(1_u32..9, 0..2)) {
        let mut records = Records::new(&text, &long);
        let mut next = 1;
        while let Some(outcome) = records.advance() {
            let (line, lines) = match outcome {
                Outcome::Record { line, lines } => (line, lines),
                Outcome::LongLine { line } | Outcome::UnclosedQuote { line } => (line, 1),
            };
            prop_assert!(line >= next);
            records.fields().are_blank();
            next = line + lines;
        }
    }
}
