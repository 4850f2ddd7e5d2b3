//! Random models without errors: five hosts, nets of every technology with virts in them.

use pleach_graph::{Problems, Rate};
use pleach_overlay::{
    Bytes, Change, Checked, Connection, Counting, Direction, Host, Limit, Mac, Match, Model, Mtu, MulticastGroup, Name,
    Origins, Policer, Priority, Rule, RuleAction, Shaper, Technology, UdpPort, UdpTunnel, VirtKey, check,
};
use pleach_tc::{LeafKind, MarkField};
use proptest::collection::vec;
use proptest::prelude::*;

/// How many hosts there are.
pub(crate) const HOSTS: usize = 5;

/// What a net is drawn from.
#[derive(Clone, Debug)]
pub(crate) struct NetDraft {
    kind: usize,
    attached: [bool; HOSTS],
    mtu: bool,
    is_bound: bool,
    virts: Vec<VirtDraft>,
}

#[derive(Clone, Debug)]
struct VirtDraft {
    host: usize,
    rules: u8,
    limits: u8,
}

/// What a model is drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    is_ipv6: bool,
    /// All ports are higher by this.
    ports: u8,
    nets: Vec<NetDraft>,
}

pub(crate) fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

pub(crate) fn host(at: usize) -> Name {
    name(&format!("host-{at}"))
}

fn technology(kind: usize, ports: u8, is_ipv6: bool) -> Technology {
    let port = |base: i64| UdpPort::new(base + i64::from(ports)).expect("a port");
    let group = if is_ipv6 { "ff05::1" } else { "239.0.0.1" };
    match kind {
        0 => Technology::Vlan,
        1 => {
            let group = MulticastGroup::new(group.parse().expect("an address")).expect("a group");
            Technology::VxlanMulticast(UdpTunnel::on(port(4789)), group)
        }
        2 => Technology::VxlanE2e(UdpTunnel::on(port(4789))),
        3 => Technology::VxlanStatic(UdpTunnel::on(port(4790))),
        4 => Technology::Geneve(UdpTunnel::on(port(6081))),
        5 => Technology::GeneveE2e(UdpTunnel::on(port(6082))),
        _ => Technology::Direct,
    }
}

fn virt_draft() -> impl Strategy<Value = VirtDraft> {
    (0..HOSTS, 0..4_u8, 0..12_u8).prop_map(|(host, rules, limits)| VirtDraft { host, rules, limits })
}

fn net_draft() -> impl Strategy<Value = NetDraft> {
    (0..6_usize, any::<[bool; HOSTS]>(), any::<[bool; 2]>(), vec(virt_draft(), 0..6))
        .prop_map(|(kind, attached, [mtu, is_bound], virts)| NetDraft { kind, attached, mtu, is_bound, virts })
}

pub(crate) fn draft() -> impl Strategy<Value = Draft> {
    (any::<bool>(), 0..3_u8, vec(net_draft(), 0..6)).prop_map(|(is_ipv6, ports, nets)| Draft { is_ipv6, ports, nets })
}

impl Draft {
    /// The same with the nets of another draft beside its own.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let nets = self.nets.iter().chain(&other.nets).cloned().collect();
        Self { nets, ..*self }
    }

    /// The model. Each net's number is its place, so that two drafts have nets in common.
    pub(crate) fn model(&self) -> Model {
        let mut model = Model::default();
        let mut make = |change| model.apply(change).expect("the change refers to what is there");
        for kind in 0..7 {
            make(Change::AddSettings {
                name: name(&kind.to_string()),
                technology: technology(kind, self.ports, self.is_ipv6),
            });
        }
        for at in 0..HOSTS {
            let ip = if self.is_ipv6 { format!("2001:db8::{at}:1") } else { format!("172.16.{at}.1") };
            make(Change::AddPhys(host(at)));
            make(Change::PhysInterface(host(at), Some("eth0".parse().expect("an interface"))));
            make(Change::PhysAddress(host(at), Some(ip.parse().expect("an address"))));
        }
        for (at, net) in self.nets.iter().enumerate() {
            net.changes(at).into_iter().for_each(&mut make);
        }
        model
    }
}

impl NetDraft {
    fn changes(&self, at: usize) -> Vec<Change> {
        let net = name(&format!("net-{at}"));
        let id = 1000 - at as u64; // a net that comes later sorts before the others
        let mut changes = vec![Change::AddNet { name: net.clone(), settings: name(&self.kind.to_string()), id }];
        if self.is_bound {
            let node = format!("csv:site:{at}").parse().expect("a node");
            changes.push(Change::NetNode(net.clone(), Some(node)));
        }
        if self.mtu {
            changes.push(Change::NetMtu(net.clone(), Some(Mtu::new(1400).expect("an MTU"))));
        }
        let attach = |at| Change::Attach { phys: host(at), net: net.clone() };
        changes.extend((0..HOSTS).filter(|at| self.attached[*at]).map(attach));
        for (number, virt) in self.virts.iter().enumerate() {
            virt.add(at, number, &net, self.attached[virt.host], &mut changes);
        }
        changes
    }
}

impl VirtDraft {
    fn add(&self, net_at: usize, number: usize, net: &Name, is_attached: bool, changes: &mut Vec<Change>) {
        let key = VirtKey { net: net.clone(), virt: name(&format!("v{number}")) };
        changes.push(Change::AddVirt(key.clone()));
        let byte = |number: usize| u8::try_from(number).expect("few");
        let mac = Mac([2, 0, 0, 0, byte(net_at), byte(number)]);
        changes.push(Change::VirtMac(key.clone(), Some(mac)));
        if is_attached {
            let interface = Some(format!("tap{net_at}-{number}").parse().expect("an interface"));
            changes.push(Change::Connect(key.clone(), Connection { phys: host(self.host), interface }));
        }
        for (at, direction) in Direction::BOTH.into_iter().enumerate() {
            if self.limits >> at & 1 == 1 {
                let (average, burst) = (Rate::from_mbit(10), Bytes(65_536));
                let limit = match self.limits >> 2 {
                    0 => Limit::Policed(Policer { average, burst, burst_rate: None }),
                    1 => Limit::Shaped(Shaper { average, burst: Some(burst), leaf: LeafKind::Cake }),
                    _ => Limit::Shaped(Shaper { average, burst: None, leaf: LeafKind::Sfq }),
                };
                changes.push(Change::Limit(key.clone(), direction, Some(limit)));
            }
            for rule in 0..self.rules {
                let source = pleach_graph::Prefix::host([10, 0, 0, rule].into());
                let matches = Match { source: Some(source), ..Match::default() };
                let priority = Priority::new(i64::from(rule / 2)).expect("a priority");
                let action = if rule == 1 { RuleAction::Accept } else { RuleAction::Drop };
                changes.push(Change::AddRule(key.clone(), Rule { direction, priority, matches, action }));
            }
        }
    }
}

/// Where packets say which net they came out of.
pub(crate) fn mark() -> MarkField {
    MarkField::new(0x00ff_ffff).expect("bits that stand together")
}

/// The model as one without errors.
pub(crate) fn checked(model: &Model) -> Checked<'_> {
    const COUNTS: &Host = &Host { interfaces: None, addresses: None, counting: Counting::TooSmall };
    let (checked, problems) = check(model, &Origins::default(), COUNTS, Problems::default());
    checked.unwrap_or_else(|| panic!("{problems:#?}"))
}
