//! Three hosts in a row, each a network namespace, and the binary in the middle one.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tempfile::TempDir;

/// The host on the internet's side.
pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(10, 255, 0, 1);

/// One of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Subscribers,
    Shaper,
    Internet,
}

/// Three hosts in a row and a folder for the shaper's files. All of it is gone when this is dropped.
pub(crate) struct Lab {
    name: String,
    folder: TempDir,
}

impl Lab {
    /// Builds it; none where that takes root and we are not.
    pub(crate) fn new(queues: u16) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: network namespaces take root");
            return None;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("pleach{}-{number}", std::process::id());
        let lab = Self { name, folder: tempfile::tempdir().expect("a folder") };
        let [subscribers, shaper, internet] =
            [Host::Subscribers, Host::Shaper, Host::Internet].map(|host| lab.namespace(host));
        let many = format!("numtxqueues {queues} numrxqueues {queues}");
        lab.sh(&format!(
            "for host in {subscribers} {shaper} {internet}; do ip netns add $host; ip -n $host link set lo up; done
            ip link add lan netns {shaper} {many} type veth peer name eth0 netns {subscribers} {many}
            ip link add wan netns {shaper} {many} type veth peer name eth0 netns {internet} {many}
            ip -n {shaper} link add bridge type bridge
            for port in lan wan; do ip -n {shaper} link set $port up master bridge; done
            ip -n {shaper} link set bridge up
            ip -n {subscribers} link set eth0 up
            ip -n {internet} link set eth0 up
            ip -n {internet} addr add {SERVER}/8 dev eth0"
        ));
        Some(lab)
    }

    fn namespace(&self, host: Host) -> String {
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
    pub(crate) fn add_subscriber(&self, address: Ipv4Addr) {
        self.sh(&format!("ip -n {} addr add {address}/8 dev eth0", self.namespace(Host::Subscribers)));
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
        let namespace = Path::new("/run/netns").join(self.namespace(host));
        thread::spawn(move || {
            let namespace = File::open(&namespace).expect("the namespace is there");
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).expect("moved into it");
            work()
        })
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
