//! Which devices are at a site, connected to an access point; which clients hang from a tower.

use super::Network;

/// The members of each group, by the group's number.
#[derive(Debug)]
pub(crate) struct Groups {
    starts: Vec<usize>,
    members: Vec<usize>,
}

impl Groups {
    /// Groups members `0..` by the group each is in.
    fn new(groups: usize, of: impl Iterator<Item = Option<usize>> + Clone) -> Self {
        let mut starts = vec![0; groups + 1];
        for group in of.clone().flatten() {
            starts[group + 1] += 1;
        }
        for group in 0..groups {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut members = vec![0; starts[groups]];
        for (member, group) in of.enumerate().filter_map(|(member, group)| Some((member, group?))) {
            members[next[group]] = member;
            next[group] += 1;
        }
        Self { starts, members }
    }

    pub(crate) fn of(&self, group: usize) -> &[usize] {
        &self.members[self.starts[group]..self.starts[group + 1]]
    }
}

/// Ways through a network that its records do not name.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) devices_at: Groups,
    pub(crate) stations_of: Groups,
    pub(crate) clients_below: Groups,
}

impl Index {
    pub(crate) fn new(network: &Network) -> Self {
        let (sites, devices) = (&network.sites, &network.devices);
        Self {
            devices_at: Groups::new(sites.len(), devices.iter().map(|device| Some(device.site))),
            stations_of: Groups::new(devices.len(), devices.iter().map(|device| device.upstream)),
            clients_below: Groups::new(sites.len(), sites.iter().map(|site| site.client.and(site.parent))),
        }
    }
}
