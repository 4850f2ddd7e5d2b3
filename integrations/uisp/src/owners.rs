//! Whose a site or device is: the operator's, or a customer's.

use crate::decode::Decoded;
use crate::raw_id::RawId;
use crate::records::{Device, Records, Site};
use crate::words::SiteType;

/// Whose a device is. Sites by their index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// It stands at a site of the operator's.
    Operator(usize),
    /// It stands at a customer's.
    Client(usize),
    /// It stands nowhere that UISP lists.
    Nowhere,
}

/// Whose everything is.
#[derive(Debug)]
pub(crate) struct Owners {
    /// By site: whether it is a customer's.
    is_client: Vec<bool>,
    /// By device.
    devices: Vec<Owner>,
    /// The devices of site `n` are `of_site[starts[n]..starts[n + 1]]`, by id.
    starts: Vec<u32>,
    of_site: Vec<u32>,
}

impl Owners {
    pub(crate) fn new(decoded: &Decoded) -> Self {
        let is_client = clients(&decoded.sites);
        let at = |device: &Device| device.site.as_ref().and_then(|site| decoded.sites.find(site));
        let sites: Vec<Option<usize>> = decoded.devices.all.iter().map(at).collect();
        let owner = |site: &Option<usize>| match *site {
            None => Owner::Nowhere,
            Some(site) if is_client[site] => Owner::Client(site),
            Some(site) => Owner::Operator(site),
        };
        let devices = sites.iter().map(owner).collect();
        let (starts, of_site) = by_site(&sites, decoded);
        Self { is_client, devices, starts, of_site }
    }

    pub(crate) fn is_client(&self, site: usize) -> bool {
        self.is_client[site]
    }

    pub(crate) fn of_device(&self, device: usize) -> Owner {
        self.devices[device]
    }

    /// The devices at a site, by id.
    pub(crate) fn devices_at(&self, site: usize) -> impl ExactSizeIterator<Item = usize> + Clone + '_ {
        let share = self.starts[site] as usize..self.starts[site + 1] as usize;
        self.of_site[share].iter().map(|&device| device as usize)
    }
}

/// By site: whether it is a customer's. One of a kind that is not known is the operator's if another hangs from it; else it
/// is taken as a customer, who would otherwise be lost.
fn clients(sites: &Records<Site>) -> Vec<bool> {
    let mut is_client: Vec<bool> = sites.all.iter().map(|site| site.site_type != Some(SiteType::Site)).collect();
    if sites.all.iter().any(|site| site.site_type.is_none()) {
        let parents = sites.all.iter().filter_map(|site| site.parent.as_ref());
        for parent in parents.filter_map(|parent: &RawId| sites.find(parent)) {
            is_client[parent] &= sites[parent].site_type.is_some();
        }
    }
    is_client
}

/// Puts the devices of each site together: counts them, then fills each site's share.
fn by_site(sites: &[Option<usize>], decoded: &Decoded) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; decoded.sites.all.len() + 1];
    for site in sites.iter().flatten() {
        starts[site + 1] += 1;
    }
    for site in 1..starts.len() {
        starts[site] += starts[site - 1];
    }
    let mut next = starts.clone();
    let mut of_site = vec![0; *starts.last().expect("invariant: there is one more than sites") as usize];
    for (device, site) in (0..).zip(sites) {
        let Some(site) = *site else { continue };
        of_site[next[site] as usize] = device;
        next[site] += 1;
    }
    for site in 0..decoded.sites.all.len() {
        let share = starts[site] as usize..starts[site + 1] as usize;
        if share.len() > 1 {
            of_site[share]
                .sort_unstable_by(|&a, &b| decoded.devices[a as usize].id.cmp(&decoded.devices[b as usize].id));
        }
    }
    (starts, of_site)
}
