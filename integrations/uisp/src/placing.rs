//! Where the operator's sites hang from: the top, what links join them to, their parent in UISP, or nothing that is known.

use pleach_graph::{Aspect, Capacity, Code, GraphBuilder, NodeIndex, Problem};

use crate::attach::Attachment;
use crate::import::{Context, Nodes};
use crate::islands::Islands;
use crate::links::{End, operator_site};
use crate::root::roots;

/// Hangs the sites that the internet is at from the top, and those that no data link joins to them from their parents in
/// UISP. `sites` are the operator's, by id.
pub(crate) fn place_sites(
    context: &Context<'_>,
    nodes: &Nodes,
    sites: &[usize],
    attachments: &[Option<Attachment>],
    builder: &mut GraphBuilder,
) {
    let (roots, trouble) = roots(context);
    if let Some(problem) = trouble {
        builder.report(problem);
    }
    let mut islands = islands(context);
    let internet = context.decoded.sites.all.len() + context.decoded.devices.all.len();
    for root in &roots {
        islands.join(root.site, internet);
        let node = nodes.sites[root.site].expect("invariant: a root is a site of the operator's");
        let capacity = Capacity { down: root.limit, up: root.limit };
        let _ = builder.edit(node).at_top().capacity(capacity).because(Aspect::Parent, root.reason);
    }
    let has_customers = sites_with_customers(context, attachments);
    for &site in sites {
        if islands.of(site) != islands.of(internet) {
            place_island_site(context, nodes, site, &mut islands, has_customers[site], builder);
        }
    }
}

/// Sites, then devices, then the internet: who is joined to whom by data links.
fn islands(context: &Context<'_>) -> Islands {
    let sites = context.decoded.sites.all.len();
    let mut islands = Islands::new(sites + context.decoded.devices.all.len() + 1);
    for between in &context.links.between {
        let [first, second] = between.ends.map(|end| match (operator_site(end, context.owners), end) {
            (Some(site), _) | (None, End::Site(site)) => site,
            (None, End::Device(device)) => sites + device,
        });
        islands.join(first, second);
    }
    islands
}

/// By site: whether customers hang from it or its devices.
fn sites_with_customers(context: &Context<'_>, attachments: &[Option<Attachment>]) -> Vec<bool> {
    let all = &context.decoded.sites;
    let attached = attachments.iter().flatten().filter_map(|attachment| operator_site(attachment.to, context.owners));
    let clients = all.all.iter().enumerate().filter(|(site, _)| context.owners.is_client(*site));
    let parents = clients.filter_map(|(_, client)| all.find(client.parent.as_ref()?));
    let mut has = vec![false; all.all.len()];
    for site in attached.chain(parents) {
        has[site] = true;
    }
    has
}

/// A site that no data link joins to the internet hangs from its parent in UISP. One without a parent, from which nothing but
/// customers hangs, is named; of other islands the tree says that they are some.
fn place_island_site(
    context: &Context<'_>,
    nodes: &Nodes,
    site: usize,
    islands: &mut Islands,
    has_customers: bool,
    builder: &mut GraphBuilder,
) {
    let all = &context.decoded.sites;
    let node = nodes.sites[site].expect("invariant: it is a site of the operator's");
    let parent = all[site].parent.as_ref().and_then(|parent| all.find(parent));
    if let Some(parent) = parent.filter(|&parent| parent == site || islands.of(parent) != islands.of(site))
        && let Some(above) = nodes.sites[parent]
    {
        let reason = "its parent in UISP, because no data link leads from it to the internet";
        let _ = builder.edit(node).under(above).because(Aspect::Parent, reason);
        return;
    }
    let has_links = context.owners.devices_at(site).any(|device| nodes.devices[device].is_some());
    if has_customers && !has_links {
        say_island(context, node, builder);
        let _ = builder.edit(node).unplaced();
    }
}

fn say_island(context: &Context<'_>, node: NodeIndex, builder: &mut GraphBuilder) {
    let record = builder.node(node);
    let message = format!("nothing in UISP says how site `{}` is joined to the others", record.name);
    let problem = Problem::new(Code::Unreachable, message)
        .at(context.documents.sites.name, 0)
        .record(&record.id)
        .hint("add the data link that is missing, or give the site its parent in UISP");
    builder.report(problem);
}
