//! From a network and a configuration to the files of every shaper.

use pleach::config::{Addresses, Config, Scope, Shaper, Uplink};
use pleach::export;
use pleach::load::Loaded;
use pleach::survey::Survey;
use pleach_graph::{Dialect, NetworkGraph, Prefix, Problems, Projection, Rate};
use proptest::prelude::*;
use proptest::sample::Index;

/// What an operator sets, before it is known which nodes there are.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) allow: Vec<&'static str>,
    pub(crate) ignore: Vec<&'static str>,
    pub(crate) never_shape: bool,
    pub(crate) exclude: Vec<Index>,
    pub(crate) promote: Vec<Index>,
    pub(crate) shapers: Vec<ShaperSettings>,
}

#[derive(Clone, Debug)]
pub(crate) struct ShaperSettings {
    pub(crate) root: Option<Index>,
    pub(crate) uplink: [Option<u64>; 2],
    pub(crate) projection: Projection,
    pub(crate) dialect: Dialect,
    pub(crate) scope: Scope,
}

pub(crate) fn settings() -> impl Strategy<Value = Settings> {
    let ignore = prop::sample::subsequence(vec!["10.9.0.0/16", "100.64.0.0/29", "2001:db8:9::/48"], 0..=3);
    let allow = prop_oneof![
        4 => Just(vec![]),
        1 => Just(vec!["100.64.0.0/10", "10.0.0.0/8"]),
        1 => Just(vec!["0.0.0.0/0", "2001:db8::/32"]),
    ];
    let nodes = || prop::collection::vec(any::<Index>(), 0..3);
    (allow, ignore, prop::bool::weighted(0.8), nodes(), nodes(), prop::collection::vec(shaper(), 1..4)).prop_map(
        |(allow, ignore, never_shape, exclude, promote, shapers)| Settings {
            allow,
            ignore,
            never_shape,
            exclude,
            promote,
            shapers,
        },
    )
}

fn shaper() -> impl Strategy<Value = ShaperSettings> {
    let root = prop::option::of(any::<Index>());
    let uplink = || prop_oneof![Just(None), Just(Some(50_000)), Just(Some(1_500_000)), Just(Some(940_000_001))];
    let projection = prop_oneof![
        3 => Just(Projection::Full),
        1 => Just(Projection::ApSite),
        1 => Just(Projection::ApOnly),
        1 => Just(Projection::Flat),
    ];
    let dialect = prop::sample::select(Dialect::ALL.to_vec());
    let scope = prop_oneof![2 => Just(Scope::Nearest), 1 => Just(Scope::All)];
    (root, [uplink(), uplink()], projection, dialect, scope).prop_map(|(root, uplink, projection, dialect, scope)| {
        ShaperSettings { root, uplink, projection, dialect, scope }
    })
}

impl Settings {
    /// The configuration that these settings mean in `network`.
    pub(crate) fn config(&self, network: &NetworkGraph) -> Config {
        let ids: Vec<String> = network.nodes().map(|(_, node)| node.id.to_string()).collect();
        let id = |index: &Index| ids[index.index(ids.len())].clone();
        let prefixes =
            |texts: &[&str]| texts.iter().map(|text| Prefix::parse(text).expect("a prefix").prefix).collect::<Vec<_>>();
        let shaper = |(number, settings): (usize, &ShaperSettings)| {
            let [down, up] = settings.uplink.map(|bit| bit.map(Rate::from_bit));
            Shaper {
                uplink: Uplink { down, up },
                projection: settings.projection,
                dialect: settings.dialect,
                scope: settings.scope,
                ..Shaper::named(&format!("shaper-{number}"), settings.root.as_ref().map(id))
            }
        };
        let mut config = Config {
            addresses: Addresses {
                allow: prefixes(&self.allow),
                ignore: prefixes(&self.ignore),
                never_shape: self.never_shape,
            },
            shaper: self.shapers.iter().enumerate().map(shaper).collect(),
            ..Config::default()
        };
        config.network.exclude = self.exclude.iter().map(id).collect();
        config.network.promote = self.promote.iter().map(id).collect();
        config
    }
}

/// The survey of a network that was made or read here.
pub(crate) fn survey((network, problems): (NetworkGraph, Problems), config: &Config) -> Survey {
    let loaded = Loaded { network, problems, snapshot: "sha256:0".to_owned(), documents: Vec::new() };
    Survey::new(loaded, config)
}

/// network.json and ShapedDevices.csv of every shaper.
pub(crate) fn files(survey: &Survey, config: &Config) -> Vec<[Vec<u8>; 2]> {
    let (rooted, holders) = survey.shapers(&config.shaper).expect("roots are in the network");
    let views = survey.views(&rooted);
    let made =
        rooted.iter().enumerate().map(|(index, shaper)| export::build(survey, shaper, &views[index], &holders, index));
    made.map(|files| {
        let [json, csv, _] = files.contents;
        [json, csv]
    })
    .collect()
}
