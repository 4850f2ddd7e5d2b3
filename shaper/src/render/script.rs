//! A plan as a bash script of `tc` and `bpftool` commands that a person can read, change and run.

use std::fmt::{self, Write};

use pleach_tc::wire::{About, RawWrite};
use pleach_tc::{Interface, MapWrite, Operation, Phase, Plan, PortIndex, QdiscKind};

use crate::render::options::{TcOptions, is_sayable};

/// The preference of our filter on clsact's egress, as the kernel's border attaches it.
const PREFERENCE: u16 = 0xace;

/// Writes the plan as a script. `object` is the classifier's compiled object; the script loads it where the plan does.
///
/// Keys and values are in this machine's byte order. Numbers of interfaces are asked for when the script runs.
pub fn script(plan: &Plan, object: &str, out: &mut dyn Write) -> fmt::Result {
    let mut interfaces: Vec<&Interface> = plan.operations().filter_map(interface_of_identity).collect();
    interfaces.sort_unstable();
    interfaces.dedup();
    out.write_str(HEAD)?;
    writeln!(out, "OBJECT=${{OBJECT:-{}}}", quoted(object))?;
    for (at, interface) in interfaces.iter().enumerate() {
        writeln!(out, "IFINDEX_{at}=$(bytes \"$(cat /sys/class/net/{}/ifindex)\")", quoted(interface.as_str()))?;
    }
    let loads = plan.operations().any(|operation| matches!(operation, Operation::LoadClassifier { .. }));
    let has_map_writes = plan.operations().any(|operation| matches!(operation, Operation::Map(_)));
    if has_map_writes && !loads {
        out.write_str("maps_of_the_attached_program\n")?;
    } else if has_map_writes {
        // what is written before the load goes to the program that is attached now, if one is
        out.write_str("maps_of_the_attached_program || true\n")?;
    }
    let mut writer = Writer { out, interfaces, open: Batch::None, loads };
    for phase in &plan.phases {
        match phase {
            Phase::Operations(operations) => {
                for operation in operations {
                    writer.operation(operation)?;
                }
                writer.switch(Batch::None)?;
            }
            Phase::Drain(classes) => {
                writer.switch(Batch::None)?;
                for (interface, class) in classes {
                    writeln!(writer.out, "drain {} {class}", quoted(interface.as_str()))?;
                }
                writer.out.write_str("drained\n")?;
            }
        }
    }
    Ok(())
}

const HEAD: &str = r#"#!/bin/bash
# Run as root. Stops at the first command that fails; nothing is taken back.
set -eu
PIN=${PIN:-/sys/fs/bpf/pleach-$$}

# A number as the four bytes of this machine's order.
bytes() {
    if [ "$(printf '\001\000' | od -An -tu2 | tr -d ' ')" = 1 ]; then
        printf '%02x %02x %02x %02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255))
    else
        printf '%02x %02x %02x %02x' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255))
    fi
}

maps_of_the_attached_program() {
    local dev id map name
    for dev in /sys/class/net/*; do
        id=$(tc filter show dev "${dev##*/}" egress pref 2766 2>/dev/null | sed -n 's/.* id \([0-9]*\) .*/\1/p' | head -n 1)
        [ -n "$id" ] && break
    done
    [ -n "$id" ] || return 1
    for map in $(bpftool prog show id "$id" | sed -n 's/.*map_ids \([0-9,]*\).*/\1/p' | tr , ' '); do
        name=$(bpftool map show id "$map" | sed -n 's/.* name \([a-z0-9_]*\).*/\1/p' | head -n 1)
        [ -n "$name" ] && printf -v "MAP_$name" 'id %s' "$map"
    done
}

load() {
    local map
    mkdir -p "$PIN/maps"
    bpftool prog loadall "$OBJECT" "$PIN" type classifier pinmaps "$PIN/maps"
    for map in "$PIN"/maps/*; do
        printf -v "MAP_${map##*/}" 'pinned %s' "$map"
    done
}

