//! Access points at the towers.

use super::backbone::Tower;
use super::{LinkKind, Network, Radio};
use crate::chance::Chance;
use crate::family::{FAMILIES, Family, Medium};

/// Clients for each access point.
const CLIENTS_AN_ACCESS_POINT: usize = 25;

/// An access point of a tower.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccessPoint {
    pub(crate) device: usize,
    pub(crate) tower: Tower,
    pub(crate) family: &'static Family,
}

impl Network {
    /// Access points, dealt to the towers in turn: the first few have one family each.
    pub(crate) fn add_access_points(&mut self, towers: &[Tower]) -> Vec<AccessPoint> {
        let count = self.options.clients.div_ceil(CLIENTS_AN_ACCESS_POINT).max(towers.len());
        (0..count).map(|number| self.add_access_point(number, towers[number % towers.len()])).collect()
    }

    fn add_access_point(&mut self, number: usize, tower: Tower) -> AccessPoint {
        let mut chance = Chance::of(self.options.seed, "access point", number);
        let family = FAMILIES.get(number).map_or_else(|| chance.weighted(&FAMILIES), |(family, _)| family);
        let role = if family.medium == Medium::Fibre { "gpon" } else { "ap" };
        let name = format!("{}-{}-{number}", role.to_uppercase(), self.sites[tower.site].name);
        let device = self.add_device(name, tower.site, &family.access_point, role);
        self.devices[device].radio = radio_of(family, &mut chance);
        self.add_link(LinkKind::Ethernet, tower.switch, device);
        AccessPoint { device, tower, family }
    }
}

/// What an access point of a family carries, or nothing where it is no radio.
pub(crate) fn radio_of(family: &Family, chance: &mut Chance) -> Option<Radio> {
    let mbit = |range: (u64, u64), chance: &mut Chance| chance.between(range.0, range.1) * 1_000_000;
    match family.medium {
        Medium::Frame { total, ratios } => {
            let (total, ratio) = (mbit(total, chance), *chance.pick(ratios));
            let down = total * u64::from(ratio) / 100;
            Some(Radio { mode: "ap-ptmp", down, up: total - down, frame: Some((total, ratio)) })
        }
        Medium::Directions { down, up_percent, mode } => {
            let down = mbit(down, chance);
            Some(Radio { mode, down, up: down * up_percent / 100, frame: None })
        }
        Medium::Fibre => None,
    }
}
