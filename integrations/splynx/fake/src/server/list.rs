//! A list: its rows, filtered, in order, page by page.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::error::Complaint;
use super::query::{Order, Query};
use crate::database::{Database, Row, Table};

/// The positions of the rows that a query asks for, remembered from page to page.
#[derive(Debug, Default)]
pub(crate) struct Filtered(HashMap<(Table, String), Arc<Vec<usize>>>);

impl Filtered {
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    /// Which rows of a table a query asks for, by id.
    pub(crate) fn rows(
        &mut self,
        database: &Database,
        table: Table,
        query: &Query,
    ) -> Result<Arc<Vec<usize>>, Complaint> {
        let key = (table, format!("{:?}", query.filters));
        if let Some(known) = self.0.get(&key) {
            return Ok(known.clone());
        }
        let all = database.rows(table).iter().enumerate();
        let every_id = [("id".to_owned(), ">".to_owned(), vec!["0".to_owned()])];
        let wanted: Vec<usize> = if query.filters.is_empty() || query.filters == every_id {
            all.map(|(at, _)| at).collect()
        } else {
            let mut wanted = Vec::new();
            for (at, row) in all {
                let value: Value = serde_json::from_str(&row.json).unwrap_or_default();
                if query.wants(&value)? {
                    wanted.push(at);
                }
            }
            wanted
        };
        let wanted = Arc::new(wanted);
        self.0.insert(key, wanted.clone());
        Ok(wanted)
    }
}

/// The body of a page.
pub(crate) fn page(rows: &[Row], wanted: &[usize], query: &Query, largest: usize) -> String {
    let length = query.limit.unwrap_or(usize::MAX).min(largest);
    let at = |position: usize| match query.order {
        Order::Ascending => wanted[position],
        Order::Unstated | Order::Descending => wanted[wanted.len() - 1 - position],
    };
    let last = wanted.len().min(query.offset.saturating_add(length));
    let mut body = String::with_capacity(2 + (last.saturating_sub(query.offset)) * 1200);
    body.push('[');
    for position in query.offset..last {
        if position > query.offset {
            body.push(',');
        }
        body.push_str(&rows[at(position)].json);
    }
    body.push(']');
    body
}
