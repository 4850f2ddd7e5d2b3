//! The link between a site and its parent, of which one source speaks as a link and another by what the site carries.

use hashbrown::HashMap;
use petgraph::graph::NodeIndex;

use crate::builder::{GraphBuilder, ParentName};
use crate::capacity::{Capacity, Limit};
use crate::node::NodeKind;
use crate::same::groups::{Group, Groups};
use crate::same::merge::capacity;
use crate::same::places::Winners;
use crate::same::preference::Preference;
use crate::same::stated::{Side, disagreement};
use crate::stated_reason::Aspect;

/// Where a stated link takes the place of the one that a parent implies, the capacity counts of whichever source is believed.
/// Of several parallel links none is the one that a site means, so they stay as they are.
pub(super) fn settle(builder: &mut GraphBuilder, groups: &Groups, winners: &Winners, prefer: &Preference<'_>) {
    let mut groups_of: HashMap<[NodeIndex; 2], usize> = HashMap::new();
    let mut sites: Vec<Group<'_>> = Vec::new();
    for group in groups.iter() {
        let site = group.members[0];
        if let (NodeKind::Site(_), ParentName::Node(parent)) =
            (&builder.graph[site].kind, &builder.parents[site.index()])
        {
            groups_of.insert([site, *parent], sites.len());
            sites.push(group);
        }
    }
    if groups_of.is_empty() || builder.links.is_empty() {
        return;
    }
    let mut links_of: Vec<(usize, usize)> = Vec::new(); // group, link
    for (link, record) in builder.links.iter().enumerate() {
        let [Some(first), Some(second)] =
            record.ends.each_ref().map(|end| builder.find(end).map(|end| winners.of(end)))
        else {
            continue;
        };
        let groups = [[first, second], [second, first]].into_iter().filter_map(|ends| groups_of.get(&ends));
        links_of.extend(groups.map(|group| (*group, link)));
    }
    links_of.sort_unstable();
    for links in links_of.chunk_by(|a, b| a.0 == b.0) {
        let group = sites[links[0].0];
        for (_, link) in links {
            for direction in [Direction::Down, Direction::Up] {
                settle_direction(builder, group, *link, links.len(), direction, prefer);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Down,
    Up,
}

impl Direction {
    fn of(self, capacity: &mut Capacity) -> &mut Limit {
        match self {
            Self::Down => &mut capacity.down,
            Self::Up => &mut capacity.up,
        }
    }
}

fn settle_direction(
    builder: &mut GraphBuilder,
    group: Group<'_>,
    link: usize,
    parallel: usize,
    direction: Direction,
    prefer: &Preference<'_>,
) {
    let site = group.members[0];
    let stated = |record: &NodeIndex| {
        let limit = *direction.of(&mut capacity(&builder.graph[*record]));
        (limit != Limit::NONE).then_some((*record, limit))
    };
    let Some((record, by_site)) = group.members.iter().find_map(stated) else { return };
    let is_away = group.members.iter().any(|member| builder.graph[*member].id == builder.links[link].ends[0]);
    let mut of_link = builder.links[link].link.capacity;
    if is_away {
        of_link = of_link.swapped();
    }
    let by_link = *direction.of(&mut of_link);
    let (record, linked) = (&builder.graph[record], &builder.links[link]);
    if by_link == by_site || record.id.source() == linked.id.source() {
        return;
    }
    let is_believed = by_link == Limit::NONE || prefer.rank(&record.id) < prefer.rank(&linked.id);
    let [site_value, link_value] = [by_site, by_link].map(|limit| limit.to_string());
    let by_site_side = Side { id: &record.id, origin: record.origin, value: &site_value };
    let by_link_side = Side { id: &linked.id, origin: linked.origin, value: &link_value };
    let used_is_site = is_believed && parallel == 1;
    let sides = if used_is_site { [by_site_side, by_link_side] } else { [by_link_side, by_site_side] };
    let field =
        if direction == Direction::Down { "download capacity to its parent" } else { "upload capacity to its parent" };
    if by_link != Limit::NONE {
        let problem = disagreement(builder, site, field, sides, "topology");
        builder.problems.push(problem);
    }
    if used_is_site {
        let text = format!("the link `{}` carries what `{}` says", linked.id, record.id);
        *direction.of(&mut of_link) = by_site;
        builder.links[link].link.capacity = if is_away { of_link.swapped() } else { of_link };
        builder.reasons.add(site, Aspect::Capacity, text);
    }
}
