//! What each data link is: a way through the operator's network, a customer's line, the internet, or nothing.

use hashbrown::HashSet;
use pleach_graph::{Code, Problem, Rate};

use crate::decode::Decoded;
use crate::owners::{Owner, Owners};
use crate::records::{DataLink, LinkEnd};
use crate::tables::{Tables, node_id};
use crate::words::LinkState;

/// Something at the end of a link, by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Device(usize),
    /// A site, where the link does not name a device of it that UISP lists.
    Site(usize),
}

/// A link between two sites of the operator's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Between {
    pub(crate) link: usize,
    pub(crate) ends: [End; 2],
}

/// A link that ends at a customer's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) link: usize,
    /// The customer's site.
    pub(crate) client: usize,
    /// The customer's device, where the link names it.
    pub(crate) device: Option<usize>,
    pub(crate) other: End,
}

/// Where the internet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uplink {
    /// A site of the operator's.
    pub(crate) site: usize,
    /// The speed of the port to it.
    pub(crate) port: Option<Rate>,
}

/// All data links, by what they are.
#[derive(Debug, Default)]
pub(crate) struct Links {
    pub(crate) between: Vec<Between>,
    pub(crate) lines: Vec<Line>,
    pub(crate) uplinks: Vec<Uplink>,
    /// The devices at the ends of those between sites.
    path_devices: HashSet<usize>,
    /// The first ends of links that nobody may delete, though they lead on to another site.
    pub(crate) permanent_from: Vec<usize>,
}

impl Links {
    /// Sorts the links that are in use. One that leads nowhere is named.
    pub(crate) fn sort(
        decoded: &Decoded,
        owners: &Owners,
        tables: &Tables,
        document: &str,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut links = Self::default();
        let mut order: Vec<usize> = (0..decoded.links.all.len()).collect();
        order.sort_unstable_by(|&a, &b| decoded.links[a].id.cmp(&decoded.links[b].id));
        for link in order.into_iter().filter(|&link| decoded.links[link].state != LinkState::NotInUse) {
            let record = &decoded.links[link];
            let ends = [&record.from, &record.to].map(|end| resolve(end, decoded));
            if links.is_uplink(record, ends, owners) {
                continue;
            }
            match ends {
                [Some(from), Some(to)] => links.add(link, record, [from, to], owners),
                _ => problems.push(
                    Problem::new(Code::BadLink, "an end of the data link is nothing that UISP lists; it is set aside")
                        .at(document, 0)
                        .record(&node_id(&tables.links, &record.id))
                        .hint("delete the data link in UISP, or give it its ends"),
                ),
            }
        }
        links
    }

    /// Whether a path between two sites leads over a device.
    pub(crate) fn carries_path(&self, device: usize) -> bool {
        self.path_devices.contains(&device)
    }

    /// Takes a link to the internet: one that nobody may delete, and that leads from a site to nowhere else.
    fn is_uplink(&mut self, record: &DataLink, ends: [Option<End>; 2], owners: &Owners) -> bool {
        let sites = ends.map(|end| end.and_then(|end| operator_site(end, owners)));
        let site = match (ends, sites) {
            ([Some(_), None], [Some(site), _]) | ([None, Some(_)], [_, Some(site)]) => site,
            ([Some(from), Some(to)], [Some(site), _]) if from == to => site,
            _ => return false,
        };
        if record.is_permanent {
            let port = [record.from.port, record.to.port].into_iter().flatten().min();
            self.uplinks.push(Uplink { site, port });
        }
        record.is_permanent
    }

    fn add(&mut self, link: usize, record: &DataLink, ends: [End; 2], owners: &Owners) {
        let clients = ends.map(|end| client_site(end, owners));
        match clients {
            [None, None] => {
                let sites = ends.map(|end| operator_site(end, owners));
                if ends[0] == ends[1] || (sites[0].is_some() && sites[0] == sites[1]) {
                    return; // inside a site, everything reaches everything
                }
                if record.is_permanent {
                    self.permanent_from.extend(sites[0]);
                }
                for end in ends {
                    if let End::Device(device) = end {
                        self.path_devices.insert(device);
                    }
                }
                self.between.push(Between { link, ends });
            }
            [first, second] if first == second => {} // inside a customer's premises
            _ => {
                for (mine, theirs) in [(0, 1), (1, 0)] {
                    let Some(client) = clients[mine] else { continue };
                    let device = if let End::Device(device) = ends[mine] { Some(device) } else { None };
                    self.lines.push(Line { link, client, device, other: ends[theirs] });
                }
            }
        }
    }
}

/// The device that an end names, else its site.
fn resolve(end: &LinkEnd, decoded: &Decoded) -> Option<End> {
    let device = end.device.as_ref().and_then(|id| decoded.devices.find(id)).map(End::Device);
    device.or_else(|| end.site.as_ref().and_then(|id| decoded.sites.find(id)).map(End::Site))
}

/// The customer's site that an end is at.
pub(crate) fn client_site(end: End, owners: &Owners) -> Option<usize> {
    match end {
        End::Site(site) => Some(site).filter(|&site| owners.is_client(site)),
        End::Device(device) => match owners.of_device(device) {
            Owner::Client(site) => Some(site),
            Owner::Operator(_) | Owner::Nowhere => None,
        },
    }
}

/// The site of the operator's that an end is at; none for a device that stands nowhere.
pub(crate) fn operator_site(end: End, owners: &Owners) -> Option<usize> {
    match end {
        End::Site(site) => Some(site).filter(|&site| !owners.is_client(site)),
        End::Device(device) => match owners.of_device(device) {
            Owner::Operator(site) => Some(site),
            Owner::Client(_) | Owner::Nowhere => None,
        },
    }
}
