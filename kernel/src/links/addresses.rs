//! Reading the addresses of this host.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::error::KernelError;
use crate::linux::{Linux, asked_in_vain};
use crate::netlink::constants::RTM_GETADDR;
use crate::netlink::local_address;

impl Linux {
    /// All addresses of all interfaces, whichever routing table they are for.
    pub fn addresses(&mut self) -> Result<BTreeSet<IpAddr>, KernelError> {
        let mut all = BTreeSet::new();
        let dumped =
            self.socket.dump(RTM_GETADDR, local_address::put_dump, &mut all, BTreeSet::clear, |all, payload| {
                all.extend(local_address::parse(payload));
            });
        dumped.map_err(|error| asked_in_vain("ip address show".to_owned(), error))?;
        Ok(all)
    }
}
