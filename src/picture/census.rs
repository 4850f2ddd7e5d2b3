//! What a picture says of itself: its title, and how many of what it shows.

use pleach_graph::{Problem, Severity};

use super::item::{Item, Kind, Standby};
use super::text::counted;

/// Title and counts of a picture.
#[derive(Clone, Debug)]
pub(super) struct Census {
    pub(super) title: String,
    /// `3 sites · 12 access points · 240 circuits · 1 standby link · no problems`
    pub(super) counts: String,
    /// The kinds that are drawn.
    pub(super) kinds: Vec<Kind>,
    pub(super) has_standby: bool,
}

impl Census {
    pub(super) fn new(items: &[Item], standby: &[Standby], problems: &[&Problem]) -> Self {
        let count = |kind| items.iter().filter(|item| item.kind == kind).count();
        let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|&kind| count(kind) > 0).collect();
        let counted_kinds = kinds.iter().filter(|kind| !matches!(kind, Kind::Client | Kind::Orphans));
        let mut counts: Vec<String> = counted_kinds.map(|&kind| counted(count(kind), kind.name())).collect();
        let root = &items[0];
        counts.push(counted(root.circuits.total, "circuit"));
        if !standby.is_empty() {
            counts.push(counted(standby.len(), "standby link"));
        }
        let severity = |wanted| problems.iter().filter(|problem| problem.code.severity() == wanted).count();
        for (number, name) in [(severity(Severity::Error), "error"), (severity(Severity::Warning), "warning")] {
            if number > 0 {
                counts.push(counted(number, name));
            }
        }
        Self {
            title: format!("The network seen from {}", root.name),
            counts: counts.join(" · "),
            kinds,
            has_standby: !standby.is_empty(),
        }
    }
}
