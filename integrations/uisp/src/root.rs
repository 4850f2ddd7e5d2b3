//! Where the internet is.

use pleach_graph::{Code, Limit, NodeId, Problem};

use crate::import::Context;
use crate::links::Uplink;
use crate::raw_id::RawId;
use crate::records::Site;
use crate::tables::node_id;
use crate::words::{Role, SiteType};

/// A site that the internet is at: it hangs from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Root {
    /// The site's index.
    pub(crate) site: usize,
    /// What the port to the internet carries.
    pub(crate) limit: Limit,
    /// What says so.
    pub(crate) reason: &'static str,
}

/// The sites that the internet is at, by id: the configured one, else those of the links to the internet, else the one that
/// other signs point to. None, and a problem, where nothing does.
pub(crate) fn roots(context: &Context<'_>) -> (Vec<Root>, Option<Problem>) {
    let mut trouble = None;
    if let Some(wanted) = &context.settings.root {
        match configured(wanted, context) {
            Ok((site, problem)) => {
                let root = Root { site, limit: limit_of(site, context), reason: "the `root` of the configuration" };
                return (vec![root], problem);
            }
            Err(problem) => trouble = Some(problem),
        }
    }
    let found = detected(context);
    if found.is_empty() && trouble.is_none() {
        let message = "no data link of UISP leads to the internet, and nothing else says at which site it is";
        trouble = Some(
            Problem::new(Code::NoInternet, message)
                .at(context.documents.links.name, 0)
                .hint("name the site in the configuration: `root = \"…\"`"),
        );
    }
    (found, trouble)
}

/// The site that the configuration names, by id or by name.
#[expect(clippy::result_large_err, reason = "made once a snapshot")]
fn configured(wanted: &str, context: &Context<'_>) -> Result<(usize, Option<Problem>), Problem> {
    let sites = &context.decoded.sites;
    let raw = wanted.parse::<NodeId>().map_or_else(|_| wanted.to_owned(), |id| id.raw().to_owned());
    if let Some(site) = sites.find(&RawId::new(&raw)).filter(|&site| !context.owners.is_client(site)) {
        return Ok((site, None));
    }
    let mut named: Vec<usize> = operator_sites(context).filter(|&site| sites[site].name == wanted).collect();
    named.sort_unstable_by(|&a, &b| sites[a].id.cmp(&sites[b].id));
    match named.as_slice() {
        [] => Err(Problem::new(Code::NoSuchNode, format!("`root` names `{wanted}`, and no site of UISP is called so"))
            .value(wanted)
            .at(context.documents.sites.name, 0)
            .hint("write a site's name or id as UISP has it; the internet is looked for elsewhere")),
        [site] => Ok((*site, None)),
        [site, ..] => {
            let id = node_id(&context.tables.sites, &sites[*site].id);
            let message = format!("`root` names `{wanted}`, as {} sites are called; `{id}` is taken", named.len());
            let problem = Problem::new(Code::AmbiguousParent, message).record(&id).value(wanted);
            Ok((*site, Some(problem.at(context.documents.sites.name, 0).hint("write the site's id instead"))))
        }
    }
}

fn operator_sites<'c>(context: &Context<'c>) -> impl Iterator<Item = usize> + use<'c> {
    let owners = context.owners;
    (0..context.decoded.sites.all.len()).filter(move |&site| !owners.is_client(site))
}

/// The sites of links to the internet; else the one site from which links lead on that nobody may delete; else the sites
/// with a gateway; else the only site without a parent, where others have one.
fn detected(context: &Context<'_>) -> Vec<Root> {
    let sites = &context.decoded.sites;
    let root = |site, reason| Root { site, limit: limit_of(site, context), reason };
    let sorted = |mut found: Vec<usize>| {
        found.sort_unstable_by(|&a, &b| sites[a].id.cmp(&sites[b].id));
        found.dedup();
        found
    };
    let uplinks = sorted(context.links.uplinks.iter().map(|uplink| uplink.site).collect());
    if !uplinks.is_empty() {
        return uplinks.into_iter().map(|site| root(site, "a data link leads from it to the internet")).collect();
    }
    if let [site] = sorted(context.links.permanent_from.clone()).as_slice() {
        return vec![root(*site, "the only site with a data link that nobody may delete")];
    }
    let has_gateway = |&site: &usize| {
        context.owners.devices_at(site).any(|device| context.decoded.devices[device].role == Some(Role::Gateway))
    };
    let gateways = sorted(operator_sites(context).filter(has_gateway).collect());
    if !gateways.is_empty() {
        return gateways.into_iter().map(|site| root(site, "a gateway stands at it")).collect();
    }
    let is_known_site = |site: &Site| site.site_type == Some(SiteType::Site);
    let without: Vec<usize> =
        operator_sites(context).filter(|&site| is_known_site(&sites[site]) && sites[site].parent.is_none()).collect();
    match without.as_slice() {
        [site] if operator_sites(context).nth(1).is_some() => vec![root(*site, "the only site without a parent")],
        _ => Vec::new(),
    }
}

/// What the ports to the internet of a site carry: of several together, nothing is known.
fn limit_of(site: usize, context: &Context<'_>) -> Limit {
    let mut uplinks = context.links.uplinks.iter().filter(|uplink| uplink.site == site);
    match (uplinks.next(), uplinks.next()) {
        (Some(Uplink { port, .. }), None) => port.map(|port| context.settings.ethernet_headroom.of(port)).into(),
        _ => Limit::NONE,
    }
}
