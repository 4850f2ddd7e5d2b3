//! Bytes as a program of builder calls.
//!
//! An instruction is four bytes: a letter that says what to do, two nodes by their first letters, and an amount. Other
//! letters do one of these too, so that any bytes are a program; line ends are skipped, so that a seed can be read.

use pleach_graph::{Assignment, Capacity, GraphBuilder, NetworkGraph, NodeId, PlanRate, Prefix, Problems, Rate, Table};

/// Instructions that are read: trees are grown at every node, which is quadratic.
const MOST_INSTRUCTIONS: usize = 48;
/// Different ids, few so that they meet: duplicates, cycles and parallel links are what is looked for.
const IDS: u8 = 16;

/// Builds what the program says.
pub fn run(bytes: &[u8]) -> (NetworkGraph, Problems) {
    let bytes: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\n').collect();
    let mut builder = NetworkGraph::builder();
    for instruction in bytes.chunks_exact(4).take(MOST_INSTRUCTIONS) {
        let &[what, subject, object, amount] = instruction else { continue };
        step(&mut builder, what, [subject, object], amount);
    }
    builder.build()
}

fn step(builder: &mut GraphBuilder, what: u8, [subject, object]: [u8; 2], amount: u8) {
    const LETTERS: &[u8] = b"sacdpvtulmrxynzw";
    let what = if LETTERS.contains(&what) { what } else { LETTERS[usize::from(what) % LETTERS.len()] };
    let (id, other) = (node_id(subject), node_id(object));
    let name = format!("node {}", object % 4); // names repeat
    let edited = builder.find(&id);
    match (what, edited) {
        // Records under a parent, which may come later or never.
        (b's', _) => _ = builder.site(id, &name).parent(other).capacity(capacity(amount)),
        (b'a', _) => _ = builder.access_point(id, &name).parent(other).capacity(capacity(amount)),
        (b'c', _) => _ = builder.client(id, &name).parent(other).plan_rates(plan(amount), plan(amount / 3)),
        (b'd', _) => _ = builder.device(id, &name).parent(other).prefix(prefix(amount), assignment(amount)),
        // Records that only their links place.
        (b'n', _) => _ = builder.site(id, &name).capacity(capacity(amount)),
        (b'y', _) => _ = builder.access_point(id, &name).capacity(capacity(amount)),
        (b'z', _) => _ = builder.client(id, &name),
        (b'w', _) => _ = builder.device(id, &name).addresses("10.0.0.1, 2001:db8::1/64, nonsense"),
        (b'l', _) => _ = builder.link(link_id(amount), id, other, capacity(amount)),
        (b'm', _) => _ = builder.link(link_id(amount), id, other, capacity(amount)).cost(u32::from(amount % 8)),
        // More about a record that is there.
        (b'p', Some(node)) => _ = builder.edit(node).parent(other),
        (b'v', Some(node)) => _ = builder.edit(node).virtual_site(),
        (b't', Some(node)) => _ = builder.edit(node).at_top(),
        (b'u', Some(node)) => _ = builder.edit(node).unknown_parent("node of another network"),
        (b'r', Some(node)) => _ = builder.edit(node).capacity(capacity(amount)),
        (b'x', Some(node)) => _ = builder.edit(node).prefix(prefix(amount), assignment(object)),
        _ => {}
    }
}

fn node_id(letter: u8) -> NodeId {
    let table = ["site", "circuit"][usize::from(letter % IDS / 12)]; // the last four in a table of their own
    Table::new("fuzz", table).expect("two words").id(&(letter % IDS).to_string())
}

fn link_id(number: u8) -> NodeId {
    Table::new("fuzz", "link").expect("two words").id(&(number / 8).to_string())
}

/// Two directions that differ; zero and no limit are among them.
fn capacity(amount: u8) -> Capacity {
    let rate = |eighth: u8| match eighth {
        0 => None,
        1 => Some(Rate::ZERO),
        7 => Some(Rate::MAX),
        n => Some(Rate::from_mbit(10_u64.pow(n.into()))),
    };
    Capacity { down: rate(amount % 8).into(), up: rate(amount / 8 % 8).into() }
}

fn plan(amount: u8) -> PlanRate {
    PlanRate { min: None, max: (amount > 0).then(|| Rate::from_mbit(amount.into())) }
}

fn assignment(number: u8) -> Assignment {
    [Assignment::Static, Assignment::Session, Assignment::Dhcp, Assignment::Device][usize::from(number % 4)]
}

fn prefix(number: u8) -> Prefix {
    let low = number % 8; // few, so that claims meet
    let text = if number < 128 { format!("10.0.0.{low}") } else { format!("2001:db8:{low}::/48") };
    Prefix::parse(&text).expect("a prefix").prefix
}
