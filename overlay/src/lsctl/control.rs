//! The commands of Tcl that are part of the language.

use pleach_graph::suggest::{list as listed, nearest};

use super::directives;
use super::error::{Outcome, Stop};
use super::expression::{evaluate, is_true};
use super::interpreter::{COMMAND_COST, Run, Value};
use super::list;
use super::number::integer;

/// What there is beside directives.
const KNOWN: [&str; 11] =
    ["expr", "for", "foreach", "if", "incr", "lindex", "list", "llength", "namespace", "package", "set"];

/// Runs a command that is no directive.
pub(super) fn run(run: &mut Run<'_>, name: &str, line: u32, arguments: &[Value]) -> Outcome<String> {
    let texts: Vec<&str> = arguments.iter().map(|value| value.text.as_str()).collect();
    match (name, texts.as_slice()) {
        ("set", [variable]) => run.variable(variable, line).map(str::to_owned),
        ("set", [variable, value]) => {
            run.set(variable, (*value).to_owned(), line)?;
            Ok((*value).to_owned())
        }
        ("incr", [variable]) => increment(run, variable, 1, line),
        ("incr", [variable, by]) => {
            let by = integer(by).ok_or_else(|| Stop::at(line, format!("`{by}` is not a whole number")))?;
            increment(run, variable, by, line)
        }
        ("expr", [_, ..]) => {
            let text = match arguments {
                [one] => one.script().to_owned(),
                _ => texts.join(" "),
            };
            evaluate(run, &text, arguments[0].line)
        }
        ("list", elements) => Ok(list::join(elements.iter().copied())),
        ("llength", [text]) => Ok(list::split(text, line)?.len().to_string()),
        ("lindex", [text, index]) => element(text, index, line),
        ("if", [_, _, ..]) => choose(run, line, arguments),
        ("for", [_, _, _, _]) => count(run, arguments),
        ("foreach", [_, _, .., _]) if texts.len() % 2 == 1 => each(run, line, arguments),
        // What the manual's files begin with: its directives need no prefix here.
        ("namespace", ["import", "lsdn::*" | "::lsdn::*"]) | ("package", ["require", "lsdn"]) => Ok(String::new()),
        ("namespace", _) => {
            Err(Stop::at(line, "of `namespace` only `namespace import lsdn::*` is part of this language"))
        }
        ("package", _) => Err(Stop::at(line, "of `package` only `package require lsdn` is part of this language")),
        _ if KNOWN.contains(&name) => Err(Stop::at(line, usage(name))),
        _ => Err(unknown(name, line)),
    }
}

fn usage(name: &str) -> String {
    let form = match name {
        "set" => "set NAME ?VALUE?",
        "incr" => "incr NAME ?BY?",
        "expr" => "expr EXPRESSION",
        "llength" => "llength LIST",
        "lindex" => "lindex LIST INDEX",
        "if" => "if CONDITION BODY ?elseif CONDITION BODY …? ?else BODY?",
        "for" => "for START CONDITION NEXT BODY",
        _ => "foreach NAMES LIST ?NAMES LIST …? BODY",
    };
    format!("wrong number of arguments: `{form}`")
}

fn unknown(name: &str, line: u32) -> Stop {
    /// Commands of Tcl that a reader of Tcl may expect.
    const TCL: [&str; 26] = [
        "after", "append", "array", "break", "catch", "concat", "continue", "dict", "eval", "exec", "exit", "format",
        "global", "join", "lappend", "lsort", "open", "proc", "puts", "regexp", "return", "source", "split", "string",
        "switch", "while",
    ];
    if TCL.contains(&name) {
        return Stop::at(
            line,
            format!("`{name}` is not part of this language, which has {} beside the directives", listed(&KNOWN)),
        );
    }
    let known = directives::NAMES.into_iter().chain(KNOWN);
    match nearest(name, known).as_slice() {
        [] => Stop::at(line, format!("`{name}` is no directive: {}", listed(&directives::NAMES))),
        alike => Stop::at(line, format!("`{name}` is no directive; did you mean {}?", listed(alike))),
    }
}

