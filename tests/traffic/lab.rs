//! Three hosts in a row, each a network namespace, and the binary in the middle one.

use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::{self, JoinHandle};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tempfile::TempDir;

/// The host on the internet's side.
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(10, 255, 0, 1);

/// Its other address.
const SERVER_IPV6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xffff, 0, 0, 0, 0, 0, 1);

/// The internet's address that one of this family talks to.
pub(crate) fn server(peer: IpAddr) -> IpAddr {
    if peer.is_ipv4() { SERVER.into() } else { SERVER_IPV6.into() }
}

/// One of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Subscribers,
    Shaper,
    Internet,
}

/// Who uses the machine's processors: tests that count packets do so side by side, one that measures wants them for itself.
static PROCESSORS: RwLock<()> = RwLock::new(());

enum Turn {
    Shared(#[expect(dead_code, reason = "held")] RwLockReadGuard<'static, ()>),
    Alone(#[expect(dead_code, reason = "held")] RwLockWriteGuard<'static, ()>),
}

/// Three hosts in a row and a folder for the shaper's files. All of it is gone when this is dropped.
pub(crate) struct Lab {
    name: String,
    folder: TempDir,
    _turn: Turn,
}

impl Lab {
    /// Builds it; none where that takes root and we are not.
    pub(crate) fn new(queues: u16) -> Option<Self> {
        Self::build(queues, Turn::Shared(PROCESSORS.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Builds it while no other test runs, with hosts that send no aggregates: what is measured is the shaper. HTB sends
    /// a whole aggregate in a turn, so that among classes of one quantum those with larger ones would get more.
    pub(crate) fn alone(queues: u16) -> Option<Self> {
        let lab = Self::build(queues, Turn::Alone(PROCESSORS.write().unwrap_or_else(PoisonError::into_inner)))?;
        for host in [Host::Subscribers, Host::Internet] {
            lab.sh(&format!("ip netns exec {} ethtool -K eth0 tso off gso off >/dev/null", lab.namespace(host)));
        }
        Some(lab)
    }

    fn build(queues: u16, turn: Turn) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: network namespaces take root");
            return None;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("pleach{}-{number}", std::process::id());
        let lab = Self { name, folder: tempfile::tempdir().expect("a folder"), _turn: turn };
        let [subscribers, shaper, internet] =
            [Host::Subscribers, Host::Shaper, Host::Internet].map(|host| lab.namespace(host));
        let many = format!("numtxqueues {queues} numrxqueues {queues}");
        lab.sh(&format!(
            "for host in {subscribers} {shaper} {internet}; do
                ip netns add $host
                ip -n $host link set lo up
                # No packets but those of a test: IPv6 would announce itself.
                ip netns exec $host sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
            done
            ip link add lan netns {shaper} {many} type veth peer name eth0 netns {subscribers} {many}
            ip link add wan netns {shaper} {many} type veth peer name eth0 netns {internet} {many}
            ip -n {shaper} link add bridge type bridge mcast_snooping 0
            for port in lan wan; do ip -n {shaper} link set $port up master bridge; done
            ip -n {shaper} link set bridge up
            ip -n {subscribers} link set eth0 up
            ip -n {internet} link set eth0 up
            ip -n {internet} addr add {SERVER}/8 dev eth0"
        ));
        Some(lab)
    }

    /// The name of a host's namespace.
    pub(crate) fn namespace(&self, host: Host) -> String {
        let host = match host {
            Host::Subscribers => "subscribers",
            Host::Shaper => "shaper",
            Host::Internet => "internet",
        };
        format!("{}-{host}", self.name)
    }

    /// The name of the namespace that the shaper is in.
    pub(crate) fn shaper_namespace(&self) -> String {
        self.namespace(Host::Shaper)
    }

    /// Gives the subscribers' host an address.
    pub(crate) fn add_subscriber(&self, address: impl Into<IpAddr>) {
        let [subscribers, internet] = [Host::Subscribers, Host::Internet].map(|host| self.namespace(host));
        match address.into() {
            IpAddr::V4(address) => self.sh(&format!("ip -n {subscribers} addr add {address}/8 dev eth0")),
            IpAddr::V6(address) => self.sh(&format!(
                "for host in {subscribers} {internet}; do
                    ip netns exec $host sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0
                done
                ip -n {internet} addr replace {SERVER_IPV6}/16 dev eth0 nodad
                ip -n {subscribers} addr add {address}/16 dev eth0 nodad"
            )),
        };
    }

    /// Runs a shell script on this machine; it must succeed.
    pub(crate) fn sh(&self, script: &str) -> String {
        let output = Command::new("bash").args(["-euc", script]).current_dir(self.path()).output().expect("bash runs");
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{script}\n{out}{err}");
        out
    }

    /// Whether this kernel has a kind of qdisc.
    pub(crate) fn has_qdisc(&self, kind: &str) -> bool {
        let add = self.on(Host::Shaper, "tc").args(["qdisc", "add", "dev", "bridge", "root", kind]).output();
        let has = add.expect("tc runs").status.success();
        if has {
            self.on(Host::Shaper, "tc").args(["qdisc", "del", "dev", "bridge", "root"]).output().expect("tc runs");
        } else {
            eprintln!("skipped: this kernel has no {kind}; the VM has");
        }
        has
    }

    /// Whether this kernel takes a filter, in `tc`'s words from its kind on.
    pub(crate) fn has_filter(&self, filter: &str) -> bool {
        let shaper = self.shaper_namespace();
        self.sh(&format!("ip netns exec {shaper} tc qdisc add dev bridge clsact"));
        let add = format!("filter add dev bridge ingress protocol all {filter}");
        let added = self.on(Host::Shaper, "tc").args(add.split_whitespace()).output().expect("tc runs");
        self.sh(&format!("ip netns exec {shaper} tc qdisc del dev bridge clsact"));
        let has = added.status.success();
        if !has {
            eprintln!("skipped: this kernel has no `{filter}`; the VM has");
        }
        has
    }

    /// A command that runs on one of the hosts, in the lab's folder.
    pub(crate) fn on(&self, host: Host, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace(host), program]).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Runs the binary on the shaper.
    pub(crate) fn pleach(&self, arguments: &[&str]) -> Run {
        let output = self.on(Host::Shaper, &binary()).args(arguments).output().expect("it runs");
        Run::new(&format!("pleach {}", arguments.join(" ")), &output)
    }

    /// Runs something on a thread of its own that is inside a host.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        host: Host,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        spawn_in(&self.namespace(host), work)
    }

    /// The lab's folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).expect("written");
        path
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for host in [Host::Subscribers, Host::Shaper, Host::Internet] {
            let _ = Command::new("ip").args(["netns", "del", &self.namespace(host)]).output();
        }
    }
}

/// Runs something on a thread of its own that is inside a namespace.
pub(crate) fn spawn_in<T: Send + 'static>(namespace: &str, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let namespace = Path::new("/run/netns").join(namespace);
    thread::spawn(move || {
        let namespace = File::open(&namespace).expect("the namespace is there");
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).expect("moved into it");
        work()
    })
}

/// What a run of the binary printed and returned.
#[derive(Debug)]
pub(crate) struct Run {
    command: String,
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn new(command: &str, output: &Output) -> Self {
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        Self { command: command.to_owned(), code: output.status.code(), out, err }
    }

    /// It must have returned this.
    pub(crate) fn returned(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}{}", self.command, self.out, self.err);
        self
    }
}

/// The binary under test: the one just built, or what `PLEACH` names (in the VM it stands elsewhere).
pub(crate) fn binary() -> String {
    std::env::var("PLEACH").unwrap_or_else(|_| env!("CARGO_BIN_EXE_pleach").to_owned())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
