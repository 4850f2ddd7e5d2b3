//! `settings TYPE [-name N] [-port P] [-df set|unset] [-mcastIp IP]`

use std::net::IpAddr;

use pleach_graph::suggest::list;

use super::super::error::{Outcome, Stop};
use super::super::interpreter::{Run, Value};
use super::super::number::{NO_NUMBER, integer};
use super::super::options::{Kind, Options};
use super::name;
use crate::change::Change;
use crate::name::Name;
use crate::origin::Subject;
use crate::technology::{Df, MulticastGroup, Technology, UdpPort, UdpTunnel};

pub(super) fn settings(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    const OPTIONS: [(&str, Kind); 4] =
        [("-name", Kind::Value), ("-port", Kind::Value), ("-df", Kind::Value), ("-mcastIp", Kind::Value)];
    let Some((kind, arguments)) = arguments.split_first() else {
        return Err(Stop::at(line, format!("`settings` names no type: {}", list(&Technology::TYPES))));
    };
    let kind = type_name(kind)?;
    let known: &[_] = match kind {
        "direct" | "vlan" => &OPTIONS[..1],
        "vxlan/mcast" => &OPTIONS,
        _ => &OPTIONS[..3],
    };
    let options = Options::of(line, arguments, known)?;
    options.at_most(0)?;
    let name = match options.value("-name") {
        Some(value) => name(value)?,
        None => default_name(),
    };
    if run.session.model.settings().contains_key(&name) {
        let what = if name == default_name() { "default settings exist" } else { "the name exists" };
        let since = run.line_of(&Subject::Settings(name.clone()));
        let since = since.map_or_else(String::new, |since| format!(", since {since}"));
        return Err(Stop::at(line, format!("settings `{name}`: {what} already{since}"))
            .hint("they cannot be changed: leave these out, give them a name of their own (`-name`), or begin anew with `free`"));
    }
    let port = options.read("-port", |text| UdpPort::new(integer(text).unwrap_or(NO_NUMBER)))?;
    let df = options.parsed::<Df>("-df")?.unwrap_or_default();
    let on = |usual| UdpTunnel { port: port.unwrap_or(usual), df };
    let (vxlan, geneve) = (on(UdpPort::VXLAN), on(UdpPort::GENEVE));
    let technology = match kind {
        "direct" => Technology::Direct,
        "vlan" => Technology::Vlan,
        "vxlan/mcast" => Technology::VxlanMulticast(vxlan, group(&options, line)?),
        "vxlan/e2e" => Technology::VxlanE2e(vxlan),
        "vxlan/static" => Technology::VxlanStatic(vxlan),
        "geneve" => Technology::Geneve(geneve),
        _ => Technology::GeneveE2e(geneve),
    };
    run.stated(line, Subject::Settings(name.clone()));
    run.change(line, Change::AddSettings { name, technology })
}

/// The name of settings that state none.
pub(super) fn default_name() -> Name {
    "default".parse().expect("invariant: a name")
}

fn type_name(value: &Value) -> Outcome<&'static str> {
    let text = value.text.as_str();
    if let Some(exact) = Technology::TYPES.into_iter().find(|name| *name == text) {
        return Ok(exact);
    }
    let alike: Vec<&'static str> = Technology::TYPES.into_iter().filter(|name| name.starts_with(text)).collect();
    match alike.as_slice() {
        [one] => Ok(one),
        _ => Err(Stop::at(value.line, format!("bad type `{text}`: must be {}", list(&Technology::TYPES)))),
    }
}

fn group(options: &Options<'_>, line: u32) -> Outcome<MulticastGroup> {
    let group = options.read("-mcastIp", |text| {
        let address: IpAddr = text.parse().map_err(|_| "is not an IP address".to_owned())?;
        MulticastGroup::new(address.to_canonical()).map_err(|error| error.to_string())
    })?;
    group.ok_or_else(|| Stop::at(line, "`settings vxlan/mcast` needs `-mcastIp`, the address of a multicast group"))
}
