//! What is to be said of a direction's plan.

use pleach_graph::{Code, Problem, Problems, Rate};

use crate::class::{Clamp, LEAST_QUANTUM_PLAN, MOST_QUANTUM_PLAN, quantum};
use crate::depth::Fate;
use crate::hang::{Hanger, Hung};
use crate::hierarchy::Circuit;
use crate::layout::Layout;
use crate::leaf::splits_aggregates;
use crate::rates::Above;
use crate::render::grouped;

fn oversold(problem: Problem) -> Problem {
    problem.hint("lower the minimums, or correct the ceiling")
}

/// How many are named where many have the same problem.
const NAMED: usize = 5;

/// A direction, to be reported on.
pub(crate) struct Report<'r> {
    pub(crate) hanger: &'r Hanger<'r>,
    pub(crate) hung: &'r Hung,
}

impl Report<'_> {
    /// Says everything that is to be said.
    pub(crate) fn report(&self, problems: &mut Problems) {
        self.limits(problems);
        self.layout(problems);
        self.dropped(problems);
        self.rates(problems);
        self.quanta(problems);
        self.overhead(problems);
    }

    fn root(&self, code: Code, message: &str) -> Problem {
        Problem::new(code, format!("{}: {message}", self.hanger.way.direction)).record(&self.hanger.hierarchy.root)
    }

    fn node(&self, code: Code, at: usize, message: &str) -> Problem {
        let node = self.hanger.outline.nodes[at].node;
        let message = format!("{}: `{}` {message}", self.hanger.way.direction, node.name);
        Problem::new(code, message).record(&node.id)
    }

    fn circuit(&self, code: Code, at: usize, message: &str) -> Problem {
        let circuit = self.hanger.outline.circuits[at].circuit;
        let message = format!("{}: circuit `{}` {message}", self.hanger.way.direction, circuit.circuit_id);
        Problem::new(code, message).record(&circuit.id)
    }

    fn limits(&self, problems: &mut Problems) {
        for &at in &self.hung.without_class {
            let problem = self.node(Code::ClassLimit, at, "has no class: its queue has as many as HTB can number");
            problems.push(problem.hint("use more transmit queues, or another shaper for a part of the network"));
        }
        for (at, class) in self.hung.circuits.iter().enumerate() {
            if class.is_none() {
                let message = "is not shaped: its queue has as many classes as HTB can number";
                let problem = self.circuit(Code::ClassLimit, at, message);
                problems.push(problem.hint("use more transmit queues, or another shaper for a part of the network"));
            }
        }
        for &at in &self.hung.without_leaf {
            let message = "gets HTB's plain queue: the interface has no number left for another one";
            let problem = self.circuit(Code::LeafLimit, at, message);
            problems
                .push(problem.hint("use an interface for each direction, or `none` for circuits that need no queue; what others give back now, the next plan gives to this one"));
        }
    }

    fn layout(&self, problems: &mut Problems) {
        let drawing = self.hanger.drawing;
        if let (Some(shares), Some(root)) = (&drawing.shares, drawing.facts.root) {
            let rates: Vec<String> = shares.iter().map(|share| Rate::from_bit(*share).to_string()).collect();
            let capped = match self.circuits_that(|at| drawing.cut.binary_search(&at).is_ok()) {
                Some(Several { named, is_one }) => {
                    format!("; {named} {} less than the plan", if is_one { "gets" } else { "get" })
                }
                None => String::new(),
            };
            let message = format!(
                "the {} of `{}` are divided among {} queues by plan ({}); what one leaves another cannot borrow{capped}",
                Rate::from_bit(root),
                self.hanger.hierarchy.root_name,
                shares.len(),
                rates.join(", ")
            );
            let hint = "`root_spread = \"one\"` puts all under one queue, which can lend";
            problems.push(self.root(Code::BorrowingLost, &message).hint(hint));
        }
        if drawing.former == Some(Layout::Spread) && drawing.layout == Layout::One && drawing.facts.root_binds() {
            let message = format!(
                "subscribers and what is beside them can send {} together, more than the {} of `{}`: all go under one queue, \
                 so that ceiling and plans hold, and those of other queues get new classes",
                Rate::from_bit(drawing.facts.wanted),
                Rate::from_bit(drawing.facts.root.unwrap_or_default()),
                self.hanger.hierarchy.root_name
            );
            let hint = "`root_spread = \"shares\"` uses all queues, each with a fixed part of the ceiling";
            problems.push(self.root(Code::LayoutChanged, &message).hint(hint));
        }
        if drawing.layout == Layout::One && drawing.facts.best() == Layout::Spread {
            let message = "all is under one queue, though several would hold every ceiling now";
            problems.push(self.root(Code::LayoutKept, message).hint("`apply --rebalance` uses all queues"));
        }
        if let Some((now, best)) = drawing.unbalanced {
            let (now, best) = (Rate::from_bit(now), Rate::from_bit(best));
            let message =
                format!("one queue has plans of {now} together, and {best} would do if all were packed afresh");
            problems.push(self.root(Code::QueuesUnbalanced, &message).hint("`apply --rebalance` packs them afresh"));
        }
    }

    fn dropped(&self, problems: &mut Problems) {
        for (at, fate) in self.hanger.drawing.fates.iter().enumerate() {
            let why = match fate {
                Fate::Needless => "has no class of its own: nothing below it could exceed its ceiling",
                Fate::Folded => "has no class of its own: its only child has the lesser ceiling",
                Fate::Kept | Fate::Divided => continue,
            };
            problems.push(self.node(Code::NodeDropped, at, &format!("{why}, and the tree is deeper than HTB")));
        }
        for division in &self.hanger.drawing.divisions {
            let message = format!(
                "has no class of its own: the tree is deeper than HTB, so its ceiling is divided among the {} below it by \
                 plan; what one leaves another cannot borrow",
                division.parts
            );
            let problem = self.node(Code::BorrowingLost, division.node, &message);
            problems.push(problem.hint("leave out nodes above or below it that need no ceiling of their own"));
        }
    }

    fn rates(&self, problems: &mut Problems) {
        let drawing = self.hanger.drawing;
        let states_minimums = self.below_states_minimums();
        for scaled in &drawing.grants.scaled {
            let (asked, granted) = (Rate::from_bit(scaled.asked), Rate::from_bit(scaled.granted));
            let percent = u128::from(scaled.granted) * 100 / u128::from(scaled.asked.max(1));
            let what = format!("minimums of {asked} together are scaled to {percent} %: there are {granted}");
            match scaled.below {
                Above::Node(at) if states_minimums.0[at] => {
                    problems.push(oversold(self.node(Code::MinimumsScaled, drawing.class_nodes[at], &what)));
                }
                Above::Link(at) if states_minimums.1[at] => {
                    let what = format!("`{}` queue {at}: {what}", self.hanger.hierarchy.root_name);
                    problems.push(oversold(self.root(Code::MinimumsScaled, &what)));
                }
                _ => {}
            }
        }
        for (above, need) in &drawing.raised {
            let need = Rate::from_bit(*need);
            problems.push(match above {
                Above::Node(at) => {
                    let message =
                        format!("has a ceiling below a byte a second for each class under it; it is {need} now");
                    self.node(Code::CeilingRaised, drawing.class_nodes[*at], &message)
                }
                Above::Link(at) => {
                    let message = format!("queue {at} has less than a byte a second for each class; it is {need} now");
                    self.root(Code::CeilingRaised, &message)
                }
            });
        }
    }

    /// By class of a node, then by link: whether a subscriber below it states a minimum.
    fn below_states_minimums(&self) -> (Vec<bool>, Vec<bool>) {
        let tree = &self.hanger.drawing.tree;
        let (mut nodes, mut links) = (vec![false; tree.nodes.len()], vec![false; tree.links.len()]);
        let mut set = |above, nodes: &mut [bool]| match above {
            Above::Node(at) => nodes[at] = true,
            Above::Link(at) => links[at] = true,
        };
        for (member, outlined) in tree.circuits.iter().zip(&self.hanger.outline.circuits) {
            if outlined.circuit.rates[self.hanger.way.direction].min_is_stated {
                set(member.above, &mut nodes);
            }
        }
        for at in (0..tree.nodes.len()).rev() {
            if nodes[at] {
                set(tree.nodes[at].above, &mut nodes);
            }
        }
        (nodes, links)
    }

    /// The circuits that `is_so`, in words: how many, and the first few by name.
    fn circuits_that(&self, is_so: impl Fn(usize) -> bool) -> Option<Several> {
        let circuits = &self.hanger.outline.circuits;
        let all: Vec<usize> = (0..circuits.len()).filter(|&at| is_so(at)).collect();
        if all.is_empty() {
            return None;
        }
        let name = |at: &usize| format!("`{}`", circuits[*at].circuit.circuit_id);
        let first: Vec<String> = all.iter().take(NAMED).map(name).collect();
        let more = all.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
        let named = format!("{} ({}{more})", circuits_counted(all.len()), first.join(", "));
        Some(Several { named, is_one: all.len() == 1 })
    }

    fn quanta(&self, problems: &mut Problems) {
        let direction = self.hanger.way.direction;
        let clamp = |circuit: &Circuit| quantum(circuit.rates[direction].max).clamp;
        let (least, most) = (Rate::from_bit(LEAST_QUANTUM_PLAN), Rate::from_bit(MOST_QUANTUM_PLAN));
        for (which, plans, what) in [
            (Clamp::Raised, format!("less than {least}"), "a whole frame, 1 522 bytes, more than a millisecond"),
            (Clamp::Lowered, format!("more than {most}"), "200 000 bytes, less than a millisecond"),
        ] {
            let count = self.hanger.outline.circuits.iter().filter(|at| clamp(at.circuit) == Some(which)).count();
            if count > 0 {
                let (circuits, send) = (circuits_counted(count), if count == 1 { "sends" } else { "send" });
                let message = format!("{circuits} of {plans} {send} {what} of the plan, in a turn");
                problems.push(self.root(Code::QuantumClamped, &message));
            }
        }
    }

    fn overhead(&self, problems: &mut Problems) {
        let Hanger { settings, leaves, .. } = self.hanger;
        if settings.overhead == 0 && settings.mpu == 0 {
            return;
        }
        if let Some(Several { named, is_one }) = self.circuits_that(|at| !splits_aggregates(leaves[at].as_ref())) {
            let have = if is_one { "has" } else { "have" };
            let message =
                format!("{named} {have} a queue that does not split aggregates; overhead is added once to each");
            let hint = "use `cake` with `split_gso = \"split\"`, or switch GSO and GRO off with `ethtool -K`";
            problems.push(self.root(Code::OverheadUncounted, &message).hint(hint));
        }
    }
}

/// Circuits in words.
struct Several {
    named: String,
    is_one: bool,
}

fn circuits_counted(count: usize) -> String {
    format!("{} {}", grouped(count), if count == 1 { "circuit" } else { "circuits" })
}
