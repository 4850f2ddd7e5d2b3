//! Coordinates as Splynx writes them: `50.106,14.445`.

use pleach_graph::{Code, NodeId, Position, Problem};

/// A position, or what is wrong with it.
pub(super) fn read(gps: &str, record: &NodeId, document: &str) -> (Option<Position>, Option<Problem>) {
    if matches!(gps, "" | "0" | "0,0") {
        return (None, None);
    }
    let position = gps
        .split_once(',')
        .and_then(|(latitude, longitude)| Position::new(latitude.trim().parse().ok()?, longitude.trim().parse().ok()?));
    let problem = position.is_none().then(|| {
        Problem::new(Code::BadPosition, format!("`{gps}` is no latitude and longitude; `{record}` has no position"))
            .at(document, 0)
            .value(gps)
            .record(record)
            .hint("set the point on the map in Splynx again")
    });
    (position, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_and_what_is_none() {
        let record: NodeId = "splynx:network-site:1".parse().expect("an id");
        let position = |gps| read(gps, &record, "d").0.map(|position| (position.latitude, position.longitude));
        assert_eq!(position("50.5,14.25"), Some((50.5, 14.25)));
        assert_eq!(position(" 50.5 , -14.25 "), Some((50.5, -14.25)));
        for none in ["", "0", "0,0"] {
            assert!(matches!(read(none, &record, "d"), (None, None)), "{none}");
        }
        for wrong in ["50.5", "91,0", "a,b", "NaN,1", "50,14;51,15"] {
            assert!(matches!(read(wrong, &record, "d"), (None, Some(_))), "{wrong}");
        }
    }
}
