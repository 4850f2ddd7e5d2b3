//! Any text as a configuration: what is accepted names its shapers as folders, each once, with rates and prefixes in range.
#![no_main]

use std::collections::HashSet;
use std::path::{Component, Path};

use libfuzzer_sys::fuzz_target;
use pleach::config::Config;
use pleach_graph::{Limit, Prefix, Rate};

fuzz_target!(|text: &str| {
    let config = match Config::parse(text, Path::new("pleach.toml")) {
        Ok(config) => config,
        Err(error) => {
            assert!(error.to_string().contains("pleach.toml"), "`{error}` says which file");
            return;
        }
    };
    let mut names = HashSet::new();
    for shaper in &config.shaper {
        let parts: Vec<Component<'_>> = Path::new(&shaper.name).components().collect();
        assert!(matches!(parts.as_slice(), [Component::Normal(_)]), "`{}` is a folder's name", shaper.name);
        assert!(names.insert(&shaper.name), "`{}` is there once", shaper.name);
        let uplink = shaper.uplink.capacity();
        assert!([uplink.down, uplink.up].iter().all(|limit| *limit == Limit::NONE || *limit <= Limit::of(Rate::MAX)));
    }
    assert!(config.default_plan.down <= Rate::MAX && config.default_plan.up <= Rate::MAX);
    for prefix in config.addresses.allow.iter().chain(&config.addresses.ignore) {
        assert_eq!(Prefix::network(prefix.net()), *prefix, "{prefix} is canonical");
    }
});
