//! `virt [BODY] [-net N] [-name N] [-mac M] [-phys P] [-if I] [-remove] [-macClear]`

use super::super::error::{Outcome, Stop};
use super::super::interpreter::{Run, Scope, Value};
use super::super::options::{Kind, Options};
use super::{free_name, name};
use crate::change::Change;
use crate::model::{Connection, VirtKey};
use crate::origin::Subject;

const OPTIONS: [(&str, Kind); 7] = [
    ("-net", Kind::Value),
    ("-name", Kind::Value),
    ("-mac", Kind::Value),
    ("-phys", Kind::Value),
    ("-if", Kind::Value),
    ("-remove", Kind::Flag),
    ("-macClear", Kind::Flag),
];

pub(super) fn virt(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    let options = Options::of(line, arguments, &OPTIONS)?;
    options.at_most(1)?;
    options.exclude("-mac", "-macClear", "can not clear and set MAC address at the same time")?;
    let net = match (options.value("-net"), run.net_around()) {
        (Some(_), Some(_)) => return Err(Stop::at(line, "`-net` argument is not allowed inside net scope")),
        (Some(value), None) => run.known_net(value)?,
        (None, Some(around)) => around,
        (None, None) => {
            let message = "network must be specified, either using `-net` argument or from net scope";
            return Err(Stop::at(line, message));
        }
    };
    let stated = options.value("-name").map(name).transpose()?;
    let known = run.session.model.nets()[&net].virts();
    if options.has("-remove") {
        return match stated.filter(|name| known.contains_key(name)) {
            Some(virt) => run.change(line, Change::RemoveVirt(VirtKey { net, virt })),
            None => Err(Stop::at(line, format!("virt not found, can not remove virt of net `{net}`"))
                .hint("state `-name`, and the net that it is in; `show` prints the virts that there are")),
        };
    }
    let virt = stated.unwrap_or_else(|| free_name("virt", |name| known.contains_key(name)));
    let is_there = known.contains_key(&virt);
    let key = VirtKey { net, virt };
    if !is_there {
        run.change(line, Change::AddVirt(key.clone()))?;
    }
    run.stated(line, Subject::Virt(key.clone()));
    let mac = options.parsed("-mac")?;
    if mac.is_some() || options.has("-macClear") {
        run.change(line, Change::VirtMac(key.clone(), mac))?;
    }
    connect(run, line, &options, &key)?;
    match options.rest.first() {
        Some(body) => run.inside(Scope::Virt(key), body),
        None => Ok(()),
    }
}

/// A virt that moves without naming an interface has the one that it had.
fn connect(run: &mut Run<'_>, line: u32, options: &Options<'_>, key: &VirtKey) -> Outcome<()> {
    let before = run.session.model.virt(key).and_then(|virt| virt.connection.clone());
    let interface = options.parsed("-if")?;
    let phys = match (options.value("-phys"), run.phys_around()) {
        (Some(_), Some(_)) => return Err(Stop::at(line, "`-phys` argument is not allowed inside phys scope")),
        (Some(value), None) => Some(run.known_phys(value)?),
        (None, around) => around,
    };
    let phys = match (phys, &before) {
        (Some(phys), _) => phys,
        (None, _) if interface.is_none() => return Ok(()),
        (None, Some(before)) => before.phys.clone(),
        (None, None) => return Err(Stop::at(line, "`-if` needs a phys: state `-phys`, or nest it in `phys`")),
    };
    let interface = interface.or_else(|| before.and_then(|before| before.interface));
    run.change(line, Change::Connect(key.clone(), Connection { phys, interface }))
}
