//! The manual's examples are true, and complete.

use std::collections::BTreeSet;
use std::path::Path;

use pleach_graph::overrides::{self, Setting};
use pleach_graph::same::{SameRule, SameRules};

/// The TOML examples of a page.
fn examples(page: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let blocks = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.map(str::to_owned).collect()
}

#[test]
fn the_example_of_overrides_shows_every_key() {
    let example = examples("overrides.md").concat();
    let overrides = overrides::parse(&example, "docs/overrides.md").expect("overrides");
    let settings = overrides.entries().iter().flat_map(|entry| &entry.settings);
    let shown: BTreeSet<&str> = settings.map(|(_, setting)| setting.field()).collect();
    let all = [
        "min.down",
        "max.down",
        "max.up",
        "sqm",
        "parent",
        "rename",
        "prefixes",
        "exclude",
        "promote",
        "capacity.down",
        "capacity.up",
        "cost",
    ];
    assert_eq!(shown, all.into_iter().collect());
    assert!(overrides.entries().iter().any(|entry| entry.expires.is_some() && !entry.note.is_empty()));
    assert!(matches!(overrides.entries()[0].settings[0].1, Setting::MinDown(_)));
}

#[test]
fn every_key_of_overrides_is_in_the_manual() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/overrides.md")).expect("read");
    let unknown = overrides::parse("[[override]]\nnonsense = 1", "o").expect_err("no key");
    let keys: Vec<&str> = unknown.hint.split('`').skip(1).step_by(2).collect();
    assert_eq!(keys.len(), 14, "{keys:?}");
    for key in keys {
        let is_there = [format!("`{key}`"), format!("`{key}.down`")].iter().any(|text| page.contains(text));
        assert!(is_there, "docs/overrides.md should speak of `{key}`");
    }
}

#[test]
fn the_example_of_rules_shows_every_form() {
    let rules: SameRules = toml::from_str(&examples("sources.md").concat()).expect("rules");
    let forms = rules.same.iter().map(|rule| match rule {
        SameRule::Ids(_) => "ids",
        SameRule::Tables { by, .. } => by.as_str(),
    });
    assert_eq!(forms.collect::<Vec<_>>(), ["ids", "name", "MAC address", "address"]);
    let prefer = &rules.prefer;
    let lists = [&prefer.topology, &prefer.rates, &prefer.addresses, &prefer.names];
    assert!(lists.iter().all(|list| !list.is_empty()));
}
