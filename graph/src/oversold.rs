//! Minimum rates that a node cannot keep: what sources state adds up to more than passes there.

use crate::census::Census;
use crate::problem::{Code, Problem, Problems};
use crate::rate::Rate;
use crate::tree::{PlaceIndex, Tree};

/// A problem for each place where the stated minimums of the circuits below add up to more than the ceiling.
///
/// Derived minimums are weights and do not count: scaling them down breaks no promise.
pub fn oversold_minimums(tree: &Tree<'_>, census: &Census) -> Problems {
    let mut sums = vec![(Rate::ZERO, Rate::ZERO); tree.places().len()];
    let stated = |rate: crate::ShapedRate| if rate.min_is_stated { rate.min } else { Rate::ZERO };
    for circuit in census.circuits() {
        let sum = &mut sums[tree.circuit_place(circuit.position).index()];
        sum.0 = sum.0.saturating_add(stated(circuit.down));
        sum.1 = sum.1.saturating_add(stated(circuit.up));
    }
    for (index, place) in tree.places().iter().enumerate().rev() {
        if let Some(parent) = place.parent {
            let (down, up) = sums[index];
            let sum = &mut sums[parent.index()];
            *sum = (sum.0.saturating_add(down), sum.1.saturating_add(up));
        }
    }
    let mut problems = Problems::default();
    for (place, (down, up)) in tree.indices().zip(sums) {
        let ceiling = tree.at(place).ceiling;
        for (direction, sum, limit) in [("download", down, ceiling.down), ("upload", up, ceiling.up)] {
            if let Some(limit) = limit.rate().filter(|limit| sum > *limit) {
                problems.push(problem(tree, place, direction, sum, limit));
            }
        }
    }
    problems
}

fn problem(tree: &Tree<'_>, place: PlaceIndex, direction: &str, sum: Rate, limit: Rate) -> Problem {
    let message =
        format!("`{}` {direction}: stated minimums add up to {sum}, the ceiling is {limit}", tree.place_name(place));
    let problem = Problem::new(Code::OversoldMinimums, message)
        .hint("lower the minimums, or leave them blank: they are then a tenth of the maximum and only a weight");
    match tree.at(place).kind.node() {
        Some(node) => tree.network().locate(node, problem),
        None => problem,
    }
}
