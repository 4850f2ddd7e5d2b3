//! Changing the kernel to what a model wants: what the verbs that do so have in common.

use std::fmt::Write as _;

use anyhow::anyhow;
use clap::ValueEnum;
use pleach_kernel::{CommitError, LinkKernel, Linux};
use pleach_overlay::links::{InTheWay, LinkState, json, table};

use super::plan::problem_text;
use super::source::{Local, checked, host, needed};
use crate::cli::change::{open_kernel_for, open_kernel_to_look};
use crate::exit::{Exit, Failure};
use crate::overlay::{
    Acceptance, ChangeError, Changed, MemoryError, Mode, Physes, change, committed, guard, physes_here,
};
use crate::report;
use crate::shaping::capabilities::Work;
use crate::state::{LockError, StateFolder};

/// What is told of a change, and with which exit code.
pub(super) struct Told {
    pub(super) text: String,
    pub(super) exit: Exit,
}

/// How what is changed is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Table,
    Json,
}

/// Where problems and warnings are said.
pub(super) type Say<'s> = dyn FnMut(&[u8]) + 's;

/// Commits a model, or says what that would do.
pub(super) fn commit(
    reading: &pleach_overlay::Reading,
    local: &Local,
    (mode, format): (Mode, Format),
    say: &mut Say<'_>,
) -> Result<Told, Failure> {
    let mut kernel = open(mode)?;
    let found = kernel.observe_links()?;
    let host = host(&found, kernel.addresses()?, local.counting);
    let (checked, problems) = checked(reading, &host);
    say(&problem_text(&problems)?);
    let Some(checked) = checked else {
        return Err(Failure::from(anyhow!("the model has errors, so nothing is changed")));
    };
    let wanted = needed(checked, None, local.mark)?;
    if local.acceptance == Acceptance::Guarded
        && let Err(alarm) = guard((&found, &last(&local.folder)?), &wanted, checked, local.mark)
    {
        match mode {
            Mode::Do => {
                let hint = Some(alarm.hint());
                return Err(Failure { exit: Exit::Refused, error: alarm.into(), hint });
            }
            Mode::DryRun => say(format!("`commit` would refuse this: {alarm}\n").as_bytes()),
        }
    }
    to(&mut kernel, &local.folder, (&wanted, &physes_here(checked)), (mode, format), say)
}

/// Takes everything that overlays made out of the kernel, or says what that would be.
pub(super) fn cleanup(folder: &StateFolder, mode: Mode, say: &mut Say<'_>) -> Result<Told, Failure> {
    to(&mut open(mode)?, folder, (&LinkState::default(), &Physes::new()), (mode, Format::Table), say)
}

/// Which physes were committed last.
fn last(folder: &StateFolder) -> Result<Physes, Failure> {
    committed(folder).map_err(|error| failure(error.into()))
}

fn open(mode: Mode) -> Result<Linux, Failure> {
    match mode {
        Mode::Do => open_kernel_for(Work::Overlays),
        Mode::DryRun => open_kernel_to_look(),
    }
}

fn to(
    kernel: &mut dyn LinkKernel,
    folder: &StateFolder,
    wanted: (&LinkState, &Physes),
    (mode, format): (Mode, Format),
    say: &mut Say<'_>,
) -> Result<Told, Failure> {
    let changed = change(kernel, folder, wanted, mode).map_err(failure)?;
    if let Some(error) = &changed.not_forgotten {
        let text = format!("warning: what is remembered between commits cannot be written: {error}\n");
        say(text.as_bytes());
    }
    Ok(told(&changed, mode, format))
}

fn told(changed: &Changed, mode: Mode, format: Format) -> Told {
    let plan = &changed.decision.plan;
    if format == Format::Json {
        let (outcome, exit) = match mode {
            Mode::Do => ("committed", Exit::Done),
            Mode::DryRun => ("planned", Exit::Differences),
        };
        let exit = if plan.is_empty() { Exit::Done } else { exit };
        return Told { text: json(plan, outcome), exit };
    }
    if plan.is_empty() {
        let text = match plan.unchanged {
            0 => "nothing to do: nothing of an overlay is there\n".to_owned(),
            unchanged => format!("nothing to do: {} as they should be\n", report::number(unchanged)),
        };
        return Told { text, exit: Exit::Done };
    }
    let mut text = table(plan);
    if mode == Mode::DryRun {
        return Told { text, exit: Exit::Differences };
    }
    let _ = writeln!(text, "committed and verified: {}", report::count(changed.operations, "operation"));
    Told { text, exit: Exit::Done }
}

