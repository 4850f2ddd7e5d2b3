//! Moments as UISP writes them: with and without milliseconds, a zone with and without a colon, only a day, or the
//! milliseconds since 1970.

use jiff::Timestamp;
use jiff::fmt::strtime;

/// The moment a text means; a day begins at midnight UTC.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    if let Ok(moment) = strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).and_then(|parsed| parsed.to_timestamp()) {
        return Some(moment);
    }
    match text.parse() {
        Ok(milliseconds) => Timestamp::from_millisecond(milliseconds).ok(),
        Err(_) => format!("{text}T00:00:00Z").parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_the_ways_to_write_a_moment() {
        let second = |text| super::parse(text).map(jiff::Timestamp::as_second);
        for text in [
            "2016-09-12T00:00:00.000Z",
            "2016-09-12T00:00:00+0000",
            "2016-09-12T02:00:00+02:00",
            "2016-09-12",
            "1473638400000",
        ] {
            assert_eq!(second(text), Some(1_473_638_400), "{text}");
        }
        assert_eq!([second("yesterday"), second("")], [None, None]);
    }
}
