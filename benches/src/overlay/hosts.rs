//! Two hosts with a virt each: four network namespaces, which go with this.

use std::fmt::Write as _;
use std::fs;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use tempfile::TempDir;

/// Which tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Technology {
    E2e,
    Multicast,
}

/// Who makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    Pleach,
    Hand,
}

const GROUP: &str = "239.192.0.42";
/// How often it is looked whether a server listens, and how long in between.
const LOOKS: usize = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// The port of iperf3, 5201, as `/proc/net/tcp6` has it; and that somebody listens there.
const LISTENS: [&str; 2] = [":1451 ", " 0A "];

impl Technology {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::E2e => "vxlan/e2e",
            Self::Multicast => "vxlan/mcast",
        }
    }

    fn model(self) -> String {
        let group = match self {
            Self::E2e => String::new(),
            Self::Multicast => format!("group = \"{GROUP}\"\n"),
        };
        let mut text = format!("[overlay.settings.default]\ntype = \"{}\"\n{group}", self.word());
        text += "[overlay.net.1]\nid = 42\nattach = [\"a\", \"b\"]\n";
        for (host, number) in [("a", 1), ("b", 2)] {
            let _ = write!(text, "[overlay.phys.{host}]\ninterface = \"eth0\"\nip = \"172.16.0.{number}\"\n");
            let _ = write!(text, "[overlay.net.1.virt.{host}]\nphys = \"{host}\"\ninterface = \"tap0\"\n");
        }
        text
    }

    /// What somebody types who does not know Pleach, on host 1 or 2.
    fn by_hand(self, number: u8) -> Vec<String> {
        let other = 3 - number;
        let group = match self {
            Self::E2e => String::new(),
            Self::Multicast => format!(" group {GROUP}"),
        };
        let mut commands = vec![
            format!("ip link add vx42 type vxlan id 42 dstport 4789 dev eth0 local 172.16.0.{number}{group}"),
            "ip link add br42 type bridge".to_owned(),
            "ip link set vx42 master br42".to_owned(),
            "ip link set tap0 master br42".to_owned(),
        ];
        if self == Self::E2e {
            commands.push(format!("bridge fdb append 00:00:00:00:00:00 dev vx42 dst 172.16.0.{other} self permanent"));
        }
        commands.extend(["br42", "vx42", "tap0"].map(|link| format!("ip link set {link} up")));
        commands
    }
}

/// The namespaces, and a folder for models and what is remembered.
pub(super) struct Hosts {
    id: String,
    folder: TempDir,
}

impl Hosts {
    pub(super) fn new() -> Result<Self> {
        let hosts = Self { id: format!("pleach-bench-{}", std::process::id()), folder: tempfile::tempdir()? };
        let [a, b, virt_a, virt_b] = ["a", "b", "virt-a", "virt-b"].map(|name| hosts.name(name));
        for name in [&a, &b, &virt_a, &virt_b] {
            sh(&format!("ip netns add {name}"))?;
        }
        sh(&format!("ip -n {a} link add eth0 type veth peer name eth0 netns {b}"))?;
        for (host, virt, number) in [(&a, &virt_a, 1), (&b, &virt_b, 2)] {
            sh(&format!("ip -n {virt} link add eth0 mtu 1450 type veth peer name tap0 mtu 1450 netns {host}"))?;
            sh(&format!("ip -n {virt} address add 10.0.0.{number}/24 dev eth0"))?;
            sh(&format!("ip -n {virt} link set eth0 up"))?;
            sh(&format!("ip -n {host} address add 172.16.0.{number}/24 dev eth0"))?;
            sh(&format!("ip -n {host} link set eth0 up"))?;
        }
        Ok(hosts)
    }

    fn name(&self, host: &str) -> String {
        format!("{}-{host}", self.id)
    }

    /// Makes the tunnel on both hosts.
    pub(super) fn make(&self, technology: Technology, maker: Maker) -> Result<()> {
        let file = self.folder.path().join("overlay.toml");
        fs::write(&file, technology.model())?;
        for (host, number) in [("a", 1), ("b", 2)] {
            match maker {
                Maker::Pleach => {
                    self.overlay(host, &["commit", &file.display().to_string(), "--phys", host])?;
                }
                Maker::Hand => {
                    for command in technology.by_hand(number) {
                        sh(&format!("ip netns exec {} {command}", self.name(host)))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes it away again.
    pub(super) fn clear(&self, maker: Maker) -> Result<()> {
        for host in ["a", "b"] {
            match maker {
                Maker::Pleach => self.overlay(host, &["cleanup"])?,
                Maker::Hand => {
                    for link in ["vx42", "br42"] {
                        sh(&format!("ip -n {} link delete {link}", self.name(host)))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Runs `pleach overlay` on a host.
    fn overlay(&self, host: &str, words: &[&str]) -> Result<()> {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name(host)]).arg(std::env::current_exe()?);
        command.args(["command", "--", "overlay"]).args(words);
        command.arg("--state").arg(self.folder.path().join(host));
        succeeded(&format!("pleach overlay {}", words.join(" ")), &command.output()?)
    }

    /// What one TCP connection gets from virt to virt, in bit/s, at its receiver.
    pub(super) fn throughput(&self, seconds: u32) -> Result<f64> {
        // Addresses and stations are known before it begins.
        let ping = self.on("virt-a", "ping").args(["-c", "3", "-i", "0.05", "-W", "3", "10.0.0.2"]).output()?;
        succeeded("ping", &ping)?;
        let mut server = self.on("virt-b", "iperf3");
        let mut server = Ended(server.args(["-s", "-1"]).stdout(Stdio::null()).spawn().context("cannot run `iperf3`")?);
        self.listens()?;
        let mut client = self.on("virt-a", "iperf3");
        let output = client.args(["-c", "10.0.0.2", "-J", "-O", "1", "-t", &seconds.to_string()]).output()?;
        server.0.wait()?;
        succeeded("iperf3", &output)?;
        let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        report["end"]["sum_received"]["bits_per_second"].as_f64().ok_or_else(|| anyhow!("iperf3 says no rate"))
    }

    /// Waits until the server is there.
    fn listens(&self) -> Result<()> {
        for _ in 0..LOOKS {
            let sockets = self.on("virt-b", "cat").arg("/proc/net/tcp6").output()?;
            let sockets = String::from_utf8_lossy(&sockets.stdout).into_owned();
            if sockets.lines().any(|line| LISTENS.iter().all(|part| line.contains(part))) {
                return Ok(());
            }
            thread::sleep(BETWEEN_LOOKS);
        }
        Err(anyhow!("iperf3 does not listen"))
    }

    fn on(&self, host: &str, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name(host), program]);
        command
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for host in ["virt-a", "virt-b", "a", "b"] {
            let _ = Command::new("ip").args(["netns", "del", &self.name(host)]).output();
        }
    }
}

/// A process that ends with this, if it has not ended by itself.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn sh(words: &str) -> Result<()> {
    let mut parts = words.split_whitespace();
    let program = parts.next().context("invariant: a command has a program")?;
    let output = Command::new(program).args(parts).output().with_context(|| format!("cannot run `{program}`"))?;
    succeeded(words, &output)
}

fn succeeded(what: &str, output: &Output) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{what}`: {said}");
    Ok(())
}
