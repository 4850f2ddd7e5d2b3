//! `rule in|out PRIO drop|accept [-srcMac][-dstMac][-srcIp][-dstIp][-protocol][-srcPort][-dstPort]` and `flushVr`

use std::net::IpAddr;

use ipnet::IpNet;
use pleach_graph::Prefix;

use super::super::error::{Outcome, Stop};
use super::super::interpreter::{Run, Value};
use super::super::number::{NO_NUMBER, integer};
use super::super::options::{Kind, Options};
use crate::change::Change;
use crate::rule::{Direction, Match, Priority, Rule, RuleAction};

const OPTIONS: [(&str, Kind); 7] = [
    ("-srcMac", Kind::Value),
    ("-dstMac", Kind::Value),
    ("-srcIp", Kind::Value),
    ("-dstIp", Kind::Value),
    ("-protocol", Kind::Value),
    ("-srcPort", Kind::Value),
    ("-dstPort", Kind::Value),
];

pub(super) fn rule(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    let options = Options::of(line, arguments, &OPTIONS)?;
    let [stated_direction, priority, action] = options.rest.as_slice() else {
        return Err(Stop::at(line, "expected a direction, a priority and an action: `rule in 1 drop …`"));
    };
    let direction = direction(stated_direction)?;
    let number = Priority::new(integer(&priority.text).unwrap_or(NO_NUMBER));
    let priority = number.map_err(|why| Stop::at(line, format!("`{}` {why}", priority.text)))?;
    let action = match action.text.as_str() {
        "drop" => RuleAction::Drop,
        "accept" => RuleAction::Accept,
        other => return Err(Stop::at(line, format!("`{other}` is no action: `drop` or `accept`"))),
    };
    let matches = Match {
        source_mac: options.parsed("-srcMac")?,
        destination_mac: options.parsed("-dstMac")?,
        source: options.read("-srcIp", subnet)?,
        destination: options.read("-dstIp", subnet)?,
        protocol: options.parsed("-protocol")?,
        source_ports: options.parsed("-srcPort")?,
        destination_ports: options.parsed("-dstPort")?,
    };
    let key = run.virt_around();
    run.change(line, Change::AddRule(key, Rule { direction, priority, matches, action }))
}

pub(super) fn flush(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    Options::of(line, arguments, &[])?.at_most(0)?;
    let key = run.virt_around();
    run.change(line, Change::FlushRules(key))
}

pub(super) fn direction(value: &Value) -> Outcome<Direction> {
    let found = Direction::BOTH.into_iter().find(|direction| direction.as_str() == value.text);
    found.ok_or_else(|| Stop::at(value.line, format!("`{}` is no direction: `in` or `out`", value.text)))
}

/// An address, perhaps with a prefix length or a mask. Bits outside of it do not count.
fn subnet(text: &str) -> Result<Prefix, &'static str> {
    const WHY: &str = "is not an address, or an address with a prefix length or a mask whose ones come first";
    let (address, mask) = text.split_once('/').map_or((text, None), |(address, mask)| (address, Some(mask)));
    let address: IpAddr = address.parse().map_err(|_| WHY)?;
    let net = match mask {
        None => IpNet::from(address),
        Some(mask) if mask.contains(['.', ':']) => {
            let mask: IpAddr =
                mask.parse().ok().filter(|mask: &IpAddr| mask.is_ipv4() == address.is_ipv4()).ok_or(WHY)?;
            IpNet::with_netmask(address, mask).map_err(|_| WHY)?
        }
        Some(length) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
            IpNet::new(address, length.parse().map_err(|_| WHY)?).map_err(|_| WHY)?
        }
        Some(_) => return Err(WHY),
    };
    Ok(Prefix::network(net))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_masks() {
        for (text, prefix) in [
            ("192.168.56.0/24", Ok("192.168.56.0/24")),
            ("192.168.56.7/255.255.255.0", Ok("192.168.56.0/24")),
            ("192.168.56.7", Ok("192.168.56.7")),
            ("2a00:1028:8380:f86::2/64", Ok("2a00:1028:8380:f86::/64")),
            ("2a00:1028:8380:f86::2/ffff::", Ok("2a00::/16")),
            ("0.0.0.0/0", Ok("0.0.0.0/0")),
            ("192.168.56.0/255.0.255.0", Err(())),
            ("192.168.56.0/33", Err(())),
            ("192.168.56.0/", Err(())),
            ("192.168.56.0/+8", Err(())),
            ("192.168.56.0/ffff::", Err(())),
            ("host", Err(())),
        ] {
            assert_eq!(
                subnet(text).map(|prefix| prefix.to_string()).map_err(|_| ()),
                prefix.map(str::to_owned),
                "{text}"
            );
        }
    }
}