/// How many of a list are said.
const SHOWN: usize = 20;

/// An error of a change, with its exit code and what to do.
pub(super) fn failure(error: ChangeError) -> Failure {
    let (exit, hint) = match &error {
        ChangeError::InTheWay(all) => (Exit::Refused, format!("nothing was changed; {}", hints(all))),
        ChangeError::Folder(LockError::Io { .. })
        | ChangeError::State(_)
        | ChangeError::Memory(MemoryError::State(_)) => {
            let hint = "nothing was changed; run it as the owner of the state folder or as root, or name another one: \
                        `state` in the configuration, `--state DIR`";
            (Exit::Failed, hint.to_owned())
        }
        ChangeError::Overlay(_) | ChangeError::Interface(_) | ChangeError::Folder(_) => {
            (Exit::Refused, "nothing was changed; wait until it is over: the lock goes with its process".to_owned())
        }
        ChangeError::Memory(_) => {
            let hint = "nothing was changed; move it away to go on: interfaces that were down before then stay up, and nobody \
                        asks whether this host is another phys now";
            (Exit::Failed, hint.to_owned())
        }
        ChangeError::Commit(error) => match &**error {
            CommitError::NotRecorded(_) | CommitError::Unchanged(_) => (Exit::Failed, lacking(error)),
            CommitError::Undone { .. } => (Exit::Undone, lacking(error)),
            CommitError::UndoIncomplete { undo, .. } => (Exit::UndoIncomplete, left(undo.differences.as_deref())),
        },
        ChangeError::Observe(_) => (Exit::Failed, String::new()),
    };
    let hint = Some(hint).filter(|hint| !hint.is_empty());
    Failure { exit, error: error.into(), hint }
}

/// What to do about all that is in the way, each once.
fn hints(all: &[InTheWay]) -> String {
    let mut hints: Vec<String> = all.iter().map(InTheWay::hint).collect();
    hints.dedup();
    hints.join("; ")
}

/// What the kernel may lack, or what is in its way, by what it says.
fn lacking(error: &CommitError) -> String {
    let text = error.to_string();
    if text.contains("Address already in use") {
        return "another tunnel or program of this host has that UDP port: `ip -d link show` or `ss -lunp` says which"
            .to_owned();
    }
    let modules = [
        ("TC classifier not found", "flower filters (`modprobe cls_flower`)"),
        (
            "Failed to load TC action module",
            "an action (`modprobe act_gact act_mirred act_police act_skbedit act_tunnel_key act_vlan`)",
        ),
        ("Specified qdisc kind is unknown", "a queue (`modprobe sch_htb sch_cake sch_fq_codel`)"),
        ("Unknown device type", "a kind of link (`modprobe vxlan geneve 8021q dummy bridge ifb`)"),
        ("Operation not supported", "a kind of link (`modprobe vxlan geneve 8021q dummy bridge ifb`)"),
    ];
    let lacks = modules.into_iter().find(|(said, _)| text.contains(said));
    lacks.map_or_else(String::new, |(_, what)| format!("this kernel may lack {what}"))
}

/// What an undo that failed left.
fn left(differences: Option<&[pleach_overlay::links::Difference]>) -> String {
    const AGAIN: &str = "the same commit again goes on from there; `pleach overlay cleanup` removes all of it";
    let Some(differences) = differences else { return format!("what is left could not be read back; {AGAIN}") };
    let mut text = format!("to be as before, this is missing ({}):", differences.len());
    for difference in differences.iter().take(SHOWN) {
        let _ = write!(text, "\n  {difference}");
    }
    if differences.len() > SHOWN {
        let _ = write!(text, "\n  and {} more", differences.len() - SHOWN);
    }
    let _ = write!(text, "\n{AGAIN}");
    text
}
