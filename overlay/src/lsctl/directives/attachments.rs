//! `attach`, `detach` `[-phys P] [-net N] [names…]` and `claimLocal [-phys P] [physes…]`

use super::super::error::{Outcome, Stop};
use super::super::interpreter::{Run, Scope, Value};
use super::super::options::{Kind, Options};
use crate::change::Change;
use crate::model::Place;
use crate::name::Name;

pub(super) fn attach(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    for (phys, net) in pairs(run, line, arguments)? {
        run.change(line, Change::Attach { phys, net })?;
    }
    Ok(())
}

pub(super) fn detach(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    for (phys, net) in pairs(run, line, arguments)? {
        run.change(line, Change::Detach { phys, net })?;
    }
    Ok(())
}

/// Which physes and which nets: one of each, many physes of a net, or many nets of a phys.
fn pairs(run: &Run<'_>, line: u32, arguments: &[Value]) -> Outcome<Vec<(Name, Name)>> {
    let options = Options::of(line, arguments, &[("-phys", Kind::Value), ("-net", Kind::Value)])?;
    let (around_net, around_phys) = match run.scopes.last() {
        Some(Scope::Net(net)) => (Some(net.clone()), None),
        Some(Scope::Phys(phys)) => (None, Some(phys.clone())),
        _ => (None, None),
    };
    let stated = |what: &str, around: Option<Name>, known: &dyn Fn(&Value) -> Outcome<Name>| match options.value(what) {
        Some(_) if around.is_some() => Err(Stop::at(line, format!("`{what}` is what this is nested in already"))),
        Some(value) => known(value).map(Some),
        None => Ok(around),
    };
    let phys = stated("-phys", around_phys, &|value| run.known_phys(value))?;
    let net = stated("-net", around_net, &|value| run.known_net(value))?;
    match (phys, net, options.rest.as_slice()) {
        (Some(phys), Some(net), []) => Ok(vec![(phys, net)]),
        (Some(_), Some(_), _) => Err(Stop::at(line, "can not specify all three: a phys, a net and a list")),
        (Some(phys), None, nets @ [_, ..]) => {
            nets.iter().map(|value| Ok((phys.clone(), run.known_net(value)?))).collect()
        }
        (None, Some(net), physes @ [_, ..]) => {
            physes.iter().map(|value| Ok((run.known_phys(value)?, net.clone()))).collect()
        }
        (Some(_), None, []) => Err(Stop::at(line, "need to specify a net").hint("inside `phys`: `attach NET`")),
        (None, Some(_), []) => Err(Stop::at(line, "need to specify a phys").hint("inside `net`: `attach PHYS`")),
        (None, None, _) => Err(Stop::at(line, "need to specify a phys or a net: `-phys` or `-net`")),
    }
}

pub(super) fn claim_local(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    let options = Options::of(line, arguments, &[("-phys", Kind::Value)])?;
    let physes = match (run.phys_around(), options.value("-phys"), options.rest.as_slice()) {
        (Some(phys), None, []) => vec![phys],
        (None, Some(phys), []) => vec![run.known_phys(phys)?],
        (None, None, physes @ [_, ..]) => physes.iter().map(|value| run.known_phys(value)).collect::<Outcome<_>>()?,
        _ => {
            return Err(Stop::at(line, "expected either a list of physes, a phys scope or `-phys` argument")
                .hint("`claimLocal PHYS`, or without a name inside `phys`"));
        }
    };
    for phys in physes {
        run.change(line, Change::PhysPlace(phys, Place::Local))?;
    }
    Ok(())
}
