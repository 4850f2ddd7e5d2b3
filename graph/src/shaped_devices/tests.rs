use proptest::prelude::*;

use super::*;
use crate::problem::{Code, Problem, Problems};
use crate::rate::Rate;
use crate::text::RawText;

const V14: &str = "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,Download Min Mbps,\
                   Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment";

/// The rows as text, one line each, and the problems.
fn read(bytes: &[u8]) -> (Vec<String>, Vec<Problem>) {
    let raw = RawText::table(bytes);
    let decoded = raw.decode();
    let mut rows = Rows::new(&decoded.text, raw.long_lines(), "s.csv");
    let (mut found, mut problems) = (Vec::new(), Problems::default());
    while let Some(entry) = rows.next(&mut problems) {
        found.push(match entry {
            Entry::Row(row) => show(&row),
            Entry::SetAside(row) => format!("{}:{} {}", row.line, row.circuit_id, row.code),
        });
    }
    (found, problems.as_slice().to_vec())
}

fn show(row: &Row<'_>) -> String {
    let rate = |rate: Option<Rate>| rate.map_or("-".to_owned(), |rate| rate.mbit().to_string());
    let rates = [row.plan.down.min, row.plan.up.min, row.plan.down.max, row.plan.up.max].map(rate).join(" ");
    let texts = [
        row.circuit_id,
        row.circuit_name,
        row.device_id,
        row.device_name,
        row.parent_node,
        row.parent_node_id,
        row.mac,
        row.ipv4,
        row.ipv6,
        &rates,
        row.comment,
    ];
    let sqm = row.sqm.map_or(String::new(), |sqm| sqm.to_string());
    format!("{}:{}|{sqm}", row.line, texts.join("|"))
}

fn rows(text: &str) -> Vec<String> {
    let (rows, problems) = read(text.as_bytes());
    assert_eq!(problems, []);
    rows
}

const ROW: &str = "1,Jones,d1,cpe,AP,m,10.0.0.1,fd::1,1,2,100,20.5,note";
const SHOWN: &str = "1|Jones|d1|cpe|AP||m|10.0.0.1|fd::1|1 2 100 20.5|note|";

#[test]
fn thirteen_columns_of_every_spelling() {
    for header in [
        V14.to_owned(),
        V14.replace(" Mbps", ""),
        V14.to_lowercase().replace(' ', "_"),
        format!("\"{}\"", V14.replace(',', "\",\"")),
        "# a comment\n\n".to_owned() + V14,
    ] {
        let line = 1 + header.lines().count();
        assert_eq!(rows(&format!("{header}\r\n{ROW}\r\n")), [format!("{line}:{SHOWN}")], "{header}");
    }
    assert_eq!(rows(ROW), [format!("1:{SHOWN}")], "no header");
}

#[test]
fn fourteen_columns_are_sqm_or_parent_node_id() {
    let sqm = format!("1:{SHOWN}cake");
    assert_eq!(rows(&format!("{ROW},cake\n")), std::slice::from_ref(&sqm), "no header");
    assert_eq!(rows(&format!("{V14},sqm\n{ROW},cake\n")), [sqm.replacen('1', "2", 1)]);
    let id_row = ROW.replace(",AP,", ",AP,uisp:device:1,");
    let id_shown = SHOWN.replace("|AP||", "|AP|uisp:device:1|");
    assert_eq!(rows(&id_row), [format!("1:{id_shown}")], "no header");
    let header = V14.replace("Parent Node", "Parent Node,Parent Node ID");
    assert_eq!(rows(&format!("{header}\n{id_row}\n")), [format!("2:{id_shown}")]);
}

#[test]
fn an_unknown_fourteenth_column_is_not_sqm() {
    assert_eq!(rows(&format!("{V14},Notes\n{ROW},cake\n")), [format!("2:{SHOWN}")]);
}

