//! The network that LibreQoS was measured on, as records: the same for the same number of customers.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::places::{FIRST_NAMES, STREETS, SURNAMES, TOWNS};

/// Sites under each site.
const FAN_OUT: usize = 4;
/// Access points at each site.
const ACCESS_POINTS_PER_SITE: usize = 8;
/// Customers at each access point, those behind a relay included.
const CUSTOMERS_PER_ACCESS_POINT: usize = 25;
/// One customer in so many is a relay (2 %): the customer after it hangs from it.
const ONE_RELAY_IN: usize = 50;
/// One customer in so many has an IPv6 prefix as well as its IPv4 address.
const ONE_IPV6_IN: usize = 4;

/// Down and up in Mbit/s, with how many of 16 customers have it.
const PLANS: [(PlanMbit, usize); 5] = [
    (PlanMbit { down: 25, up: 5 }, 3),
    (PlanMbit { down: 50, up: 10 }, 5),
    (PlanMbit { down: 100, up: 20 }, 5),
    (PlanMbit { down: 250, up: 50 }, 2),
    (PlanMbit { down: 500, up: 100 }, 1),
];

/// A network as its sources would list it.
#[derive(Debug)]
pub struct Network {
    customers: usize,
    sites: Vec<String>,
    access_points: Vec<String>,
    texts: Texts,
}

/// A site: its name is its id.
#[derive(Clone, Copy, Debug)]
pub struct SiteRecord<'n> {
    /// Its name.
    pub name: &'n str,
    /// Its parent's position among the sites.
    pub parent: Option<usize>,
    /// The link to its parent, down and up, in Mbit/s.
    pub mbit: (u64, u64),
}

/// An access point: its name is its id.
#[derive(Clone, Copy, Debug)]
pub struct AccessPointRecord<'n> {
    /// Its name.
    pub name: &'n str,
    /// Its site's position among the sites.
    pub site: usize,
    /// The sector, down and up, in Mbit/s.
    pub mbit: (u64, u64),
}

/// A customer with its one device.
#[derive(Clone, Copy, Debug)]
pub struct CustomerRecord<'n> {
    /// Circuit ID.
    pub id: &'n str,
    /// Circuit name: a person and an address.
    pub name: &'n str,
    /// Device ID.
    pub device_id: &'n str,
    /// Device name.
    pub device_name: &'n str,
    /// MAC address of the device.
    pub mac: &'n str,
    /// What it hangs from.
    pub parent: CustomerParent,
    /// What was sold.
    pub plan: PlanMbit,
    /// Its addresses.
    pub address: Address,
}

/// What a customer hangs from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerParent {
    /// The access point at this position.
    AccessPoint(usize),
    /// The relay customer at this position.
    Relay(usize),
}

/// A plan in Mbit/s; a tenth of it is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanMbit {
    /// Towards the customer.
    pub down: u64,
    /// From the customer.
    pub up: u64,
}

/// A device's addresses.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// One host.
    pub v4: Ipv4Addr,
    /// The network of a /56.
    pub v6: Option<Ipv6Addr>,
}

/// The texts of one customer, in the order they are kept.
const TEXTS: usize = 5;

impl Network {
    /// The network of so many customers.
    pub fn generate(customers: usize) -> Self {
        let access_points = customers.div_ceil(CUSTOMERS_PER_ACCESS_POINT);
        let sites = access_points.div_ceil(ACCESS_POINTS_PER_SITE);
        let mut network = Self {
            customers,
            sites: (0..sites).map(|site| format!("{} Tower {site:04}", TOWNS[mixed(site) % TOWNS.len()])).collect(),
            access_points: Vec::with_capacity(access_points),
            texts: Texts::default(),
        };
        for number in 0..access_points {
            let site = number / ACCESS_POINTS_PER_SITE;
            let sector = number % ACCESS_POINTS_PER_SITE;
            let name = format!("AP {} {site:04} Sector {sector}", TOWNS[mixed(site) % TOWNS.len()]);
            network.access_points.push(name);
        }
        for customer in 0..customers {
            network.add_texts(customer);
        }
        network
    }

    fn add_texts(&mut self, customer: usize) {
        let chance = mixed(customer);
        let surname = SURNAMES[chance / 7 % SURNAMES.len()];
        let first = FIRST_NAMES[chance / 31 % FIRST_NAMES.len()];
        let (street, house) = (STREETS[chance / 127 % STREETS.len()], chance / 1009 % 2400 + 1);
        let mac = (chance as u64).to_be_bytes();
        // Ids as billing systems give them out: not in the order of the rows.
        let id = 1_000_000 + customer * 7_919 % self.customers.next_power_of_two().max(8_192);
        self.texts.push(format_args!("{id}"));
        self.texts.push(format_args!("{first} {surname} - {house} {street}"));
        self.texts.push(format_args!("D{id}"));
        self.texts.push(format_args!("{surname} CPE {house}"));
        self.texts.push(format_args!("02:{:02X}:{:02X}:{:02X}:{:02X}:{:02X}", mac[3], mac[4], mac[5], mac[6], mac[7]));
    }