fn increment(run: &mut Run<'_>, variable: &str, by: i64, line: u32) -> Outcome<String> {
    // Tcl makes a variable that is not there.
    let now = run.variable(variable, line).unwrap_or("0").to_owned();
    let now = integer(&now).ok_or_else(|| Stop::at(line, format!("`{variable}` holds `{now}`, not a whole number")))?;
    let sum = now.checked_add(by).ok_or_else(|| Stop::at(line, "the result is beyond 64 bits"))?.to_string();
    run.set(variable, sum.clone(), line)?;
    Ok(sum)
}

/// An element by its number from 0, or `end`, `end-1`; nothing where there is none.
fn element(text: &str, index: &str, line: u32) -> Outcome<String> {
    let elements = list::split(text, line)?;
    let from_end = index.strip_prefix("end");
    let number = match from_end {
        Some("") => Some(0),
        Some(rest) => rest.strip_prefix('-').and_then(integer),
        None => integer(index),
    };
    let number = number.ok_or_else(|| Stop::at(line, format!("`{index}` is no index: a number, `end` or `end-1`")))?;
    let at = usize::try_from(number).ok();
    let at = if from_end.is_some() { at.and_then(|at| elements.len().checked_sub(at + 1)) } else { at };
    Ok(at.and_then(|at| elements.get(at)).cloned().unwrap_or_default())
}

fn choose(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<String> {
    let mut rest = arguments;
    loop {
        let [condition, after @ ..] = rest else { return Err(Stop::at(line, usage("if"))) };
        let after = after.strip_prefix_word("then");
        let [body, after @ ..] = after else { return Err(Stop::at(line, usage("if"))) };
        if is_true(run, condition.script(), condition.line)? {
            return run.script(body.script(), body.line);
        }
        rest = match after {
            [] => return Ok(String::new()),
            [word, after @ ..] if word.text == "elseif" => after,
            [word, body] if word.text == "else" => return run.script(body.script(), body.line),
            [body] => return run.script(body.script(), body.line),
            _ => return Err(Stop::at(line, usage("if"))),
        };
    }
}

/// A word that may stand there and means nothing.
trait StripPrefixWord {
    fn strip_prefix_word(&self, word: &str) -> &Self;
}

impl StripPrefixWord for [Value] {
    fn strip_prefix_word(&self, word: &str) -> &Self {
        match self {
            [first, rest @ ..] if first.text == word => rest,
            all => all,
        }
    }
}

fn count(run: &mut Run<'_>, arguments: &[Value]) -> Outcome<String> {
    let [start, condition, next, body] = arguments else { unreachable!("invariant: four arguments") };
    run.script(start.script(), start.line)?;
    while is_true(run, condition.script(), condition.line)? {
        run.charge(condition.text.len() + COMMAND_COST, condition.line)?;
        run.script(body.script(), body.line)?;
        run.script(next.script(), next.line)?;
    }
    Ok(String::new())
}

fn each(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<String> {
    let [pairs @ .., body] = arguments else { unreachable!("invariant: three arguments") };
    let mut columns = Vec::new();
    for pair in pairs.chunks(2) {
        let names = list::split(&pair[0].text, line)?;
        if names.is_empty() {
            return Err(Stop::at(line, "`foreach` names no variable"));
        }
        columns.push((names, list::split(&pair[1].text, line)?));
    }
    let turns = columns.iter().map(|(names, values)| values.len().div_ceil(names.len())).max().unwrap_or(0);
    for turn in 0..turns {
        run.charge(COMMAND_COST, line)?;
        for (names, values) in &columns {
            for (at, name) in names.iter().enumerate() {
                let value = values.get(turn * names.len() + at).cloned().unwrap_or_default();
                run.set(name, value, line)?;
            }
        }
        run.script(body.script(), body.line)?;
    }
    Ok(String::new())
}
