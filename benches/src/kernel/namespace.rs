//! A network namespace for a measurement.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The interface that is measured on; its other end is in the same namespace.
pub(crate) const INTERFACE: &str = "lan";
/// The other direction's.
pub(crate) const OTHER_INTERFACE: &str = "wan";

/// Runs this program again with these arguments in a network namespace that is gone afterwards.
pub fn in_namespace(arguments: &[String]) -> Result<()> {
    ensure!(super::can_make_namespaces(), "network namespaces take root: run it as root, or with sudo");
    let name = format!("pleach-bench-{}", std::process::id());
    ip(&["netns", "add", &name])?;
    let program = std::env::current_exe().context("cannot find this program")?;
    let status = Command::new("ip").args(["netns", "exec", &name]).arg(program).args(arguments).status();
    ip(&["netns", "del", &name])?;
    ensure!(status.context("cannot run `ip`")?.success(), "the measurement failed");
    Ok(())
}

/// Makes the interfaces, with so many transmit queues.
pub(crate) fn make_interfaces(queues: u16) -> Result<()> {
    let queues = queues.to_string();
    for interface in [INTERFACE, OTHER_INTERFACE] {
        let peer = format!("{interface}-peer");
        ip(&[
            "link",
            "add",
            interface,
            "numtxqueues",
            &queues,
            "numrxqueues",
            &queues,
            "type",
            "veth",
            "peer",
            "name",
            &peer,
        ])?;
        ip(&["link", "set", interface, "up"])?;
    }
    Ok(())
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(arguments).output().context("cannot run `ip`")?;
    ensure!(output.status.success(), "`ip {}`: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    Ok(())
}
