//! `commit`, `validate`, `cleanup`, `free`, `show [-tcl|-json]`

use super::super::error::Outcome;
use super::super::interpreter::{Run, Value};
use super::super::options::{Kind, Options};
use super::super::{Action, Format};

fn act(run: &mut Run<'_>, line: u32, arguments: &[Value], action: Action) -> Outcome<()> {
    Options::of(line, arguments, &[])?.at_most(0)?;
    run.act(line, action)
}

pub(super) fn commit(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    act(run, line, arguments, Action::Commit)
}

pub(super) fn validate(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    act(run, line, arguments, Action::Validate)
}

pub(super) fn cleanup(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    act(run, line, arguments, Action::Cleanup)
}

pub(super) fn free(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    act(run, line, arguments, Action::Free)
}

pub(super) fn show(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    let options = Options::of(line, arguments, &[("-tcl", Kind::Flag), ("-json", Kind::Flag)])?;
    options.at_most(0)?;
    options.exclude("-tcl", "-json", "`-tcl` and `-json` exclude each other")?;
    let format = if options.has("-json") { Format::Json } else { Format::Lsctl };
    run.act(line, Action::Show(format))
}
