//! What a plan says, in words.

use pleach_shaper::Ledger;
use pleach_tc::LeafKind;

use crate::network::{EAST, flat, host, planned, said, settings};

#[test]
fn short_turns_are_one_line_a_direction() {
    let clamped = |plans: &[u64]| {
        let made = planned(&flat(None, plans), &settings(EAST, LeafKind::FqCodel), &host(2), &Ledger::default());
        said(&made, "quantum-clamped")
    };
    let many = clamped(&[5; 1_240]);
    assert_eq!(many.len(), 2, "{many:?}");
    assert_eq!(
        many[0],
        "download: 1 240 circuits of less than 12.176 Mbit/s send a whole frame, 1 522 bytes, more than a millisecond of the \
         plan, in a turn"
    );
    let one = clamped(&[5, 2_000]);
    assert!(one[0].starts_with("download: 1 circuit of less than 12.176 Mbit/s sends "), "{one:?}");
    assert!(one[1].starts_with("download: 1 circuit of more than 1.6 Gbit/s sends 200 000 bytes, less "), "{one:?}");
    assert_eq!(clamped(&[20]), Vec::<String>::new());
}

#[test]
fn numbers_agree() {
    let mut counted = settings(EAST, LeafKind::Pfifo);
    counted.overhead = 18;
    for (plans, words) in
        [(vec![20], "1 circuit (`0`) has a queue"), (vec![20, 20], "2 circuits (`0`, `1`) have a queue")]
    {
        let made = planned(&flat(None, &plans), &counted, &host(1), &Ledger::default());
        assert!(said(&made, "overhead-uncounted")[0].contains(words));
    }
}
