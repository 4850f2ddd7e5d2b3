//! Whole syncs of a fake Splynx: each a process of its own, from its start to both files on disk.

use std::time::Duration;

use anyhow::Result;
use pleach_fake_splynx::{Database, Fake, Options, router};
use pleach_fault::Server;

use crate::lab::{Lab, report};
use crate::sync::run_sync;

/// What a sync of 50 000 services may take from its first request to both files.
const GOAL: Duration = Duration::from_millis(1_200);
const GOAL_SERVICES: u64 = 50_000;

/// Measures syncs, counts what they ask, and prints medians. Which rows a page has is known before the clock starts; the page is
/// put together when it is asked for.
pub fn measure_splynx(services: u64, runs: usize) -> Result<()> {
    let fake = Fake::new(Database::generate(&Options { services, ..Options::default() }));
    let server = Server::start(router(&fake))?;
    let key = fake.key();
    let (url, name, secret) = (server.url(), key.key, key.secret);
    let lab = Lab::new(&format!("[splynx]\nurl = \"{url}\"\nkey = \"{name}\"\nsecret = \"{secret}\""))?;
    let [mut first, mut unchanged, mut replay] = [const { Vec::new() }; 3];
    let mut requests = Vec::new();
    for _ in 0..runs {
        lab.reset()?;
        let before = fake.requests().len();
        first.push(run_sync(&lab.folder(), &[])?);
        requests = fake.requests().split_off(before);
        unchanged.push(run_sync(&lab.folder(), &[])?);
        let snapshot = lab.kept_snapshot()?;
        lab.reset()?;
        replay.push(run_sync(&lab.folder(), &["--from-snapshot", &snapshot])?);
    }
    let heads = requests.iter().filter(|request| request.starts_with("HEAD")).count();
    println!(
        "{services} services from a fake Splynx, {runs} runs each; {} requests, {heads} of them HEAD",
        requests.len()
    );
    report("first request to both files", first, (services == GOAL_SERVICES).then_some(GOAL));
    report("the same answers again", unchanged, None);
    report("replay into an empty state folder", replay, None);
    Ok(())
}
