//! Two shapers, which commit the same overlay and apply the same network: the tunnel between them is theirs, with a bridge a net
//! on each. Downloads are shaped where they enter the tunnel, and so are uploads.
//!
//! ```text
//! 10.0.0.1 ─ tap0 ┐                                                      ┌ tap0 ─ server
//!                 ├ [ far: a shaper ] eth0 ══ nets ══ lan [ near: a shaper ] ┤
//! 10.0.0.1 ─ tap1 ┘                                                      └ tap1 ─ server
//! ```

use std::fmt::Write as _;

use pleach_tc::Direction;

use serde_json::Value;

use super::{NETS, Nets, PACKET, SERVERS};
use crate::lab::{Host, Lab, Run, binary};

/// The shaper that the subscribers are behind, and the one that the internet is behind.
const SHAPERS: [(&str, Host); 2] = [("far", Host::Subscribers), ("near", Host::Shaper)];

impl Nets {
    /// A tunnel's ends, and behind each a virt for each net: subscribers with one address, and servers.
    fn between_two_shapers() -> Option<Self> {
        let mut nets = Self { lab: Lab::alone(2)?, ends: Vec::new() };
        let [far, near] = SHAPERS.map(|(_, host)| nets.lab.namespace(host));
        nets.lab.sh(&format!(
            "ip -n {near} link set lan nomaster
             ip -n {near} addr add 172.16.0.1/24 dev lan
             ip -n {far} addr add 172.16.0.2/24 dev eth0"
        ));
        for (at, server) in SERVERS.into_iter().enumerate() {
            nets.virt(&far, at, "10.0.0.1");
            nets.virt(&near, at, server);
        }
        Some(nets)
    }

    /// A namespace behind an interface of a host. It sends no aggregates.
    fn virt(&mut self, host: &str, at: usize, address: &str) {
        let virt = format!("{host}-{at}");
        self.lab.sh(&format!(
            "ip netns add {virt}
             ip netns exec {virt} sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
             ip -n {virt} link add eth0 mtu {PACKET} type veth \
                 peer name tap{at} netns {host} mtu {PACKET} numtxqueues 2 numrxqueues 2
             ip netns exec {virt} ethtool -K eth0 tso off gso off >/dev/null
             ip -n {virt} addr add {address}/24 dev eth0
             ip -n {virt} link set eth0 up
             ip -n {virt} route add default dev eth0"
        ));
        self.ends.push(virt);
    }

    /// The network and the overlay are the same for both; what differs is whose they are.
    fn write_both(&self, mark: &str) {
        self.write_network();
        let mut overlay = "[overlay.settings.default]\ntype = \"vxlan/e2e\"\n\
             [overlay.phys.near]\ninterface = \"lan\"\nip = \"172.16.0.1\"\nmtu = 1500\n\
             [overlay.phys.far]\ninterface = \"eth0\"\nip = \"172.16.0.2\"\nmtu = 1500\n"
            .to_owned();
        for (at, (name, tower)) in [("one", "Tower A"), ("two", "Tower B")].into_iter().enumerate() {
            let _ = write!(
                overlay,
                "[overlay.net.{name}]\nid = {}\nat = \"csv:node:{tower}\"\nattach = [\"near\", \"far\"]\nmtu = {PACKET}\n\
                 [overlay.net.{name}.virt.subscriber]\nphys = \"far\"\ninterface = \"tap{at}\"\n\
                 [overlay.net.{name}.virt.server]\nphys = \"near\"\ninterface = \"tap{at}\"\n",
                NETS[at]
            );
        }
        self.lab.write("overlay.toml", &overlay);
        let configuration = |name: &str, toward_subscribers: &str, toward_internet: &str| {
            format!(
                "state = \"state-{name}\"\n[csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"nodes.csv\"\n\
                 [overlay]\nfile = \"overlay.toml\"\nphys = \"{name}\"\n{mark}\n\
                 [[shaper]]\nname = \"{name}\"\n[shaper.interfaces]\ntoward_subscribers = \"{toward_subscribers}\"\n\
                 toward_internet = \"{toward_internet}\"\n[shaper.leaf]\nkind = \"pfifo\"\n"
            )
        };
        self.lab.write("far.toml", &configuration("far", "tap0", "eth0"));
        self.lab.write("near.toml", &configuration("near", "lan", "tap0"));
    }

    /// Packets of a net's subscriber that the near shaper put into its class.
    fn classified(&self, net: &str, direction: &str) -> u64 {
        let trace = ["trace", "10.0.0.1", "--net", net, "--json", "--config", "near.toml"];
        let trace = self.lab.pleach(&trace).returned(0).out;
        let trace: Value = serde_json::from_str(&trace).expect("JSON");
        trace["direction"][direction]["classified"]["packets"].as_u64().unwrap_or_else(|| panic!("{trace}"))
    }

    /// Runs the binary on both shapers, each with its own configuration; what they say.
    fn on_both(&self, verb: &[&str]) -> [String; 2] {
        SHAPERS.map(|(name, host)| {
            let file = format!("{name}.toml");
            let output = self.lab.on(host, &binary()).args(verb).args(["--config", &file]).output().expect("it runs");
            Run::new(&format!("{name}: pleach {}", verb.join(" ")), &output).returned(0).out
        })
    }
}

#[test]
fn two_shapers_and_the_tunnel_between_them() {
    let Some(nets) = Nets::between_two_shapers() else { return };
    let is_marked = nets.lab.has_filter("flower action skbedit mark 1");
    nets.write_both(if is_marked { "mark = 0x00ffffff" } else { "" });
    nets.on_both(&["overlay", "commit"]);
    nets.on_both(&["apply"]);
    // What a shaper's `explain` says holds where it puts packets into the tunnel.
    nets.measure_computed(true, "two shapers", |direction| match direction {
        Direction::Download => "near.toml",
        Direction::Upload => "far.toml",
    });
    // Nobody is in the other's way, and no net reaches the other's server.
    for said in nets.on_both(&["overlay", "commit"]) {
        assert!(said.starts_with("nothing to do: "), "{said}");
    }
    nets.on_both(&["verify"]);
    for (at, other) in [(0, SERVERS[1]), (1, SERVERS[0])] {
        let ping = |server| format!("ip netns exec {} ping -c 1 -W 1 {server} >/dev/null", nets.ends[2 * at]);
        nets.lab.sh(&format!("{}\n! {}", ping(SERVERS[at]), ping(other)));
    }
    if is_marked {
        // Behind the tunnel, where they leave without it, uploads are told by the mark that the commit puts on them.
        assert!(nets.classified("one", "upload") > 1_000);
    }
    nets.on_both(&["stop"]);
    nets.on_both(&["overlay", "cleanup"]);
}
