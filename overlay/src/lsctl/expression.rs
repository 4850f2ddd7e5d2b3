//! `expr`: integers and texts, and what is computed of them (Tcl 8.6, `expr(n)`, without decimals and functions).

use super::DEEPEST_NESTING;
use super::error::{Outcome, Stop};
use super::interpreter::Run;
use super::number::integer;
use super::syntax::{Parser, Part};

/// A value of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Number(i64),
    Text(String),
}

/// Whether a part of an expression is computed, or only read because nothing needs it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Computed,
    Skipped,
}

/// Operators of two operands, those that bind loosest first.
const LEVELS: [&[&str]; 7] =
    [&["||"], &["&&"], &["eq", "ne"], &["==", "!="], &["<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];

struct Expression<'e, 'r, 'a> {
    parser: Parser<'e>,
    run: &'r mut Run<'a>,
    depth: usize,
}

/// The value of an expression as text.
pub(super) fn evaluate(run: &mut Run<'_>, text: &str, line: u32) -> Outcome<String> {
    Ok(match value(run, text, line)? {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => integer(&text).map_or(text, |number| number.to_string()),
    })
}

/// Whether an expression is true.
pub(super) fn is_true(run: &mut Run<'_>, text: &str, line: u32) -> Outcome<bool> {
    truth(&value(run, text, line)?, line)
}

fn value(run: &mut Run<'_>, text: &str, line: u32) -> Outcome<Value> {
    let mut expression = Expression { parser: Parser::new(text, line), run, depth: 0 };
    let value = expression.choice(Need::Computed)?;
    expression.parser.skip_white();
    match expression.parser.peek() {
        None => Ok(value),
        Some(_) => Err(expression.stop(format!("`{}` cannot stand there", first_word(expression.parser.rest())))),
    }
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| !c.is_whitespace()).take(20).collect()
}

fn truth(value: &Value, line: u32) -> Outcome<bool> {
    match value {
        Value::Number(number) => Ok(*number != 0),
        Value::Text(text) => match (integer(text), text.trim().to_ascii_lowercase().as_str()) {
            (Some(number), _) => Ok(number != 0),
            (None, "true" | "yes" | "on") => Ok(true),
            (None, "false" | "no" | "off") => Ok(false),
            (None, _) => Err(Stop::at(line, format!("`{text}` is neither true nor false"))),
        },
    }
}

fn number(value: &Value, line: u32) -> Outcome<i64> {
    match value {
        Value::Number(number) => Ok(*number),
        Value::Text(text) => integer(text).ok_or_else(|| {
            let why =
                if is_decimal(text) { "decimals are not part of this language" } else { "it is not a whole number" };
            Stop::at(line, format!("cannot compute with `{text}`: {why}"))
        }),
    }
}

fn is_decimal(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && integer(text).is_none()
        && text.parse::<f64>().is_ok()
}

