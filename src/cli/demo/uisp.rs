//! The demo on a UISP: a fake one is served on this host and synced from end to end.

use std::fs;
use std::io::Write;

use anyhow::Context;
use jiff::Timestamp;
use pleach_fake_uisp::{Billing, Bodies, Credentials, Fake, Network, Options, Quirk, Quirks};
use pleach_fault::Faults;

use super::super::said::say_ended;
use super::super::sync::{Saying, World};
use super::{FOLDER, made_folder, write_commands};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::sources;
use crate::sync::{self, From, LogFormat, Request};

/// How many customers the network has: a small ISP.
const CLIENTS: usize = 500;

/// What is odd about the answers, as about real ones.
const QUIRKS: [Quirk; 3] = [Quirk::RequiredNull, Quirk::RadioManagement, Quirk::SeveralServices];

/// Serves a generated network as UISP would, and syncs from it twice: the second time nothing is left to do.
pub(super) fn run(out: &mut dyn Write) -> Result<Exit, Failure> {
    let folder = made_folder()?;
    let quirks = QUIRKS.into_iter().collect::<Quirks>();
    let options = Options { clients: CLIENTS, billing: Billing::Crm, quirks, ..Options::default() };
    let fake = Fake::new(Bodies::prepare(&Network::generate(&options)));
    let server = fake.start(Faults::none()).context("cannot serve the fake UISP on 127.0.0.1")?;
    writeln!(out, "a fake UISP with {CLIENTS} customers answers at {}", server.url())?;
    let state = folder.join("state");
    if state.exists() {
        fs::remove_dir_all(&state).with_context(|| format!("cannot remove `{}`", state.display()))?;
    }
    fs::create_dir_all(folder.join("files")).with_context(|| format!("cannot make `{FOLDER}/files`"))?;
    let path = folder.join("uisp.toml");
    fs::write(&path, configuration(&server.url())).with_context(|| format!("cannot write `{}`", path.display()))?;
    let config = Config::read(&path).map_err(Failure::usage)?;
    for what in ["the first sync", "the second, with the same answers"] {
        writeln!(out)?;
        writeln!(out, "{what}:")?;
        once(out, &config)?;
    }
    writeln!(out)?;
    let config = format!("--config {FOLDER}/uisp.toml");
    write_commands(
        out,
        &[
            (format!("check {config}"), "every problem, and a count that adds up".to_owned()),
            (format!("generations {config}"), "what is kept".to_owned()),
            (format!("sync --from-snapshot latest {config}"), "the same again, without the UISP".to_owned()),
            (format!("graph {config} > {FOLDER}/uisp.svg"), "a picture for any browser".to_owned()),
        ],
    )?;
    Ok(Exit::Done)
}

fn configuration(url: &str) -> String {
    format!(
        "# What `pleach demo --source uisp` syncs with. The fake UISP is gone when the demo is over; its answers are kept.\n\
         state = \"state\"\n\n\
         [uisp]\nurl = \"{url}\"\ntoken = \"{}\"\ncrm = {{ key = \"{}\" }}\n\n\
         [[shaper]]\nname = \"main\"\npublish = \"files\"\n",
        Credentials::TOKEN,
        Credentials::APP_KEY
    )
}

fn once(out: &mut dyn Write, config: &Config) -> Result<(), Failure> {
    let request = Request { now: Timestamp::now(), from: From::Sources, is_dry: false, is_strict: false, verb: "sync" };
    let sources = sources::configured(config).map_err(Failure::usage)?;
    let mut world = World::new(config);
    let ended = sync::run(&request, config, &sources, &mut world)?;
    drop(world);
    let saying = Saying { quiet: false, json: false, log: LogFormat::Text };
    match say_ended(out, &ended, saying)? {
        Exit::Done | Exit::NotShaped => Ok(()), // who is not shaped is named
        exit => Err(Failure { exit, error: anyhow::anyhow!("the demo's sync ended with {}", exit as u8), hint: None }),
    }
}
