//! The guard's words.

use std::fmt;

use super::judge::Refusal;
use super::limits::Most;
use super::tally::Loss;
use crate::diff::named;
use crate::words::{count, number};

impl fmt::Display for Refusal {
    /// One line: whose circuits, nodes or links, how many of how many, what they would lose, the first few of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, loss, lost: many, of, limits, first } = self;
        let whose = match source {
            Some(source) => format!("source `{source}`: "),
            None => String::new(),
        };
        let (lost, all, of) = (number(*many), count(*of, "circuit"), number(*of));
        let what = match loss {
            Loss::Everything if *many == 0 => "there is no circuit to shape".to_owned(),
            Loss::Everything => format!("no circuit would be left of {all} shaped now"),
            Loss::Vanished => format!("{lost} of {of} circuits would no longer be shaped"),
            Loss::Slowed => format!("{lost} of {of} circuits would lose over half of their rate"),
            Loss::Orphaned => format!("{lost} of {of} circuits would lose their path and hang from the orphans"),
            Loss::Together => {
                format!("{lost} of {of} circuits would no longer be shaped, lose over half of their rate or their path")
            }
            Loss::Uprooted => format!("{lost} of {of} sites and access points would vanish or hang from another node"),
            Loss::Unlinked => format!("{lost} of {of} links would vanish"),
        };
        write!(f, "{whose}{what}")?;
        if let Some(Most { percent, count }) = limits {
            write!(f, ", more than {percent} % and more than {}", number(*count))?;
        }
        if !first.is_empty() {
            let names: Vec<String> = first.iter().map(named).collect();
            write!(f, ": {}", names.join(", "))?;
        }
        match many.saturating_sub(first.len()) {
            0 => Ok(()),
            more => write!(f, " and {} more", number(more)),
        }
    }
}
