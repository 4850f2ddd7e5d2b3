//! An interface whose qdiscs have all numbers there are.

use pleach_graph::EntryKind;
use pleach_shaper::{CircuitSettings, Ledger, Node, NodePosition, QueuePlan};
use pleach_tc::{LeafKind, PerDirection};

use crate::network::{EAST, circuits, flat, host, interface, leaves, planned, said, settings};

/// More circuits than an interface can give leaves to.
const TOO_MANY: usize = 65_600;

#[test]
fn another_kind_of_queue_takes_the_number_of_the_former_one() {
    let network = flat(None, &vec![20; TOO_MANY]);
    let mut mine = settings(EAST, LeafKind::Pfifo);
    let first = planned(&network, &mine, &host(2), &Ledger::default());
    let full = leaves(&first, "eth1")["pfifo"];
    assert!(full < TOO_MANY, "{full}");

    let own = CircuitSettings { kind: Some(LeafKind::FqCodel), ..CircuitSettings::default() };
    mine.circuits.insert("7".into(), own);
    let second = planned(&network, &mine, &host(2), &first.ledger);
    assert_eq!(leaves(&second, "eth1").into_iter().collect::<Vec<_>>(), [("fq_codel", 1), ("pfifo", full - 1)]);
    assert_eq!(circuits(&second, "eth1")["7"].0, circuits(&first, "eth1")["7"].0, "in its place");
    assert_eq!(said(&second, "leaf-limit").len(), said(&first, "leaf-limit").len());
    assert_eq!(planned(&network, &mine, &host(2), &second.ledger).state, second.state);
    assert_eq!(planned(&network, &mine, &host(2), &Ledger::rebuild(&second.state)).state, second.state);
}

#[test]
fn whoever_moves_takes_the_number_along() {
    let network = flat(None, &vec![20; TOO_MANY]);
    let mine = settings(EAST, LeafKind::Pfifo);
    let first = planned(&network, &mine, &host(2), &Ledger::default());
    let full = leaves(&first, "eth1")["pfifo"];
    let mut moved = network;
    let id = pleach_graph::Table::new("test", "site").expect("words").id("new");
    let (kind, ceiling) = (EntryKind::Site, PerDirection { download: None, upload: None });
    moved.nodes.push(Node { id, name: "New".to_owned(), kind, parent: None, ceiling });
    moved.circuits[7].parent = Some(NodePosition(0));
    let second = planned(&moved, &mine, &host(2), &first.ledger);
    assert_eq!(leaves(&second, "eth1")["pfifo"], full);
    let leaf = |made: &QueuePlan| {
        let (class, _) = circuits(made, "eth1")["7"];
        let qdiscs = &made.state.interfaces[&interface("eth1")].qdiscs;
        (class, qdiscs.iter().find(|(_, qdisc)| qdisc.parent == class).map(|(handle, _)| *handle))
    };
    let (old, new) = (leaf(&first), leaf(&second));
    assert_ne!(old.0, new.0);
    assert!(new.1.is_some() && new.1 == old.1, "{old:?} {new:?}");
    assert_eq!(planned(&moved, &mine, &host(2), &second.ledger).state, second.state);
}
