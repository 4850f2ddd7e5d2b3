//! Tests of whole pictures.

use pleach_graph::{Capacity, Code, NetworkGraph, NodeId, Problem, Tree};
use proptest::prelude::*;

use super::item::{Joint, Kind, Mark};
use super::layout::{Layout, Rect};
use super::networks::{Sample, access_points, chain, id, mbit, regular, ring, star};
use super::*;

/// The picture from a site, or from the unnamed top.
fn picture(sample: &Sample, root: &str, detail: Detail) -> Picture {
    let root = sample.network.find(&id("site", root)).unwrap_or(sample.network.top());
    Picture::of(&Tree::grow(&sample.network, root), &sample.problems, detail)
}

fn item<'p>(picture: &'p Picture, id: &NodeId) -> &'p super::item::Item {
    picture.items.iter().find(|item| item.id == id.as_str()).expect("it is drawn")
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.left < b.right() && b.left < a.right() && a.top < b.bottom() && b.top < a.bottom()
}

/// Nothing overlaps but an entry its own card, nothing leaves the page, and no line crosses a card.
fn assert_tidy(picture: &Picture) {
    let layout = Layout::of(picture);
    let cards: Vec<usize> = (0..picture.items.len()).filter(|&at| !picture.is_entry[at]).collect();
    for (position, &first) in cards.iter().enumerate() {
        let rect = layout.rects[first];
        assert!(rect.left >= 0 && rect.top >= 0 && rect.right() <= layout.width && rect.bottom() <= layout.height);
        for &second in &cards[position + 1..] {
            assert!(!overlap(rect, layout.rects[second]), "{first} and {second} overlap: {:?}", layout.rects[second]);
        }
        let entries = picture.entries.of(first);
        for (at, &entry) in entries.iter().enumerate() {
            let inner = layout.rects[entry];
            let inside = inner.left > rect.left && inner.right() < rect.right() && inner.bottom() < rect.bottom();
            assert!(inside && inner.top > rect.top, "{inner:?} leaves {rect:?}");
            assert!(entries[at + 1..].iter().all(|&other| !overlap(inner, layout.rects[other])));
        }
    }
    for wire in &layout.wires {
        for ends in wire.points.windows(2) {
            let ((ax, ay), (bx, by)) = (ends[0], ends[1]);
            assert!(ax == bx || ay == by, "a slanted line");
            let line = Rect { left: ax.min(bx), top: ay.min(by), width: (ax - bx).abs(), height: (ay - by).abs() };
            let crossed = cards.iter().find(|&&card| overlap(line, layout.rects[card]));
            assert_eq!(crossed, None, "a line crosses a card");
        }
    }
}

/// What an XML reader makes of the drawing.
fn read(drawing: &str) -> roxmltree::Document<'_> {
    roxmltree::Document::parse(drawing).expect("well-formed XML")
}

#[test]
fn nothing_overlaps_in_realistic_networks() {
    assert_tidy(&picture(&ring(), "", Detail::Infrastructure));
    assert_tidy(&picture(&ring(), "mill", Detail::Clients));
    assert_tidy(&picture(&regular(30, 3, 5, 2), "s007", Detail::Infrastructure));
    assert_tidy(&picture(&regular(500, 4, 8, 1), "s000", Detail::Infrastructure));
    assert_tidy(&picture(&star(300), "s000", Detail::Infrastructure));
}

#[test]
fn five_hundred_sites_make_a_picture_and_no_ribbon() {
    for fan in [2, 4, 20, 499] {
        let layout = Layout::of(&picture(&regular(500, fan, 8, 1), "s000", Detail::Infrastructure));
        let (width, height) = (layout.width, layout.height);
        assert!(width < 3 * height && height < 2 * width, "fan-out {fan}: {width} x {height}");
        assert!(width * height < 110_000_000, "fan-out {fan}: {width} x {height}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn nothing_overlaps_in_random_trees(
        parents in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..12, "\\PC{0,40}"), 1..90)
    ) {
        let mut builder = NetworkGraph::builder();
        let site = |number: usize| id("site", &number.to_string());
        for (number, (parent, aps, name)) in parents.iter().enumerate() {
            let entry = builder.site(site(number), name);
            if number > 0 {
                let _ = entry.parent(site(parent.index(number)));
            }
            access_points(&mut builder, &site(number), *aps, 1);
        }
        let picture = picture(&Sample::from(builder), "", Detail::Infrastructure);
        assert_tidy(&picture);
        let drawing = svg(&picture);
        prop_assert!(read(&drawing).root_element().has_tag_name("svg"));
    }
}

#[test]
fn the_order_of_records_does_not_show() {
    let draw = |numbers: &[u64]| {
        let mut builder = NetworkGraph::builder();
        for &number in numbers {
            let site = id("site", &number.to_string());
            let _ = builder.site(site.clone(), "Twin").capacity(mbit(100 * number, 50));
            access_points(&mut builder, &site, 2, 2);
        }
        let sample = Sample::from(builder);
        let picture = picture(&sample, "", Detail::Clients);
        (svg(&picture), dot(&picture))
    };
    assert_eq!(draw(&[1, 2, 3, 4]), draw(&[4, 2, 1, 3]));
}