#[test]
fn fifteen_and_sixteen_columns() {
    let row = ROW.replace(",AP,", ",AP,uisp:device:1,uisp:site:2,");
    let shown = SHOWN.replace("|AP||", "|AP|uisp:device:1|");
    let header = V14.replace("Parent Node", "Parent Node,Parent Node ID,Anchor Node ID");
    assert_eq!(rows(&row), [format!("1:{shown}")]);
    assert_eq!(rows(&format!("{row},none")), [format!("1:{shown}none")]);
    assert_eq!(rows(&format!("{header}\n{row}")), [format!("2:{shown}")]);
    assert_eq!(rows(&format!("{header},sqm\n{row},none")), [format!("2:{shown}none")]);
    assert_eq!(rows(&format!("{}\n{row}", header.replace("Anchor Node ID", "id"))), [format!("2:{shown}")]);
}

#[test]
fn columns_go_by_name_in_any_order() {
    let text = "sqm,upload max,download max,ipv4,circuit id,username,mac,Radius Username\n\
                cake,5,10,10.0.0.1,7,user,,other\n,5,10,10.0.0.2,8,user,aa:bb,other\n";
    assert_eq!(
        rows(text),
        [
            "2:7|||||user|10.0.0.1||- - 10 5||cake".replace("|||||user", "|||||").replace("||||||10", "||||||user|10"),
            "3:8||||||aa:bb|10.0.0.2||- - 10 5||".to_owned()
        ]
    );
}

#[test]
fn a_header_in_other_words_falls_back_to_positions() {
    let header = V14.replace("Circuit ID", "Kundennummer").replace("IPv4", "Adresse").replace("Comment", "");
    assert_eq!(rows(&format!("{header}\n{ROW}\n")), [format!("2:{SHOWN}")]);
    let foreign = "a,b,c,d,e,f,g,h,i,j,k,l,m";
    assert_eq!(rows(&format!("{foreign}\n{ROW}\n")), [format!("2:{SHOWN}")]);
    let id_row = ROW.replace(",AP,", ",AP,x,y,");
    assert_eq!(rows(&format!("{foreign},n,o\n{id_row}\n")), [format!("2:{}", SHOWN.replace("|AP||", "|AP|x|"))]);
}

#[test]
fn a_first_row_that_is_data_is_not_taken_for_a_header() {
    assert_eq!(
        rows(&format!("{}\n{ROW}", ROW.replace(",100,", ",,")))[0],
        "1:1|Jones|d1|cpe|AP||m|10.0.0.1|fd::1|1 2 - 20.5|note|"
    );
    let (rows, problems) = read(ROW.replace(",100,", ",NaN,").as_bytes());
    assert_eq!(rows, ["1:1 bad-rate"]);
    assert_eq!((problems[0].code, problems[0].field.as_deref()), (Code::BadRate, Some("Download Max")));
}

#[test]
fn spreadsheets_of_other_countries() {
    let semicolons = ROW.replace(',', ";").replace("20.5", "20,5").replace("10.0.0.1", "10.0.0.1, 10.0.0.2");
    let shown = SHOWN.replace("10.0.0.1", "10.0.0.1, 10.0.0.2");
    assert_eq!(rows(&format!("{}\n{semicolons}", V14.replace(',', ";"))), [format!("2:{shown}")]);
    assert_eq!(rows(&semicolons), [format!("1:{shown}")]);
    assert_eq!(rows(&format!("sep=;\r\n{semicolons}")), [format!("2:{shown}")]);
    assert_eq!(rows(&format!("{}\n{}\n", V14.replace(',', "\t"), ROW.replace(',', "\t"))), [format!("2:{SHOWN}")]);
    assert_eq!(rows(&format!("\u{feff}{V14}\n{ROW}\n\n,,,,,,,,,,,,\n")), [format!("2:{SHOWN}")]);
}

#[test]
fn utf16_and_windows_1252() {
    let text = format!("{V14}\r\n{ROW}\r\n").replace("Jones", "José");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    for bytes in [utf16, latin] {
        assert_eq!(read(&bytes).0, [format!("2:{}", SHOWN.replace("Jones", "José"))]);
    }
}

