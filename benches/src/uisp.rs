//! Whole syncs of a fake UISP: each a process of its own, from its start to both files on disk.

use std::time::Duration;

use anyhow::Result;
use pleach_fake_uisp::{Bodies, Credentials, Fake, Network, Options, Size};
use pleach_fault::Faults;

use crate::lab::{Lab, report};
use crate::sync::run_sync;

/// The number of clients that the goals are about.
const GOAL_CLIENTS: usize = 50_000;

/// Measures syncs from bodies of both sizes, which are made before the clock starts, and prints medians.
pub fn measure_uisp(clients: usize, runs: usize) -> Result<()> {
    let goal = |millis| (clients == GOAL_CLIENTS).then_some(Duration::from_millis(millis));
    for (size, first_goal) in [(Size::Small, 1_000), (Size::Faithful, 3_000)] {
        let options = Options { clients, size, ..Options::default() };
        let fake = Fake::new(Bodies::prepare(&Network::generate(&options)));
        let server = fake.start(Faults::none())?;
        let lab = Lab::new(&format!("[uisp]\nurl = \"{}\"\ntoken = \"{}\"", server.url(), Credentials::TOKEN))?;
        let [mut first, mut unchanged, mut replay] = [const { Vec::new() }; 3];
        for _ in 0..runs {
            lab.reset()?;
            first.push(run_sync(&lab.folder(), &[])?);
            unchanged.push(run_sync(&lab.folder(), &[])?);
            let snapshot = lab.kept_snapshot()?;
            lab.reset()?;
            replay.push(run_sync(&lab.folder(), &["--from-snapshot", &snapshot])?);
        }
        println!("{clients} clients from a fake UISP, {size} bodies, {runs} runs each");
        report("first request to both files", first, goal(first_goal));
        report("the same answers again", unchanged, None);
        report("replay into an empty state folder", replay, goal(600).filter(|_| size == Size::Small));
    }
    Ok(())
}
