//! A virt moves from a host to another while it is sent a thousand packets a second: every order in which the hosts commit.
//!
//! ```text
//! sender 10.0.0.1 ── [ sender's host ] ──┬── [ old host ] ── moved 10.0.0.2
//!                                        └── [ new host ] ── moved 10.0.0.2
//! ```

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::lab::{Host, Lab, Run, binary, spawn_in};
use crate::stream::{Outcome, Pace, receive, send};

const PORT: u16 = 21_000;
const SENDER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const MOVED: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const EVERYBODY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 255);
/// How long the stream flows before the first commit and after each, and what is on its way has time to come.
const PAUSE: Duration = Duration::from_millis(300);

/// Whose host commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Party {
    New,
    Sender,
    Old,
}

use Party::{New, Old, Sender};

/// The order that the manual tells.
const STATED: [Party; 3] = [New, Sender, Old];

const ORDERS: [[Party; 3]; 6] =
    [STATED, [New, Old, Sender], [Sender, New, Old], [Sender, Old, New], [Old, New, Sender], [Old, Sender, New]];

impl Party {
    const ALL: [Self; 3] = STATED;

    /// The lab's three hosts are on one Ethernet, the bridge of the one in the middle.
    fn host(self) -> Host {
        match self {
            New => Host::Internet,
            Sender => Host::Shaper,
            Old => Host::Subscribers,
        }
    }

    fn name(self) -> &'static str {
        match self {
            New => "new",
            Sender => "sender",
            Old => "old",
        }
    }
}

/// What the virt does as soon as it is on its new host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    /// It sends a frame to everybody, as machines do that were moved.
    Announced,
    Silent,
}

/// Three hosts with a net, and the virt that moves behind two of them at once.
struct Net {
    lab: Lab,
}

impl Net {
    fn new(technology: &str) -> Option<Self> {
        let net = Self { lab: Lab::new(1)? };
        if technology.ends_with("static") && !net.lab.has_filter("flower action ok") {
            return None;
        }
        for (number, party) in (1..).zip(Party::ALL) {
            let (host, virt) = (net.lab.namespace(party.host()), net.virt(party));
            let (underlay, address) = match party {
                Sender => ("bridge", SENDER),
                New | Old => ("eth0", MOVED),
            };
            let mac = address.octets()[3];
            net.lab.sh(&format!(
                "ip -n {host} addr add 172.16.0.{number}/24 dev {underlay}
                 ip netns add {virt}
                 ip netns exec {virt} sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
                 ip -n {virt} link add eth0 up address 02:00:00:00:00:0{mac} type veth peer name tap netns {host}
                 ip -n {virt} addr add {address}/24 broadcast {EVERYBODY} dev eth0"
            ));
        }
        for (file, holder) in [("before.toml", Old), ("after.toml", New)] {
            net.lab.write(file, &model(technology, holder));
        }
        Some(net)
    }

    fn virt(&self, party: Party) -> String {
        format!("{}-virt", self.lab.namespace(party.host()))
    }