# Classes are drained together, for at most a second: `drain` collects them, `drained` waits.
DRAINS=()
drain() { DRAINS+=("$1 $2"); }
drained() {
    local look one
    for look in $(seq 100); do
        local left=()
        for one in "${DRAINS[@]}"; do
            tc -s class show dev ${one% *} classid ${one#* } | grep -q 'backlog [0-9A-Za-z]* 0p' || left+=("$one")
        done
        DRAINS=("${left[@]}")
        [ ${#DRAINS[@]} -eq 0 ] && return 0
        sleep 0.01
    done
    printf 'still queued, dropped: %s\n' "${DRAINS[@]}" >&2
    DRAINS=()
}

"#;

/// Which program reads the lines that follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Batch {
    None,
    Tc,
    Bpftool,
}

struct Writer<'a> {
    out: &'a mut dyn Write,
    interfaces: Vec<&'a Interface>,
    open: Batch,
    loads: bool,
}

impl Writer<'_> {
    fn switch(&mut self, to: Batch) -> fmt::Result {
        if self.open == to {
            return Ok(());
        }
        if self.open != Batch::None {
            self.out.write_str("END\n")?;
        }
        self.open = to;
        self.out.write_str(match to {
            Batch::None => "",
            Batch::Tc => "tc -batch - <<'END'\n",
            Batch::Bpftool => "bpftool batch file /dev/stdin <<END\n",
        })
    }

    fn operation(&mut self, operation: &Operation) -> fmt::Result {
        match operation {
            Operation::Map(write) => {
                self.switch(Batch::Bpftool)?;
                self.map(write)
            }
            Operation::LoadClassifier { version, .. } => {
                self.switch(Batch::None)?;
                self.out.write_str("load\n")?;
                self.switch(Batch::Bpftool)?;
                let about = About { absent: 0, version: *version }.to_raw();
                self.raw(about, &hex(&about.key))
            }
            Operation::Attach { interface, port } => {
                self.switch(Batch::None)?;
                self.attach(interface, *port)
            }
            Operation::SetXps { interface, queue, cpus } => {
                self.switch(Batch::None)?;
                writeln!(
                    self.out,
                    "echo {cpus} > /sys/class/net/{}/queues/tx-{queue}/xps_cpus",
                    quoted(interface.as_str())
                )
            }
            operation => {
                self.switch(Batch::Tc)?;
                self.tc(operation)
            }
        }
    }

    fn attach(&mut self, interface: &Interface, port: PortIndex) -> fmt::Result {
        let name = match port {
            PortIndex::Download => "download",
            PortIndex::Upload => "upload",
            PortIndex::Stick => "stick",
        };
        let dev = quoted(interface.as_str());
        if !self.loads {
            let why = "the program is attached elsewhere and has no file to attach it here by; use `pleach apply`";
            return writeln!(self.out, "echo {} >&2; exit 1", quoted(why));
        }
        write!(self.out, "tc filter replace dev {dev} egress protocol all pref {PREFERENCE} handle 1")?;
        writeln!(self.out, " bpf direct-action object-pinned \"$PIN/{name}\"")
    }

    fn tc(&mut self, operation: &Operation) -> fmt::Result {
        let out = &mut self.out;
        match operation {
            Operation::AddQdisc { interface, handle, qdisc } | Operation::ChangeQdisc { interface, handle, qdisc } => {
                if let QdiscKind::Leaf(leaf) = &qdisc.kind
                    && !is_sayable(leaf)
                {
                    writeln!(out, "# tc cannot say the target of this one: it sends a twentieth of the rtt")?;
                }
                let verb = if matches!(operation, Operation::AddQdisc { .. }) { "add" } else { "change" };
                write!(out, "qdisc {verb} dev {interface} {} handle {handle}", Place(qdisc.parent))?;
                writeln!(out, " {}", TcOptions(qdisc))
            }
            Operation::DeleteQdisc { interface, handle, .. } if *handle == pleach_tc::Handle::CLSACT => {
                writeln!(out, "qdisc del dev {interface} ingress")
            }
            Operation::DeleteQdisc { interface, handle, parent } => {
                writeln!(out, "qdisc del dev {interface} {} handle {handle}", Place(*parent))
            }
            Operation::AddClass { interface, handle, class } => {
                writeln!(out, "class add dev {interface} parent {} classid {handle} {class}", class.parent)
            }
            Operation::ChangeClass { interface, handle, class } => {
                writeln!(out, "class change dev {interface} parent {} classid {handle} {class}", class.parent)
            }
            Operation::DeleteClass { interface, handle } => writeln!(out, "class del dev {interface} classid {handle}"),
            Operation::AddClsact { interface } => writeln!(out, "qdisc add dev {interface} clsact"),
            Operation::DeleteClsact { interface } => writeln!(out, "qdisc del dev {interface} clsact"),
            Operation::Detach { interface } => writeln!(out, "filter del dev {interface} egress pref {PREFERENCE}"),
            Operation::LoadClassifier { .. }
            | Operation::Attach { .. }
            | Operation::Map(_)
            | Operation::SetXps { .. } => Ok(()), // written by their own commands
        }
    }

    fn map(&mut self, write: &MapWrite) -> fmt::Result {
        let Some(raw) = write.to_raw(0) else { return Ok(()) }; // the planner puts no such prefix into an exact map
        let bytes = hex(&raw.key);
        let key = match write {
            MapWrite::Identify { key, .. } | MapWrite::Forget(key) => self.with_interface(&key.interface, &bytes),
            _ => bytes,
        };
        self.raw(raw, &key)
    }

    fn raw(&mut self, raw: RawWrite, key: &str) -> fmt::Result {
        let map = raw.map;
        match raw.value {
            Some(value) => writeln!(self.out, "map update $MAP_{map} key hex {key} value hex {}", hex(&value)),
            None => writeln!(self.out, "map delete $MAP_{map} key hex {key}"),
        }
    }

    /// The key of an identity: the interface's number, its first four bytes, is known when the script runs.
    fn with_interface(&self, interface: &Interface, key: &str) -> String {
        let at = self.interfaces.iter().position(|one| *one == interface).unwrap_or_default();
        let class = &key[3 * 4..]; // two digits and a space a byte
        format!("$IFINDEX_{at} {class}")
    }
}

fn interface_of_identity(operation: &Operation) -> Option<&Interface> {
    match operation {
        Operation::Map(MapWrite::Identify { key, .. } | MapWrite::Forget(key)) => Some(&key.interface),
        _ => None,
    }
}

struct Place(pleach_tc::Handle);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == pleach_tc::Handle::ROOT { f.write_str("root") } else { write!(f, "parent {}", self.0) }
    }
}

fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// As one word of the shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    if text.chars().all(is_plain) && !text.is_empty() {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
