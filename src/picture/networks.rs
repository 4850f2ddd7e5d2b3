//! Networks for the tests of this module.

use pleach_graph::{Capacity, GraphBuilder, NetworkGraph, NodeId, Problem, Rate, Table};

pub(super) fn id(table: &str, raw: &str) -> NodeId {
    Table::new("csv", table).expect("a table").id(raw)
}

pub(super) fn mbit(down: u64, up: u64) -> Capacity {
    Capacity::of(Rate::from_mbit(down), Rate::from_mbit(up))
}

/// A network and what was found wrong with it.
pub(super) struct Sample {
    pub(super) network: NetworkGraph,
    pub(super) problems: Vec<Problem>,
}

impl From<GraphBuilder> for Sample {
    fn from(builder: GraphBuilder) -> Self {
        let (network, problems) = builder.build();
        Self { network, problems: problems.into_sorted() }
    }
}

pub(super) fn clients(builder: &mut GraphBuilder, parent: &NodeId, count: usize) {
    for number in 0..count {
        let raw = format!("{}-{number:02}", parent.raw());
        let name = format!("Customer {raw}");
        let (down, up) = (Rate::from_mbit(50 + 10 * (number as u64 % 6)), Rate::from_mbit(10));
        let _ = builder.client(id("client", &raw), &name).parent(parent.clone()).plan(down, up);
    }
}

pub(super) fn access_points(builder: &mut GraphBuilder, site: &NodeId, count: usize, each: usize) {
    for number in 0..count {
        let ap = id("ap", &format!("{}-{number}", site.raw()));
        let name = format!("{} sector {}", site.raw(), number * 360 / count.max(1));
        let sector = [mbit(300, 60), mbit(500, 100), mbit(1_000, 1_000), Capacity::NONE][number % 4];
        let _ = builder.access_point(ap.clone(), &name).parent(site.clone()).capacity(sector);
        clients(builder, &ap, each);
    }
}

/// Three towers in a ring, four access points each, a relay customer, an orphan, and bad records.
pub(super) fn ring() -> Sample {
    let mut builder = NetworkGraph::builder();
    let [fibre, hill, lake, mill] = ["fibre", "hill", "lake", "mill"].map(|raw| id("site", raw));
    let _ = builder.site(fibre.clone(), "Fibre PoP").at_top().capacity(mbit(10_000, 10_000));
    for (site, name, count) in [(&hill, "Hilltop Tower", 4), (&lake, "Lakeside Tower", 5), (&mill, "Old Mill", 3)] {
        let _ = builder.site(site.clone(), name);
        access_points(&mut builder, site, count, 12);
    }
    for (raw, from, to, capacity, cost) in [
        ("a", &fibre, &hill, mbit(1_000, 1_000), 10),
        ("b", &hill, &lake, mbit(700, 350), 10),
        ("c", &lake, &mill, mbit(300, 300), 30),
        ("d", &mill, &fibre, mbit(500, 200), 20),
    ] {
        let _ = builder.link(id("link", raw), from.clone(), to.clone(), capacity).cost(cost);
    }
    let relay = id("client", "farm");
    let _ = builder
        .client(relay.clone(), "Farmer \"Jo\" <O'Neil> & Sons")
        .parent(id("ap", "lake-1"))
        .plan(Rate::from_mbit(200), Rate::from_mbit(50));
    let barn = id("ap", "barn");
    let _ = builder.access_point(barn.clone(), "Barn sector").parent(relay).capacity(mbit(150, 50));
    clients(&mut builder, &barn, 3);
    let lost = id("site", "lost");
    let _ = builder.site(lost.clone(), "Forgotten Tower").unknown_parent("Nowhere").capacity(mbit(100, 20));
    clients(&mut builder, &lost, 2);
    let _ = builder.site(mill.clone(), "Old Mill again").capacity(mbit(1, 1));
    let device = builder.device(id("device", "d1"), "CPE").parent(id("client", "hill-1-03")).addresses("10.0.0.999");
    let _ = device;
    builder.into()
}

/// `sites` sites, each with up to `fan` sites behind it, `aps` access points and `each` circuits an access point; every
/// 17th site has a standby link.
pub(super) fn regular(sites: usize, fan: usize, aps: usize, each: usize) -> Sample {
    let mut builder = NetworkGraph::builder();
    let site = |number: usize| id("site", &format!("s{number:03}"));
    for number in 0..sites {
        let entry = builder.site(site(number), &format!("{} {number:03}", TOWNS[number * 7 % TOWNS.len()]));
        if number > 0 {
            let capacity = [mbit(1_000, 1_000), mbit(500, 250), mbit(2_500, 2_500), mbit(200, 50)][number % 4];
            let _ = entry.parent(site((number - 1) / fan)).capacity(capacity);
        }
        access_points(&mut builder, &site(number), aps, each);
        if number % 17 == 16 {
            let link = builder.link(id("link", &number.to_string()), site(number), site(number - 9), mbit(300, 300));
            let _ = link.cost(100_000);
        }
        if number % 41 == 40 {
            builder.report(
                Problem::new(pleach_graph::Code::OversoldMinimums, "the minimum rates add up to 1.2 Gbit/s")
                    .record(&site(number)),
            );
        }
    }
    builder.into()
}

const TOWNS: [&str; 12] = [
    "Ashford",
    "Birch Hill",
    "Cold Spring",
    "Dunmore",
    "Eagle Rock",
    "Fairview",
    "Grain Silo",
    "Harbour",
    "Ironbridge",
    "Junction",
    "Kingsmead Water Tower",
    "Lone Pine",
];

/// A chain of sites.
pub(super) fn chain(length: usize) -> Sample {
    regular(length, 1, 0, 0)
}

/// Sites around one.
pub(super) fn star(count: usize) -> Sample {
    regular(count, count, 0, 0)
}