    fn commit(&self, parties: &[Party], file: &str) {
        let running: Vec<_> = parties
            .iter()
            .map(|party| {
                let name = party.name();
                let mut command = self.lab.on(party.host(), &binary());
                command.args(["overlay", "commit", file, "--phys", name, "--state", &format!("state-{name}")]);
                (name, command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts"))
            })
            .collect();
        for (name, child) in running {
            Run::new(&format!("commit {file} on {name}"), &child.wait_with_output().expect("it ends")).returned(0);
        }
    }

    /// A frame to everybody from the virt behind a host.
    fn announce(&self, party: Party) {
        let sent = spawn_in(&self.virt(party), || {
            let socket = UdpSocket::bind((MOVED, 0)).expect("bound");
            socket.set_broadcast(true).expect("set");
            socket.send_to(b"here", (EVERYBODY, 9)).expect("sent");
        });
        sent.join().expect("it ends");
    }

    /// What becomes of a stream to the virt while these commit that it has moved, each step's all at once.
    fn moves(&self, steps: &[&[Party]], arrival: Arrival) -> Outcome {
        self.commit(&Party::ALL, "before.toml");
        self.announce(Old);
        let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let to = SocketAddr::from((MOVED, PORT));
        let receivers = [Old, New].map(|party| {
            let stopped = Arc::clone(&stop);
            spawn_in(&self.virt(party), move || receive(to, &stopped, PAUSE))
        });
        thread::sleep(Duration::from_millis(50)); // the receivers bind
        let (stopped, count) = (Arc::clone(&stop), Arc::clone(&sent));
        let from = SocketAddr::from((SENDER, PORT));
        let sender = spawn_in(&self.virt(Sender), move || send([from, to], Pace::STEADY, &stopped, &count));
        thread::sleep(PAUSE);
        for step in steps {
            self.commit(step, "after.toml");
            if step.contains(&New) && arrival == Arrival::Announced {
                self.announce(New);
            }
            thread::sleep(PAUSE);
        }
        stop.store(true, Ordering::Relaxed);
        let sent = sender.join().expect("the sender ends");
        let received: Vec<u64> = receivers.into_iter().flat_map(|it| it.join().expect("a receiver ends")).collect();
        Outcome::of(sent, &received)
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for party in Party::ALL {
            let _ = std::process::Command::new("ip").args(["netns", "del", &self.virt(party)]).output();
        }
    }
}

fn model(technology: &str, holder: Party) -> String {
    let mut text = format!("[overlay.settings.default]\ntype = \"{technology}\"\n");
    for (number, party) in (1..).zip(Party::ALL) {
        let (name, underlay) = (party.name(), if party == Sender { "bridge" } else { "eth0" });
        let _ = write!(text, "[overlay.phys.{name}]\ninterface = \"{underlay}\"\nip = \"172.16.0.{number}\"\n");
    }
    text += "[overlay.net.1]\nid = 1\nattach = [\"new\", \"sender\", \"old\"]\n";
    for (virt, party, mac) in [("sender", Sender, 1), ("moved", holder, 2)] {
        let _ = write!(
            text,
            "[overlay.net.1.virt.{virt}]\nphys = \"{}\"\ninterface = \"tap\"\nmac = \"02:00:00:00:00:0{mac}\"\n",
            party.name()
        );
    }
    text
}

/// Nothing is lost where nobody commits; in the stated order one packet at most, and none comes twice. Every other order says
/// what it loses.
fn every_order(technology: &str) {
    let Some(net) = Net::new(technology) else { return };
    let say = |what: &str, Outcome { sent, lost, duplicated, .. }: Outcome| {
        println!("measured: {technology}, {what}: of {sent} {lost} lost, {duplicated} duplicated");
        assert!(sent > 300, "the stream hardly flowed: {sent}");
    };
    let still = net.moves(&[&[], &[], &[]], Arrival::Silent);
    say("nobody commits", still);
    assert_eq!((still.lost, still.duplicated), (0, 0));
    for order in ORDERS {
        let outcome = net.moves(&order.each_ref().map(std::slice::from_ref), Arrival::Announced);
        say(&format!("order {}", order.map(Party::name).join(", ")), outcome);
        assert_eq!(outcome.duplicated, 0);
        if order == STATED {
            assert!(outcome.lost <= 1, "{outcome}");
        }
        if order[0] == Old {
            assert!(outcome.lost > 0, "nobody has the virt, and nothing is lost: {outcome}");
        }
    }
    say("all at once", net.moves(&[&Party::ALL], Arrival::Announced));
    say("new, sender, old without an announcement", net.moves(&[&[New], &[Sender], &[Old]], Arrival::Silent));
}

#[test]
fn migration_where_stations_are_learnt() {
    every_order("vxlan/e2e");
}

#[test]
fn migration_where_stations_are_stated() {
    every_order("vxlan/static");
}
