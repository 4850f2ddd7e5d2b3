//! From TOML to a model.

use std::net::IpAddr;

use pleach_graph::{Code, Problems};
use toml::de::{DeTable, DeValue};

use super::fields::{Fields, Report};
use super::lines::Lines;
use super::values::{self, Unusable};
use super::{Reading, SyntaxError, limits, rules};
use crate::change::{Change, ChangeError};
use crate::model::{Connection, Model, Place, VirtKey};
use crate::mtu::Mtu;
use crate::name::Name;
use crate::origin::{Origins, Subject};
use crate::technology::{Df, MulticastGroup, Technology, UdpPort, UdpTunnel};

/// The settings of a net that names none.
pub(crate) const DEFAULT_SETTINGS: &str = "default";

/// Reads a file; `document` is its name in messages.
///
/// Only what is no TOML is an error. What cannot be used is a problem, and the rest is read.
pub fn read(text: &str, document: &str) -> Result<Reading, SyntaxError> {
    let lines = Lines::of(text);
    let file = DeTable::parse(text).map_err(|error| SyntaxError {
        document: document.to_owned(),
        line: lines.line(error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    let report = Report { document, lines, origins: Origins::default(), problems: Problems::default() };
    let mut reader = Reader { report, model: Model::default() };
    reader.file(file.get_ref());
    let Reader { report: Report { origins, problems, .. }, model } = reader;
    Ok(Reading { model, origins, problems })
}

struct Reader<'d> {
    report: Report<'d>,
    model: Model,
}

impl Reader<'_> {
    fn file(&mut self, file: &DeTable<'_>) {
        let mut fields = Fields::new(&mut self.report, None, "", file, &["overlay"]);
        let Some(overlay) = fields.inner("overlay") else { return };
        let mut fields = Fields::new(&mut self.report, None, "overlay.", overlay, &["settings", "phys", "net"]);
        let [settings, physes, nets] = ["settings", "phys", "net"].map(|key| fields.named(key));
        for (name, at, table) in settings {
            self.settings(name, at, table);
        }
        for (name, at, table) in physes {
            self.phys(name, at, table);
        }
        for (name, at, table) in nets {
            self.net(&name, at, table);
        }
    }

    fn settings(&mut self, name: Name, at: usize, table: &DeTable<'_>) {
        let subject = Subject::Settings(name.clone());
        self.report.origins.put(subject.clone(), self.report.origin(at));
        let mut fields = Fields::new(&mut self.report, Some(&subject), "", table, &["type", "port", "df", "group"]);
        let technology = technology(&mut fields, at);
        match technology {
            Some(technology) => self.apply(&subject, "", at, Change::AddSettings { name, technology }),
            None => self.report.origins.spoil(subject, ""),
        }
    }

    fn phys(&mut self, name: Name, at: usize, table: &DeTable<'_>) {
        let subject = Subject::Phys(name.clone());
        self.report.origins.put(subject.clone(), self.report.origin(at));
        let mut fields = Fields::new(&mut self.report, Some(&subject), "", table, &["interface", "ip", "mtu", "local"]);
        let interface = fields.read("interface", values::parsed);
        let ip = fields.read("ip", values::parsed::<IpAddr>).map(|ip| ip.to_canonical());
        let mtu = fields.read("mtu", |value| values::numbered(value, Mtu::new));
        let place = match fields.read("local", values::boolean) {
            Some(true) => Place::Local,
            _ => Place::Remote,
        };
        for change in [
            Change::AddPhys(name.clone()),
            Change::PhysInterface(name.clone(), interface),
            Change::PhysAddress(name.clone(), ip),
            Change::PhysMtu(name.clone(), mtu),
            Change::PhysPlace(name, place),
        ] {
            self.apply(&subject, "", at, change);
        }
    }

    fn net(&mut self, name: &Name, at: usize, table: &DeTable<'_>) {
        const KEYS: [&str; 8] = ["settings", "id", "attach", "mtu", "at", "table", "prefixes", "virt"];
        let subject = Subject::Net(name.clone());
        self.report.origins.put(subject.clone(), self.report.origin(at));
        let mut fields = Fields::new(&mut self.report, Some(&subject), "", table, &KEYS);
        let settings = match fields.get("settings") {
            None => Some(DEFAULT_SETTINGS.parse().expect("invariant: a name")),
            Some(_) => fields.read("settings", values::parsed),
        };
        // A direct net's frames carry no number.
        let id = match fields.get("id") {
            None => Some(0),
            Some(value) => fields.usable("id", Code::BadNetworkId, value, network_id),
        };
        let at_id = if fields.get("id").is_some() { fields.place("id") } else { at };
        let attached = fields.elements("attach");
        let attached: Vec<(Name, usize)> = attached
            .iter()
            .filter_map(|value| {
                let name = fields.usable("attach", Code::BadOverlayValue, value, values::parsed)?;
                Some((name, value.span().start))
            })
            .collect();
        let mtu = fields.read("mtu", |value| values::numbered(value, Mtu::new));
        let table = fields.read("table", values::parsed);
        let node = fields.read("at", values::parsed);
        let prefixes = fields.elements("prefixes").iter();
        let prefixes = prefixes
            .filter_map(|value| fields.usable("prefixes", Code::BadOverlayValue, value, values::prefix))
            .collect();
        let virts = fields.named("virt");
        let settings = settings.filter(|settings| self.has_settings(&subject, settings, at));
        if let Some((settings, id)) = settings.zip(id) {
            self.apply(&subject, "id", at_id, Change::AddNet { name: name.clone(), settings, id });
        }
        if self.model.nets().contains_key(name) {
            self.apply(&subject, "mtu", at, Change::NetMtu(name.clone(), mtu));
            self.apply(&subject, "table", at, Change::NetTable(name.clone(), table));
            self.apply(&subject, "at", at, Change::NetNode(name.clone(), node));
            self.apply(&subject, "prefixes", at, Change::NetPrefixes(name.clone(), prefixes));
            for (phys, at) in attached {
                self.apply(&subject, "attach", at, Change::Attach { phys, net: name.clone() });
            }
        }
        for (virt, at, table) in virts {
            self.virt(&VirtKey { net: name.clone(), virt }, at, table);
        }
    }

    /// Whether there are settings of this name; where they were set aside, that was said.
    fn has_settings(&mut self, net: &Subject, settings: &Name, at: usize) -> bool {
        let is_there = self.model.settings().contains_key(settings);
        if !is_there && !self.report.origins.is_spoiled(&Subject::Settings(settings.clone()), "") {
            let message = format!("there is no settings `{settings}`");
            self.report.push(Code::UnknownReference, Some(net), "settings", at, message);
        }
        is_there
    }

    fn virt(&mut self, key: &VirtKey, at: usize, table: &DeTable<'_>) {
        let subject = Subject::Virt(key.clone());
        self.report.origins.put(subject.clone(), self.report.origin(at));
        let known = ["mac", "phys", "interface", "rate", "rule"];
        let mut fields = Fields::new(&mut self.report, Some(&subject), "", table, &known);
        let mac = fields.read("mac", values::parsed);
        let phys: Option<Name> = fields.read("phys", values::parsed);
        let interface = fields.read("interface", values::parsed);
        let at_phys = fields.place("phys");
        if phys.is_none() && interface.is_some() && fields.get("phys").is_none() {
            let message = format!("virt `{}` states an `interface` and no `phys` that has it", key.virt);
            fields.report.push(Code::MissingAttribute, Some(&subject), "phys", at, message);
        }
        let rate = fields.inner("rate");
        let rules = fields.elements("rule");
        let limits = rate.map_or_else(Vec::new, |table| limits::read(&mut self.report, &subject, table));
        let rules: Vec<_> = rules.iter().filter_map(|rule| rules::read(&mut self.report, &subject, rule)).collect();
        if !self.model.nets().contains_key(&key.net) {
            return; // the net was set aside, and that was said
        }
        self.apply(&subject, "", at, Change::AddVirt(key.clone()));
        self.apply(&subject, "", at, Change::VirtMac(key.clone(), mac));
        if let Some(phys) = phys {
            self.apply(&subject, "phys", at_phys, Change::Connect(key.clone(), Connection { phys, interface }));
        }
        for (direction, limit) in limits {
            self.apply(&subject, "", at, Change::Limit(key.clone(), direction, Some(limit)));
        }
        for rule in rules {
            self.apply(&subject, "", at, Change::AddRule(key.clone(), rule));
        }
    }

    fn apply(&mut self, subject: &Subject, field: &str, at: usize, change: Change) {
        let Err(error) = self.model.apply(change) else { return };
        let code = match &error {
            ChangeError::NetworkId { .. } => Code::BadNetworkId,
            ChangeError::Missing(..) => Code::UnknownReference,
            ChangeError::Exists(..) => unreachable!("invariant: the keys of a TOML table are unique"),
        };
        self.report.push(code, Some(subject), field, at, error.to_string());
    }
}

fn network_id(value: &DeValue<'_>) -> Result<u64, Unusable> {
    let number = values::integer(value)?;
    u64::try_from(number).map_err(|_| Unusable { text: number.to_string(), why: "is negative".to_owned() })
}

fn technology(fields: &mut Fields<'_, '_, '_>, at: usize) -> Option<Technology> {
    let Some(value) = fields.get("type") else {
        let message = format!("`type` is not stated: {}", pleach_graph::suggest::list(&Technology::TYPES));
        fields.report.push(Code::MissingAttribute, fields.subject, "type", at, message);
        return None;
    };
    let name = fields.read("type", values::text)?;
    let port = fields.read("port", |value| values::numbered(value, UdpPort::new));
    let spoiled_port = port.is_none() && fields.get("port").is_some();
    let df: Option<Df> = fields.read("df", values::parsed);
    let spoiled_df = df.is_none() && fields.get("df").is_some();
    let on = |usual| UdpTunnel { port: port.unwrap_or(usual), df: df.unwrap_or_default() };
    let (vxlan, geneve) = (on(UdpPort::VXLAN), on(UdpPort::GENEVE));
    let technology = match name {
        "direct" => Technology::Direct,
        "vlan" => Technology::Vlan,
        "vxlan/mcast" => Technology::VxlanMulticast(vxlan, group(fields, at)?),
        "vxlan/e2e" => Technology::VxlanE2e(vxlan),
        "vxlan/static" => Technology::VxlanStatic(vxlan),
        "geneve" => Technology::Geneve(geneve),
        "geneve/e2e" => Technology::GeneveE2e(geneve),
        _ => {
            let why = format!("is not a network type: {}", pleach_graph::suggest::list(&Technology::TYPES));
            fields.refuse("type", Code::BadOverlayValue, value.span().start, name, &why);
            return None;
        }
    };
    let is_tunnel = technology.tunnel().is_some();
    for (key, is_used) in [("port", is_tunnel), ("df", is_tunnel), ("group", technology.group().is_some())] {
        if let Some(value) = fields.get(key).filter(|_| !is_used) {
            let text = values::shown(value.get_ref());
            let why = format!("has no meaning for `{name}`");
            fields.refuse(key, Code::BadOverlayValue, value.span().start, &text, &why);
        }
    }
    (!spoiled_port && !spoiled_df).then_some(technology)
}

fn group(fields: &mut Fields<'_, '_, '_>, at: usize) -> Option<MulticastGroup> {
    let Some(value) = fields.get("group") else {
        let message = "`vxlan/mcast` states no `group`".to_owned();
        fields.report.push(Code::NotMulticast, fields.subject, "group", at, message);
        return None;
    };
    let address: IpAddr = fields.read("group", values::parsed)?;
    fields.usable("group", Code::NotMulticast, value, |value| {
        MulticastGroup::new(address).map_err(|error| Unusable { text: values::shown(value), why: error.to_string() })
    })
}