#[test]
fn formulas_are_unescaped_in_names_and_comments_and_ids_stay() {
    let row = "'=1,'=Jones,'-d,'+cpe,'@AP,'=m,10.0.0.1,,1,1,1,1,''-x";
    assert_eq!(rows(row), ["1:'=1|=Jones|'-d|+cpe|@AP||'=m|10.0.0.1||1 1 1 1|'-x|"]);
}

#[test]
fn bad_rows_are_set_aside_and_the_others_go_on() {
    let long = "x".repeat(2 << 20);
    let text = format!(
        "{V14},sqm\n2,a,b\n{}\n{}\n4,\"open,x\n5,{long}\n{ROW},red\n3,\"two\nlines\",x\n",
        ROW.replace(",100,", ",-1,"),
        ROW.replace(",1,2,", ",inf,fast,"),
    );
    let (rows, problems) = read(text.as_bytes());
    assert_eq!(
        rows,
        [
            "2:2 short-row",
            "3:1 bad-rate",
            "4:1 bad-rate",
            "5:4 unclosed-quote",
            "6:5 long-line",
            &format!("7:{SHOWN}"),
            "8:3 unclosed-quote",
            "9:lines\" short-row",
        ]
    );
    let found: Vec<_> = problems
        .iter()
        .map(|p| (p.code, p.line.unwrap_or(0), p.field.as_deref(), p.value.as_deref().unwrap_or("")))
        .collect();
    assert_eq!(
        found,
        [
            (Code::ShortRow, 2, None, "2"),
            (Code::BadRate, 3, Some("Download Max Mbps"), "-1"),
            (Code::BadRate, 4, Some("Download Min Mbps"), "inf"),
            (Code::BadRate, 4, Some("Upload Min Mbps"), "fast"),
            (Code::UnclosedQuote, 5, None, "4"),
            (Code::LongLine, 6, None, "5"),
            (Code::BadSqm, 7, Some("sqm"), "red"),
            (Code::UnclosedQuote, 8, None, "3"),
            (Code::ShortRow, 9, None, "lines\""),
        ]
    );
    assert!(problems.iter().all(|problem| problem.document.as_deref() == Some("s.csv") && !problem.hint.is_empty()));
}

#[test]
fn a_row_narrower_than_its_header_is_read_as_the_dialect_its_rates_stand_in() {
    let header = V14.replace(",MAC", ",Parent Node ID,Anchor Node ID,MAC");
    let (rows, problems) = read(format!("{header}\n1,n,d,cpe,ap,,m,10.0.0.1,,1,2,155,20,\n").as_bytes());
    assert_eq!(rows, ["2:1|n|d|cpe|ap||m|10.0.0.1||1 2 155 20||"]);
    assert!(problems.is_empty());
}

#[test]
fn a_row_whose_rates_are_moved_by_a_comma_is_set_aside() {
    let text = format!(
        "{V14}\n1,Doe, Ada,d,cpe,ap,m,10.0.0.1,,1,2,3,4,\n1,n,d,cpe,ap,10.0.0.1,,1,2,3,4,x\n1,n,d,cpe,ap,m,10.0.0.1,,,,3,4,a, b\n"
    );
    let (rows, problems) = read(text.as_bytes());
    assert_eq!(rows, ["2:1 bad-rate", "3:1 bad-rate", "4:1|n|d|cpe|ap||m|10.0.0.1||- - 3 4|a|"]);
    let hints: Vec<_> = problems.iter().map(|problem| problem.hint.split(' ').next().unwrap_or("")).collect();
    assert_eq!(hints, ["put", "add"]);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        read(&bytes);
    }

    #[test]
    fn no_rows_panic(text in "(Circuit ID|sqm|id|[,;\t\"\n]|[0-9.]{1,4}|,,,,|\\PC){0,60}") {
        read(text.as_bytes());
    }
}
