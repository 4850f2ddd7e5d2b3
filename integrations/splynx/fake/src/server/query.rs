//! What a list is asked: PHP's way to write lists in a query, read without forgiveness.

use serde_json::Value;
use url::form_urlencoded;

use super::error::Complaint;

/// What a list is asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) limit: Option<usize>,
    pub(crate) offset: usize,
    pub(crate) order: Order,
    /// Field, operator, operands.
    pub(crate) filters: Vec<(String, String, Vec<String>)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// However the database gives them: backwards, so that nobody relies on it.
    #[default]
    Unstated,
    Ascending,
    Descending,
}

impl Query {
    /// Reads the query of an address.
    pub(crate) fn read(text: &str) -> Result<Self, Complaint> {
        let mut query = Self::default();
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            let (name, path) = split(&key)?;
            let number = || value.parse::<usize>().map_err(|_| Complaint::bad_request(format!("{key} is no number")));
            match (name, path.as_slice()) {
                ("limit", []) => query.limit = Some(number()?),
                ("offset", []) => query.offset = number()?,
                ("order", ["id"]) => {
                    query.order = match &*value {
                        "ASC" => Order::Ascending,
                        "DESC" => Order::Descending,
                        other => return Err(Complaint::bad_request(format!("order {other} is unknown"))),
                    };
                }
                ("main_attributes", [field]) => {
                    query.filters.push(((*field).to_owned(), "=".to_owned(), vec![value.into_owned()]));
                }
                ("main_attributes", [field, _] | [field, _, _]) => query.operand(field, value.into_owned()),
                _ => return Err(Complaint::bad_request(format!("{key} is unknown"))),
            }
        }
        Ok(query)
    }

    /// The first of `field[]=…` is the operator, the rest are operands.
    fn operand(&mut self, field: &str, value: String) {
        match self.filters.iter_mut().find(|(name, _, _)| name == field) {
            Some((_, _, operands)) => operands.push(value),
            None => self.filters.push((field.to_owned(), value, Vec::new())),
        }
    }

    /// Whether a row is asked for.
    pub(crate) fn wants(&self, row: &Value) -> Result<bool, Complaint> {
        for (field, operator, operands) in &self.filters {
            let value = match &row[field] {
                Value::String(text) => text.clone(),
                Value::Bool(flag) => u8::from(*flag).to_string(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            let compared = |with: &String| match (value.parse::<f64>(), with.parse::<f64>()) {
                (Ok(value), Ok(with)) => value.total_cmp(&with),
                _ => value.cmp(with),
            };
            let first = operands.first().ok_or_else(|| Complaint::bad_request(format!("{field} lacks an operand")))?;
            let is_wanted = match operator.as_str() {
                "=" => compared(first).is_eq(),
                "!=" | "<>" => compared(first).is_ne(),
                ">" => compared(first).is_gt(),
                ">=" => compared(first).is_ge(),
                "<" => compared(first).is_lt(),
                "<=" => compared(first).is_le(),
                "IN" => operands.iter().any(|operand| compared(operand).is_eq()),
                other => return Err(Complaint::bad_request(format!("operator {other} is not known to the fake"))),
            };
            if !is_wanted {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// `main_attributes[status][]` as its name and what stands in brackets.
fn split(key: &str) -> Result<(&str, Vec<&str>), Complaint> {
    let wrong = || Complaint::bad_request(format!("{key} is no parameter"));
    let Some((name, rest)) = key.split_once('[') else { return Ok((key, Vec::new())) };
    let inner = rest.strip_suffix(']').ok_or_else(wrong)?;
    Ok((name, inner.split("][").collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_in_the_way_of_php() {
        let query =
            Query::read("limit=10&offset=20&order%5Bid%5D=ASC&main_attributes[id][]=%3E&main_attributes[id][]=0")
                .expect("well asked");
        assert_eq!((query.limit, query.offset, query.order), (Some(10), 20, Order::Ascending));
        assert_eq!(query.filters, [("id".to_owned(), ">".to_owned(), vec!["0".to_owned()])]);
        let wants = |text: &str, row: Value| Query::read(text).expect("well asked").wants(&row).expect("known");
        assert!(wants("main_attributes[is_used]=1", json!({"is_used": "1"})));
        assert!(wants("main_attributes[is_used]=1", json!({"is_used": true})));
        assert!(wants("main_attributes[id][]=>&main_attributes[id][]=9", json!({"id": "10"})));
        assert!(wants(
            "main_attributes[s][0]=IN&main_attributes[s][1][0]=a&main_attributes[s][1][1]=b",
            json!({"s": "b"})
        ));
        assert!(!wants("main_attributes[s][]=IN&main_attributes[s][][]=a", json!({"s": "b"})));
    }

    #[test]
    fn what_is_unknown_is_refused() {
        for text in ["page=2", "limit=many", "order[name]=ASC", "order[id]=UP", "main_attributes[id"] {
            assert!(Query::read(text).is_err(), "{text}");
        }
        assert!(
            Query::read("main_attributes[a][]=LIKE&main_attributes[a][]=x").expect("read").wants(&json!({})).is_err()
        );
    }
}