    /// How many customers there are, which is how many rows `ShapedDevices.csv` has.
    pub fn customer_count(&self) -> usize {
        self.customers
    }

    /// The sites, a parent before its children.
    pub fn sites(&self) -> impl ExactSizeIterator<Item = SiteRecord<'_>> {
        self.sites.iter().enumerate().map(|(number, name)| SiteRecord {
            name,
            parent: number.checked_sub(1).map(|before| before / FAN_OUT),
            mbit: match number {
                0..=FAN_OUT => (10_000, 10_000),
                _ => (1_000 + (mixed(number) % 10) as u64 * 500, 1_000),
            },
        })
    }

    /// The access points, site by site.
    pub fn access_points(&self) -> impl ExactSizeIterator<Item = AccessPointRecord<'_>> {
        self.access_points.iter().enumerate().map(|(number, name)| AccessPointRecord {
            name,
            site: number / ACCESS_POINTS_PER_SITE,
            mbit: (300, 100),
        })
    }

    /// The customers, access point by access point.
    pub fn customers(&self) -> impl ExactSizeIterator<Item = CustomerRecord<'_>> {
        (0..self.customers).map(|number| self.customer(number))
    }

    /// The customer at a position.
    pub fn customer(&self, number: usize) -> CustomerRecord<'_> {
        let text = |field| self.texts.get(number * TEXTS + field);
        let behind_relay = number % ONE_RELAY_IN == 1;
        CustomerRecord {
            id: text(0),
            name: text(1),
            device_id: text(2),
            device_name: text(3),
            mac: text(4),
            parent: if behind_relay {
                CustomerParent::Relay(number - 1)
            } else {
                CustomerParent::AccessPoint(number / CUSTOMERS_PER_ACCESS_POINT)
            },
            plan: plan(mixed(number) / 3),
            address: address(number),
        }
    }
}

fn plan(chance: usize) -> PlanMbit {
    let mut share = chance % PLANS.iter().map(|(_, share)| share).sum::<usize>();
    for (plan, of_all) in PLANS {
        match share.checked_sub(of_all) {
            Some(rest) => share = rest,
            None => return plan,
        }
    }
    PLANS[0].0
}

/// From `10.0.0.0/8` and `2001:db8::/32`: no two alike up to 16 million customers.
fn address(number: usize) -> Address {
    let low = u32::try_from(number).expect("invariant: networks are smaller than IPv4");
    let v6 = number.is_multiple_of(ONE_IPV6_IN).then(|| (0x2001_0db8_u128 << 96) | (u128::from(low) << 72));
    Address { v4: Ipv4Addr::from_bits((10 << 24) + low), v6: v6.map(Ipv6Addr::from_bits) }
}

/// Spreads a number over all others, always the same way (the finaliser of `SplitMix64`).
fn mixed(number: usize) -> usize {
    let mut z = (number as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 16) as usize
}

/// Many texts in one allocation, so that the generated network weighs little beside what is measured.
#[derive(Debug, Default)]
struct Texts {
    all: String,
    ends: Vec<u32>,
}

impl Texts {
    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        std::fmt::Write::write_fmt(&mut self.all, text).expect("invariant: writing to a string succeeds");
        self.ends.push(u32::try_from(self.all.len()).expect("invariant: the texts of a network stay under 4 GiB"));
    }

    fn get(&self, number: usize) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.all[start..self.ends[number] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn has_the_shape_it_was_measured_in() {
        let network = Network::generate(100_000);
        assert_eq!((network.sites().len(), network.access_points().len()), (500, 4_000));
        assert_eq!(network.sites().filter(|site| site.parent == Some(0)).count(), FAN_OUT);
        let relayed = network.customers().filter(|customer| matches!(customer.parent, CustomerParent::Relay(_)));
        assert_eq!(relayed.count(), 2_000);
    }

    #[test]
    fn ids_and_addresses_are_unique() {
        for customers in [1, 49, 50, 51, 10_000] {
            let network = Network::generate(customers);
            let ids: HashSet<_> = network.customers().map(|customer| customer.id).collect();
            let hosts: HashSet<_> = network.customers().map(|customer| customer.address.v4).collect();
            let prefixes = network.customers().filter_map(|customer| customer.address.v6);
            assert_eq!((ids.len(), hosts.len()), (customers, customers));
            assert_eq!(prefixes.collect::<HashSet<_>>().len(), customers.div_ceil(ONE_IPV6_IN));
        }
    }
}