#[test]
fn circuits_are_counted_here_and_below() {
    let sample = ring();
    let picture = picture(&sample, "fibre", Detail::Infrastructure);
    let circuits = |id| item(&picture, &id).circuits;
    assert_eq!((circuits(id("ap", "hill-0")).own, circuits(id("ap", "hill-0")).total), (12, 12));
    assert_eq!((circuits(id("site", "mill")).own, circuits(id("site", "mill")).total), (0, 36));
    let relay: NodeId = "pleach:relay:csv:client:farm".parse().expect("an id");
    assert_eq!((circuits(relay.clone()).own, circuits(relay).total), (1, 4));
    assert_eq!(picture.items[0].circuits.total, sample.network.circuits().len());
}

#[test]
fn every_client_is_drawn_when_asked_for() {
    let sample = ring();
    let count = |detail| picture(&sample, "mill", detail).items.iter().filter(|i| i.kind == Kind::Client).count();
    assert_eq!(count(Detail::Infrastructure), 0);
    assert_eq!(count(Detail::Clients), sample.network.circuits().len());
}

#[test]
fn relays_orphans_and_standby_links_look_their_own() {
    let picture = picture(&ring(), "fibre", Detail::Infrastructure);
    let drawing = svg(&picture);
    let document = read(&drawing);
    let count = |wanted: &str| {
        let has = |class: &str| class.split(' ').any(|class| class == wanted);
        document.descendants().filter(|node| node.attribute("class").is_some_and(has)).count()
    };
    assert_eq!(count("item"), picture.items.len());
    assert_eq!(count("root"), 1);
    assert_eq!(picture.standby.len(), 1);
    assert_eq!(count("dashed"), 1 + 1, "the link and its sample in the legend");
    let (relay, orphans) = (Kind::Relay, Kind::Orphans);
    assert!([relay, orphans].iter().all(|kind| count(kind.class()) == 2), "each once, and in the legend");
    assert_eq!(item(&picture, &id("site", "lost")).joint, Joint::None);
    assert_eq!(item(&picture, &id("site", "hill")).joint, Joint::Link);
}

#[test]
fn problems_are_marked_where_they_are() {
    let sample = ring();
    let infrastructure = picture(&sample, "fibre", Detail::Infrastructure);
    let mill = item(&infrastructure, &id("site", "mill"));
    assert_eq!(mill.mark, Some(Mark::Error));
    assert!(mill.tooltip.contains("error duplicate-id: "), "{}", mill.tooltip);
    assert_eq!(item(&infrastructure, &id("site", "lost")).mark, Some(Mark::Warning));
    assert_eq!(item(&infrastructure, &id("site", "hill")).mark, None);
    let sector = item(&infrastructure, &id("ap", "hill-1"));
    assert_eq!((sector.mark, sector.tooltip.contains("problems of circuits here: 1")), (None, true));
    let clients = picture(&sample, "fibre", Detail::Clients);
    assert_eq!(item(&clients, &id("client", "hill-1-03")).mark, Some(Mark::Error), "its device's problem");
    let drawing = svg(&infrastructure);
    let read = read(&drawing);
    let uses = |mark: &str| read.descendants().filter(|node| node.attribute("href") == Some(mark)).count();
    assert_eq!((uses("#failed-mark"), uses("#warned-mark")), (2, 2), "each once, and in the legend");
}

#[test]
fn the_worst_problem_gives_the_mark() {
    let mut sample = star(3);
    let problem = |code, site| Problem::new(code, "something").record(&id("site", site));
    sample.problems = vec![
        problem(Code::DuplicateName, "s001"),
        problem(Code::BadCapacity, "s002"),
        problem(Code::BadNode, "s002"),
        problem(Code::DuplicateName, "s002"),
    ];
    let picture = picture(&sample, "s000", Detail::Infrastructure);
    let of = |site| item(&picture, &id("site", site));
    assert_eq!((of("s001").mark, of("s002").mark), (None, Some(Mark::Error)));
    assert!(of("s001").tooltip.contains("note duplicate-name: something"), "a note is no mark, but is said");
}

#[test]
fn many_problems_do_not_fill_the_screen() {
    let mut sample = star(2);
    let problem = |number| Problem::new(Code::BadLink, format!("link {number}")).record(&id("site", "s000"));
    sample.problems = (0..1_000).map(problem).collect();
    let picture = picture(&sample, "s000", Detail::Infrastructure);
    assert!(picture.items[0].tooltip.ends_with("and 992 more problems"), "{}", picture.items[0].tooltip);
}

