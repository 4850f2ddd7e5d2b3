//! `net NAME [BODY] [-vid I] [-settings S] [-phys P] [-remove] [-mtu M] [-table T] [-prefixes LIST]`

use std::collections::BTreeSet;

use pleach_graph::{Prefix, PrefixReading};

use super::super::error::{Outcome, Stop};
use super::super::interpreter::{Run, Scope, Value};
use super::super::list;
use super::super::number::{NO_NUMBER, integer};
use super::super::options::{Kind, Options};
use super::{NAMES, name, settings};
use crate::change::Change;
use crate::mtu::Mtu;
use crate::name::Name;
use crate::origin::Subject;

const OPTIONS: [(&str, Kind); 8] = [
    ("-vid", Kind::Value),
    ("-settings", Kind::Value),
    ("-phys", Kind::Value),
    ("-remove", Kind::Flag),
    ("-mtu", Kind::Value),
    ("-table", Kind::Value),
    ("-at", Kind::Value),
    ("-prefixes", Kind::Value),
];

pub(super) fn net(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    let options = Options::of(line, arguments, &OPTIONS)?;
    options.at_most(2)?;
    let Some(stated) = options.rest.first() else {
        return Err(Stop::at(line, "`net` has no name"));
    };
    if stated.text.is_empty() {
        let hint =
            "its name stands before its body: `net NAME { … }`; a word of `$argv` that was not given is empty too";
        return Err(Stop::at(stated.line, "the name of the net is empty").hint(hint));
    }
    if options.rest.len() == 1 && is_body(&stated.text) {
        let hint = "its name stands before its body: `net NAME { … }`";
        return Err(Stop::at(stated.line, format!("the net has a body and no name: `{}`", stated.text)).hint(hint));
    }
    let name = name(stated)?;
    let is_there = run.session.model.nets().contains_key(&name);
    if options.has("-remove") {
        if !is_there {
            return Err(Stop::at(line, format!("net `{name}` not found, can not remove net"))
                .hint("it is gone already, or has another name: `show` prints those that there are"));
        }
        return run.change(line, Change::RemoveNet(name));
    }
    let phys = match (options.value("-phys"), run.phys_around()) {
        (Some(_), Some(_)) => return Err(Stop::at(line, "`-phys` is not allowed inside `phys`")),
        (Some(value), None) => Some(run.known_phys(value)?),
        (None, around) => around,
    };
    let id = options.read("-vid", |text| {
        integer(text).ok_or("is not the number of a net: VLANs have 1 to 4094, VXLAN and Geneve 1 to 16777215")
    })?;
    if is_there {
        keep(run, line, &options, &name, id)?;
    } else {
        add(run, line, &options, &name, id)?;
    }
    run.stated(line, Subject::Net(name.clone()));
    attributes(run, line, &options, &name)?;
    if let Some(phys) = phys {
        run.change(line, Change::Attach { phys, net: name.clone() })?;
    }
    match options.rest.get(1) {
        Some(body) => run.inside(Scope::Net(name), body),
        None => Ok(()),
    }
}

/// Whether a text with spaces begins as a body does. Where a net has both, its name may be what it is.
fn is_body(text: &str) -> bool {
    let mut words = text.split_whitespace();
    words.next().is_some_and(|first| NAMES.contains(&first)) && words.next().is_some()
}

/// A net that is there keeps its settings and its number.
fn keep(run: &Run<'_>, line: u32, options: &Options<'_>, name: &Name, id: Option<i64>) -> Outcome<()> {
    if options.has("-settings") {
        return Err(Stop::at(line, format!("net `{name}`: can not change settings, the network already exists"))
            .hint(format!("state `-settings` where it is first named, or remove it before: `net -remove {name}`")));
    }
    let number = run.session.model.nets()[name].id().number();
    match id {
        Some(id) if id != i64::from(number) => Err(Stop::at(
            line,
            format!("net `{name}`: can not change the number {number} to {id}, the network already exists"),
        )
        .hint(format!(
            "another number is another net: give that another name, or remove this before: `net -remove {name}`"
        ))),
        _ => Ok(()),
    }
}

fn add(run: &mut Run<'_>, line: u32, options: &Options<'_>, name: &Name, id: Option<i64>) -> Outcome<()> {
    let known = run.session.model.settings();
    let settings = match options.value("-settings") {
        Some(value) => super::known("settings", value, known)?,
        None => settings::default_name(),
    };
    let Some(technology) = known.get(&settings) else {
        let hint = "`settings vlan`, say, before the first net; or name others that there are: `net -settings NAME`";
        return Err(Stop::at(line, "please define default network settings first").hint(hint));
    };
    let is_direct = technology.type_name() == "direct";
    // Without a number it is what the name begins with.
    let id = id.filter(|id| *id != 0).unwrap_or_else(|| leading_number(name.as_str()));
    let Ok(id) = u64::try_from(id) else {
        return Err(Stop::at(line, format!("net `{name}`: the number {id} is negative")));
    };
    if id == 0 && !is_direct {
        return Err(Stop::at(line, format!("net `{name}` has no number: state `-vid`, or let its name begin with it")));
    }
    run.change(line, Change::AddNet { name: name.clone(), settings, id })
}

/// The digits that a name begins with, 0 where there are none.
fn leading_number(name: &str) -> i64 {
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(if digits.is_empty() { 0 } else { i64::MAX })
}

fn attributes(run: &mut Run<'_>, line: u32, options: &Options<'_>, name: &Name) -> Outcome<()> {
    let mtu = options.read("-mtu", |text| Mtu::new(integer(text).unwrap_or(NO_NUMBER)))?;
    if let Some(mtu) = mtu {
        run.change(line, Change::NetMtu(name.clone(), Some(mtu)))?;
    }
    if let Some(table) = options.parsed("-table")? {
        run.change(line, Change::NetTable(name.clone(), Some(table)))?;
    }
    if let Some(node) = options.parsed("-at")? {
        run.change(line, Change::NetNode(name.clone(), Some(node)))?;
    }
    if let Some(value) = options.value("-prefixes") {
        let prefixes = list::split(&value.text, value.line)?
            .iter()
            .map(|text| prefix(text).map_err(|why| Stop::at(value.line, format!("`-prefixes` `{text}` {why}"))))
            .collect::<Outcome<BTreeSet<Prefix>>>()?;
        run.change(line, Change::NetPrefixes(name.clone(), prefixes))?;
    }
    Ok(())
}

fn prefix(text: &str) -> Result<Prefix, String> {
    match Prefix::parse(text) {
        Ok(PrefixReading { prefix, other_reading: None }) => Ok(prefix),
        Ok(PrefixReading { prefix, other_reading: Some(network) }) => {
            Err(format!("has host bits set: write `{prefix}` or `{network}`"))
        }
        Err(error) => Err(error.to_string()),
    }
}
