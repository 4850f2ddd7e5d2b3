//! Tables: the first row names the columns.

use std::borrow::Cow;
use std::collections::HashMap;

use pleach_graph::delimited::{Fields, Outcome, Records};
use pleach_graph::suggest::nearest;
use pleach_graph::text::RawText;
use pleach_graph::{Code, Problem, Problems};
use pleach_source::ReadError;

use crate::map::Map;
use crate::mapped::{self, Places};
use crate::notes::Notes;
use crate::raw::Scalar;
use crate::record::Found;

struct Row<'r> {
    fields: Fields<'r>,
    columns: &'r HashMap<String, usize>,
}

impl Places for Row<'_> {
    fn at(&self, column: &str) -> Scalar<'_> {
        match self.columns.get(column).map(|position| self.fields.get(*position)) {
            Some(cell) if !cell.trim().is_empty() => Scalar::Text(Cow::Borrowed(cell)),
            _ => Scalar::Nothing,
        }
    }
}

/// Reads a table through maps. A column that they name and the table has not is an error: without it every row would be wrong.
pub(crate) fn read(bytes: &[u8], document: &str, maps: &[Map]) -> Result<(Found, Problems), ReadError> {
    let text = RawText::table(bytes);
    let decoded = text.decode();
    let mut problems = Problems::default();
    if let Some(problem) = decoded.problem(document) {
        problems.push(problem);
    }
    let mut records = Records::new(&decoded.text, text.long_lines());
    let refuse = |reason: String, hint: String| ReadError { address: document.to_owned(), reason, hint };
    let Some(Outcome::Record { .. }) = records.advance() else {
        return Err(refuse(
            "it has no first row that names its columns".to_owned(),
            "give the table a header".to_owned(),
        ));
    };
    let names: Vec<String> = records.fields().iter().map(|name| name.trim().to_owned()).collect();
    let mut columns: HashMap<String, usize> = HashMap::new();
    for (position, name) in names.iter().enumerate() {
        columns.entry(name.clone()).or_insert(position);
    }
    if let Some(missing) = maps.iter().flat_map(Map::places).find(|place| !columns.contains_key(*place)) {
        let hint = match nearest(missing, names.iter().map(String::as_str)).first() {
            Some(like) => format!("did you mean `{like}`?"),
            None => format!("its columns are {}", listed(&names)),
        };
        return Err(refuse(format!("it has no column `{missing}`, which its mapping names"), hint));
    }
    let (mut found, mut notes) = (Found::default(), Notes::new(document));
    while let Some(outcome) = records.advance() {
        let line = outcome.line();
        if let Some(problem) = outcome.problem() {
            problems.push(problem.at(document, line).value(records.fields().get(0)));
            found.unreadable += mapped::lost(maps);
            continue;
        }
        let fields = records.fields();
        if fields.are_blank() {
            continue;
        }
        if fields.len() > names.len() {
            let message =
                format!("the row has {} cells, and the table {} columns; it is set aside", fields.len(), names.len());
            let hint = "quote cells that hold the separator";
            problems.push(Problem::new(Code::BadRecord, message).at(document, line).hint(hint));
            found.unreadable += mapped::lost(maps);
            continue;
        }
        mapped::read(maps, &Row { fields, columns: &columns }, line, &mut found, &mut notes);
    }
    problems.extend(notes.into_problems());
    Ok((found, problems))
}

fn listed(names: &[String]) -> String {
    const NAMED: usize = 20;
    let mut text = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        text.push_str(", …");
    }
    text
}
