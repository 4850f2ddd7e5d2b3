//! Any text as a prefix, as a list of them and as a set: what reads is canonical, prints read back, sets agree with a scan.
#![no_main]

use ipnet::IpNet;
use libfuzzer_sys::fuzz_target;
use pleach_graph::{Prefix, PrefixReading, PrefixSet, read_address};

fuzz_target!(|text: &str| {
    check_reading(text);
    let listed: Vec<Prefix> = Prefix::split_list(text).filter_map(check_reading).collect();
    let set = PrefixSet::new(listed.iter().copied());
    for &asked in &listed {
        let outermost = listed.iter().copied().filter(|member| member.contains(asked));
        assert_eq!(
            set.covering(asked),
            outermost.min_by_key(|member| member.net().prefix_len()),
            "{asked} in `{text}`"
        );
    }
});

fn check_reading(text: &str) -> Option<Prefix> {
    let (prefix, problem) = read_address(text);
    let Ok(PrefixReading { prefix: parsed, other_reading }) = Prefix::parse(text) else {
        assert!(prefix.is_none() && problem.is_some(), "`{text}` is refused, and says why");
        return None;
    };
    assert_eq!(prefix, Some(parsed), "`{text}` reads alike both ways");
    assert_eq!(problem.is_some(), other_reading.is_some(), "`{text}` is doubtful exactly if it has two readings");
    for prefix in [Some(parsed), other_reading].into_iter().flatten() {
        assert_canonical(prefix);
    }
    if let Some(network) = other_reading {
        assert!(parsed.is_host() && network != parsed && network.contains(parsed), "`{text}`: {parsed} or {network}");
    }
    Some(parsed)
}

fn assert_canonical(prefix: Prefix) {
    assert_eq!(prefix.net().addr(), prefix.net().network(), "{prefix} has host bits");
    assert_eq!(Prefix::network(prefix.net()), prefix, "{prefix} is not canonical");
    if let IpNet::V6(net) = prefix.net() {
        let mapped = net.prefix_len() >= 96 && net.addr().to_ipv4_mapped().is_some();
        assert!(!mapped, "{prefix} is IPv4 in disguise");
    }
    let back = Prefix::parse(&prefix.to_string());
    assert_eq!(back, Ok(PrefixReading { prefix, other_reading: None }), "{prefix} does not read back");
}
