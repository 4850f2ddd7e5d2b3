//! `phys [BODY] [-name N] [-if I] [-ip A] [-net N] [-remove] [-ifClear] [-ipClear] [-mtu M]`

use std::net::IpAddr;

use super::super::error::{Outcome, Stop};
use super::super::interpreter::{Run, Scope, Value};
use super::super::number::{NO_NUMBER, integer};
use super::super::options::{Kind, Options};
use super::{free_name, name};
use crate::change::Change;
use crate::mtu::Mtu;
use crate::name::Name;
use crate::origin::Subject;

const OPTIONS: [(&str, Kind); 8] = [
    ("-name", Kind::Value),
    ("-if", Kind::Value),
    ("-ip", Kind::Value),
    ("-net", Kind::Value),
    ("-remove", Kind::Flag),
    ("-ifClear", Kind::Flag),
    ("-ipClear", Kind::Flag),
    ("-mtu", Kind::Value),
];

pub(super) fn phys(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    let options = Options::of(line, arguments, &OPTIONS)?;
    options.at_most(1)?;
    options.exclude("-if", "-ifClear", "can not clear and set interface at the same time")?;
    options.exclude("-ip", "-ipClear", "can not clear and set IP address at the same time")?;
    let stated = options.value("-name").map(name).transpose()?;
    if options.has("-remove") {
        return match stated.filter(|name| run.session.model.physes().contains_key(name)) {
            Some(name) => run.change(line, Change::RemovePhys(name)),
            None => Err(Stop::at(line, "phys not found, can not remove phys")
                .hint("state `-name`; `show` prints the physes that there are")),
        };
    }
    let net = match (options.value("-net"), run.net_around()) {
        (Some(_), Some(_)) => return Err(Stop::at(line, "`-net` is not allowed inside `net`")),
        (Some(value), None) => Some(run.known_net(value)?),
        (None, around) => around,
    };
    let physes = run.session.model.physes();
    let name = stated.unwrap_or_else(|| free_name("phys", |name| physes.contains_key(name)));
    if !physes.contains_key(&name) {
        run.change(line, Change::AddPhys(name.clone()))?;
    }
    run.stated(line, Subject::Phys(name.clone()));
    attributes(run, line, &options, &name)?;
    if let Some(net) = net {
        run.change(line, Change::Attach { phys: name.clone(), net })?;
    }
    match options.rest.first() {
        Some(body) => run.inside(Scope::Phys(name), body),
        None => Ok(()),
    }
}

fn attributes(run: &mut Run<'_>, line: u32, options: &Options<'_>, name: &Name) -> Outcome<()> {
    let interface = options.parsed("-if")?;
    if interface.is_some() || options.has("-ifClear") {
        run.change(line, Change::PhysInterface(name.clone(), interface))?;
    }
    let ip = options.read("-ip", |text| {
        text.parse::<IpAddr>().map_err(|_| {
            if text.contains('/') {
                "is not an IP address: it has no prefix length here"
            } else {
                "is not an IP address"
            }
        })
    })?;
    if ip.is_some() || options.has("-ipClear") {
        run.change(line, Change::PhysAddress(name.clone(), ip.map(|ip| ip.to_canonical())))?;
    }
    let mtu = options.read("-mtu", |text| Mtu::new(integer(text).unwrap_or(NO_NUMBER)))?;
    if let Some(mtu) = mtu {
        run.change(line, Change::PhysMtu(name.clone(), Some(mtu)))?;
    }
    Ok(())
}
