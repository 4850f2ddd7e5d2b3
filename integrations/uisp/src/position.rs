//! Where sites stand, with latitude and longitude told apart.

use pleach_graph::Position;

/// The middle of the operator's network: half of the sites are to each side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Middle {
    latitude: f64,
    longitude: f64,
}

/// Where a site stands, and what is wrong with how that is stated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stated {
    /// As it is stated.
    Right(Position),
    /// Latitude and longitude are each other's.
    Turned(Position),
    /// Nowhere on the globe.
    Nowhere,
}

/// How far apart, in degrees, two sites of one operator are at most, as a rule; and what is surely not among the others.
const NEAR: f64 = 5.0;
const FAR: f64 = 15.0;

/// Fewer sites have no middle that one could trust.
const LEAST_SITES: usize = 5;

impl Middle {
    /// The middle of these positions (latitude, longitude).
    pub(crate) fn of(stated: impl Iterator<Item = (f64, f64)>) -> Option<Self> {
        let (mut latitudes, mut longitudes): (Vec<f64>, Vec<f64>) =
            stated.filter(|&(latitude, longitude)| Position::new(latitude, longitude).is_some()).unzip();
        if latitudes.len() < LEAST_SITES {
            return None;
        }
        let middle = |numbers: &mut Vec<f64>| {
            numbers.sort_unstable_by(f64::total_cmp);
            numbers[numbers.len() / 2]
        };
        Some(Self { latitude: middle(&mut latitudes), longitude: middle(&mut longitudes) })
    }

    fn is_within(self, degrees: f64, (latitude, longitude): (f64, f64)) -> bool {
        (latitude - self.latitude).abs() <= degrees && (longitude - self.longitude).abs() <= degrees
    }
}

/// What a stated latitude and longitude mean. They are each other's where only then they are on the globe, or only then near
/// the other sites.
pub(crate) fn read((latitude, longitude): (f64, f64), middle: Option<Middle>) -> Stated {
    let is_misplaced = middle.is_some_and(|middle| {
        !middle.is_within(FAR, (latitude, longitude)) && middle.is_within(NEAR, (longitude, latitude))
    });
    match (Position::new(latitude, longitude), Position::new(longitude, latitude)) {
        (Some(position), turned) if !is_misplaced || turned.is_none() => Stated::Right(position),
        (_, Some(turned)) => Stated::Turned(turned),
        (_, None) => Stated::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_turned_round_is_on_the_globe_or_near_the_others_is_turned_round() {
        let turned = |(longitude, latitude)| Stated::Turned(Position::new(latitude, longitude).expect("on the globe"));
        let right = |(latitude, longitude)| Stated::Right(Position::new(latitude, longitude).expect("on the globe"));
        assert_eq!(read((100.5, 13.75), None), turned((100.5, 13.75)));
        assert_eq!(read((950.0, 13.0), None), Stated::Nowhere);
        assert_eq!(read((14.42, 50.08), None), right((14.42, 50.08)), "nothing to compare it with");
        let sites = [(50.0, 14.0), (50.1, 14.3), (14.42, 50.08), (49.9, 14.5), (50.2, 13.9)];
        let middle = Middle::of(sites.into_iter());
        assert_eq!(read((14.42, 50.08), middle), turned((14.42, 50.08)));
        assert_eq!(read((50.1, 14.3), middle), right((50.1, 14.3)));
        assert_eq!(read((-33.9, 151.2), middle), right((-33.9, 151.2)), "far away, either way");
        assert_eq!(Middle::of(sites[..4].iter().copied()), None);
    }
}