impl Expression<'_, '_, '_> {
    fn stop(&self, message: impl Into<String>) -> Stop {
        Stop::at(self.parser.line(), message)
    }

    /// Goes one level deeper, at most so deep as the language allows.
    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth == DEEPEST_NESTING {
            return Err(self.stop(format!("the expression is nested more than {DEEPEST_NESTING} deep")));
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        result
    }

    /// `a ? b : c`
    fn choice(&mut self, need: Need) -> Outcome<Value> {
        let condition = self.binary(0, need)?;
        self.parser.skip_white();
        if self.parser.peek() != Some('?') {
            return Ok(condition);
        }
        self.parser.bump();
        let is_first = need == Need::Computed && truth(&condition, self.parser.line())?;
        let of = |is_wanted: bool| if need == Need::Computed && is_wanted { Need::Computed } else { Need::Skipped };
        let first = self.deeper(|inside| inside.choice(of(is_first)))?;
        self.parser.skip_white();
        if self.parser.bump() != Some(':') {
            return Err(self.stop("`?` has no `:`"));
        }
        let second = self.deeper(|inside| inside.choice(of(!is_first)))?;
        Ok(if is_first { first } else { second })
    }

    /// Operators of two operands, from the level that binds loosest.
    fn binary(&mut self, level: usize, need: Need) -> Outcome<Value> {
        let Some(operators) = LEVELS.get(level) else { return self.unary(need) };
        let mut left = self.binary(level + 1, need)?;
        while let Some(operator) = self.operator(operators) {
            let line = self.parser.line();
            let is_decided = need == Need::Computed
                && match operator {
                    "||" => truth(&left, line)?,
                    "&&" => !truth(&left, line)?,
                    _ => false,
                };
            let right = self.binary(level + 1, if is_decided { Need::Skipped } else { need })?;
            if need == Need::Skipped {
                continue;
            }
            left = match operator {
                "||" | "&&" if is_decided => Value::Number(i64::from(operator == "||")),
                "||" | "&&" => Value::Number(i64::from(truth(&right, line)?)),
                _ => compute(operator, &left, &right, line)?,
            };
        }
        Ok(left)
    }

    fn operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        self.parser.skip_white();
        let rest = self.parser.rest();
        let found = *operators.iter().find(|operator| rest.starts_with(**operator))?;
        let after = rest[found.len()..].chars().next();
        let is_word = found.starts_with(|c: char| c.is_ascii_alphabetic());
        if (is_word && after.is_some_and(|c| c.is_ascii_alphanumeric())) || (found == "*" && after == Some('*')) {
            return None;
        }
        if matches!(found, "<" | ">") && after == found.chars().next() {
            return None; // shifts are not part of this language
        }
        found.chars().for_each(|_| _ = self.parser.bump());
        Some(found)
    }

    fn unary(&mut self, need: Need) -> Outcome<Value> {
        self.parser.skip_white();
        let line = self.parser.line();
        let Some(sign @ ('-' | '+' | '!')) = self.parser.peek() else { return self.operand(need) };
        self.parser.bump();
        let value = self.deeper(|inside| inside.unary(need))?;
        if need == Need::Skipped {
            return Ok(value);
        }
        let number = match sign {
            '!' => Some(i64::from(!truth(&value, line)?)),
            '-' => number(&value, line)?.checked_neg(),
            _ => Some(number(&value, line)?),
        };
        number.map(Value::Number).ok_or_else(|| Stop::at(line, "the result is beyond 64 bits"))
    }

    fn operand(&mut self, need: Need) -> Outcome<Value> {
        let line = self.parser.line();
        match self.parser.peek() {
            None => Err(self.stop("the expression ends where a value is expected")),
            Some('(') => {
                self.parser.bump();
                let value = self.deeper(|inside| inside.choice(need))?;
                self.parser.skip_white();
                if self.parser.bump() == Some(')') {
                    Ok(value)
                } else {
                    Err(Stop::at(line, "a parenthesis is not closed"))
                }
            }
            Some('{') => self.parser.braces().map(Value::Text),
            Some('"') => {
                self.parser.bump();
                let parts = self.parser.parts(|parser| parser.peek() == Some('"'))?;
                if self.parser.bump().is_none() {
                    return Err(Stop::at(line, "a quote is opened here and not closed"));
                }
                self.substituted(&parts, need, line)
            }
            Some('$') => {
                let part = self.parser.variable()?.ok_or_else(|| Stop::at(line, "`$` names no variable"))?;
                self.substituted(&[part], need, line)
            }
            Some('[') => {
                let part = self.parser.brackets()?;
                self.substituted(&[part], need, line)
            }
            Some(_) => self.literal(line),
        }
    }

    fn substituted(&mut self, parts: &[Part], need: Need, line: u32) -> Outcome<Value> {
        if need == Need::Skipped {
            return Ok(Value::Number(0));
        }
        self.run.substitute(parts, line).map(Value::Text)
    }

    fn literal(&mut self, line: u32) -> Outcome<Value> {
        let rest = self.parser.rest();
        let end =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | ':')).unwrap_or(rest.len());
        let word = &rest[..end];
        // A number stays as it is written: `10 eq 0xa` is false.
        if integer(word).is_some()
            || matches!(word.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off")
        {
            (0..end).for_each(|_| _ = self.parser.bump());
            return Ok(Value::Text(word.to_owned()));
        }
        let why = if is_decimal(word) {
            "decimals are not part of this language"
        } else if rest[end..].starts_with('(') {
            "functions are not part of this language"
        } else if word.is_empty() {
            "it is no value"
        } else {
            "a text stands in quotes or braces"
        };
        let shown = if word.is_empty() { first_word(rest) } else { word.to_owned() };
        Err(Stop::at(line, format!("cannot compute with `{shown}`: {why}")))
    }
}

fn compute(operator: &str, left: &Value, right: &Value, line: u32) -> Outcome<Value> {
    let ordering = |left: &Value, right: &Value| -> Outcome<std::cmp::Ordering> {
        let [first, second] = [left, right].map(|value| match value {
            Value::Number(number) => (Some(*number), number.to_string()),
            Value::Text(text) => (integer(text), text.clone()),
        });
        if let (Some(first), Some(second)) = (first.0, second.0) {
            return Ok(first.cmp(&second));
        }
        if let Some(text) = [&first.1, &second.1].into_iter().find(|text| is_decimal(text)) {
            return Err(Stop::at(line, format!("cannot compare `{text}`: decimals are not part of this language")));
        }
        Ok(first.1.cmp(&second.1))
    };
    let same = |left: &Value, right: &Value| {
        let text = |value: &Value| match value {
            Value::Number(number) => number.to_string(),
            Value::Text(text) => text.clone(),
        };
        text(left) == text(right)
    };
    let is_so = match operator {
        "==" => ordering(left, right)?.is_eq(),
        "!=" => ordering(left, right)?.is_ne(),
        "<" => ordering(left, right)?.is_lt(),
        ">" => ordering(left, right)?.is_gt(),
        "<=" => ordering(left, right)?.is_le(),
        ">=" => ordering(left, right)?.is_ge(),
        "eq" => same(left, right),
        "ne" => !same(left, right),
        _ => return arithmetic(operator, number(left, line)?, number(right, line)?, line).map(Value::Number),
    };
    Ok(Value::Number(i64::from(is_so)))
}

/// Division rounds down and a remainder has the sign of its divisor, as Tcl has it.
fn arithmetic(operator: &str, left: i64, right: i64, line: u32) -> Outcome<i64> {
    if matches!(operator, "/" | "%") && right == 0 {
        return Err(Stop::at(line, "division by zero"));
    }
    let result = match operator {
        "+" => left.checked_add(right),
        "-" => left.checked_sub(right),
        "*" => left.checked_mul(right),
        "/" => left.checked_div(right).map(|quotient| {
            let is_exact = quotient.wrapping_mul(right) == left;
            if is_exact || (left < 0) == (right < 0) { quotient } else { quotient - 1 }
        }),
        _ => {
            left.checked_rem(right).map(|rest| if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest })
        }
    };
    result.ok_or_else(|| Stop::at(line, "the result is beyond 64 bits"))
}
