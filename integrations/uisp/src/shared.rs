//! Which networks several customers have addresses in: those are nobody's own.

use std::net::IpAddr;

use ipnet::IpNet;
use pleach_graph::{Prefix, PrefixSet};

use crate::addresses::{Meaning, meanings};
use crate::import::Context;

/// The addresses of all customers, each with the site it is at. Empty where no network is in question.
pub(crate) struct Shared(Vec<(IpAddr, usize)>);

impl Shared {
    /// Collects them for the networks that may be a customer's own.
    pub(crate) fn find(context: &Context<'_>, clients: &[usize], never_shaped: &PrefixSet) -> Self {
        let devices = |site: usize| context.owners.devices_at(site).map(|device| &context.decoded.devices[device]);
        let is_in_question = clients.iter().any(|&site| {
            devices(site).any(|device| {
                meanings(&device.addresses, never_shaped).any(|(_, meaning)| matches!(meaning, Meaning::Unless { .. }))
            })
        });
        if !is_in_question {
            return Self(Vec::new());
        }
        let of_site = |&site: &usize| {
            devices(site).flat_map(move |device| {
                let is_there = |meaning| !matches!(meaning, Meaning::NeverShaped(_) | Meaning::PrivateInside);
                meanings(&device.addresses, never_shaped)
                    .filter(move |(_, meaning)| is_there(*meaning))
                    .map(move |(address, _)| (address.ip, site))
            })
        };
        let mut addresses: Vec<(IpAddr, usize)> = clients.iter().flat_map(of_site).collect();
        addresses.sort_unstable();
        Self(addresses)
    }

    /// Whether another customer than the one at `site` has an address inside `network`.
    pub(crate) fn is_shared(&self, network: Prefix, site: usize) -> bool {
        let (first, last) = match network.net() {
            IpNet::V4(net) => (IpAddr::V4(net.network()), IpAddr::V4(net.broadcast())),
            IpNet::V6(net) => (IpAddr::V6(net.network()), IpAddr::V6(net.broadcast())),
        };
        let from = self.0.partition_point(|(ip, _)| *ip < first);
        self.0[from..].iter().take_while(|(ip, _)| *ip <= last).any(|(_, other)| *other != site)
    }
}