#[test]
fn names_may_hold_anything() {
    let mut builder = NetworkGraph::builder();
    let nasty = "<b>&amp;\"'\u{0}\u{8}\u{1b}\u{FFFE}]]>\nline two\u{202E} \\N \\";
    let _ = builder.site(id("site", "<&\"'>\u{1}"), nasty).capacity(Capacity::NONE);
    let sample = Sample::from(builder);
    let picture = picture(&sample, "", Detail::Infrastructure);
    let drawing = svg(&picture);
    let document = read(&drawing);
    let said = document.descendants().filter_map(|node| node.text()).collect::<String>();
    assert!(said.contains("<b>&amp;\"'"), "{said}");
    assert!(!drawing.contains("<b>"));
    assert_well_formed(&dot(&picture));
}

#[test]
fn the_drawing_needs_nothing_from_elsewhere() {
    let drawing = svg(&picture(&ring(), "fibre", Detail::Clients));
    let document = read(&drawing);
    for node in document.descendants() {
        assert!(!node.has_tag_name("script") && !node.has_tag_name("image"));
        assert!(node.attributes().filter(|a| a.name() == "href").all(|a| a.value().starts_with('#')));
    }
    assert!(!drawing.contains("url(") && !drawing.contains("@import"));
}

#[test]
fn an_upstream_that_leads_nowhere_is_left_out() {
    let sample = regular(3, 3, 0, 0);
    assert_eq!(picture(&sample, "s001", Detail::Infrastructure).items.len(), 3);
    assert_eq!(picture(&sample, "", Detail::Infrastructure).items.len(), 4, "but not as the root");
}

#[test]
fn a_long_chain_and_a_large_star_are_drawn() {
    const SITES: usize = 100_000;
    for sample in [chain(SITES), star(SITES)] {
        let picture = picture(&sample, "s000", Detail::Infrastructure);
        assert_eq!(picture.items.len(), SITES);
        assert!(svg(&picture).len() > SITES);
        assert!(dot(&picture).len() > SITES);
    }
}

/// Every line of a DOT file is a statement, and every quote in it is closed.
fn assert_well_formed(dot: &str) {
    let lines: Vec<&str> = dot.lines().collect();
    assert_eq!((lines[0], lines[lines.len() - 1]), ("digraph network {", "}"));
    for line in &lines[1..lines.len() - 1] {
        assert!(line.starts_with("  ") && line.ends_with(']'), "{line}");
        let (mut quoted, mut characters) = (false, line.chars());
        while let Some(character) = characters.next() {
            match character {
                '\\' => assert!(quoted && characters.next().is_some_and(|next| "\\\"n".contains(next)), "{line}"),
                '"' => quoted = !quoted,
                _ => {}
            }
        }
        assert!(!quoted, "{line}");
    }
}

#[test]
fn dot_names_each_node_and_each_link_once() {
    let picture = picture(&ring(), "fibre", Detail::Clients);
    let dot = dot(&picture);
    assert_well_formed(&dot);
    let statements = |part: &str| dot.lines().filter(|line| line.contains(part)).count();
    assert_eq!(statements("[label="), picture.items.len());
    assert_eq!(statements(" -> "), picture.items.len() - 1 + picture.standby.len());
    assert_eq!(statements("constraint=false"), 1);
}

#[test]
fn virts_are_listed_where_their_net_is_bound() {
    let [sites, links] = ["site", "link"].map(|table| pleach_graph::Table::new("t", table).expect("two words"));
    let mut builder = NetworkGraph::builder();
    let _ = builder.site(sites.id("A"), "Tower A").at_top();
    let _ = builder.site(sites.id("B"), "Tower B");
    builder.link(links.id("ab"), sites.id("A"), sites.id("B"), Capacity::NONE);
    let virt = |name: &str, phys: Option<&str>| pleach_graph::NetVirt { name: name.into(), phys: phys.map(Into::into) };
    builder.bind(pleach_graph::Net {
        name: "Reseller".into(),
        at: sites.id("B"),
        tag: pleach_graph::NetTag::Vni(5_001),
        prefixes: Vec::new(),
        tunnel: None,
        overhead: 50,
        mtu: None,
        virts: vec![virt("bras", Some("east")), virt("spare", None)],
    });
    let (network, _) = builder.build();
    let tree = Tree::grow(&network, network.top());
    let picture = Picture::of(&tree, &[], Detail::Infrastructure);
    assert_tidy(&picture);
    let tower = picture.items.iter().position(|item| item.name == "Tower B").expect("it is drawn");
    let entries = picture.entries.of(tower).iter().map(|&at| picture.items[at].name.as_str());
    assert_eq!(entries.collect::<Vec<_>>(), ["Reseller/bras", "Reseller/spare"]);
    assert!(picture.items[tower].tooltip.contains("net: Reseller (VXLAN 5001)"));
    assert!(picture.census.counts.contains("2 virts"), "{}", picture.census.counts);
    let drawing = svg(&picture);
    assert!(read(&drawing).descendants().any(|node| node.text().is_some_and(|text| text.contains("at phys east"))));
    assert!(dot(&picture).contains("shape=component"));
}
