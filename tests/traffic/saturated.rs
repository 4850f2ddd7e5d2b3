//! A circuit whose queue is full when it moves loses no more than what the apply says it dropped; beside it nothing is lost.

use pleach_tc::Direction;

use crate::changes::started;
use crate::network::Network;
use crate::stream::{Stream, finish};

/// Packets that wait when the circuit moves: fewer than its queue holds, and more than its plan sends in the second that an
/// old queue is given to empty itself.
const WAITING: u64 = 900;

#[test]
fn a_full_circuit_moves_and_loses_what_is_said() {
    for (queues, parent) in [(1, "AP South"), (4, "AP South")] {
        let mut from = Network::small();
        from.circuit(1).mbit = 1;
        from.shaper = "[shaper.leaf.pfifo]\nlimit = 1000".to_owned();
        let mut to = from.clone();
        to.circuit(1).parent = parent;
        let Some(lab) = started(queues, &from) else { return };
        let [full, near, far] = [1, 2, 8].map(|number| from.circuit(number).address());
        to.write(&lab);
        // A neighbour that is not known yet holds back no more than a few packets: let it be known.
        Stream::start(&lab, full, Direction::Download).finish();
        let beside = [near, far].map(|address| Stream::start(&lab, address, Direction::Download));
        let burst = Stream::burst(&lab, full, Direction::Download, WAITING);
        while burst.sent() < WAITING {
            std::thread::yield_now();
        }
        let said = lab.pleach(&["apply"]).returned(0).out;
        let [near, far] = beside;
        let [full, near, far] = finish([burst, near, far]);
        let told = said.lines().find_map(|line| line.strip_prefix("dropped ")?.split_once(" packets"));
        let told: u64 = told.map_or(0, |(number, _)| number.replace(' ', "").parse().expect("a number"));
        println!("full circuit moved, {queues} queues: {full}; {told} said to be dropped");
        near.assert_whole("beside it, same access point");
        far.assert_whole("beside it, the other access point");
        assert!(told > 0, "nothing waited: {said}");
        assert!(full.lost <= told && full.duplicated == 0, "{full}, and {told} said to be dropped");
    }
}
