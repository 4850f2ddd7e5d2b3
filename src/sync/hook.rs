//! Whoever waits for a new generation is told: a command of the operator's.

use std::fs::File;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use std::os::unix::process::CommandExt;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::state::run_as_owner;

/// How often it is looked whether the command is over.
const POLL: Duration = Duration::from_millis(10);

/// What a hook is told.
#[derive(Debug)]
pub(super) struct HookCall<'a> {
    /// The command and its arguments.
    pub(super) command: &'a [String],
    /// How long it may take.
    pub(super) timeout: Duration,
    /// The number of the generation.
    pub(super) generation: u64,
    /// The file that says what is different.
    pub(super) diff: &'a Path,
    /// The file that takes what it prints.
    pub(super) log: &'a Path,
    /// The state folder, whose owner it runs as.
    pub(super) state: &'a Path,
}

/// Why a hook did not go well.
#[derive(Debug, thiserror::Error)]
pub(super) enum HookError {
    #[error("cannot start the hook `{command}`")]
    Start { command: String, source: std::io::Error },
    #[error("cannot write `{path}`, which takes what the hook prints")]
    Log { path: String, source: std::io::Error },
    #[error("the hook `{command}` ended with {status}; what it printed is in `{log}`")]
    Status { command: String, status: ExitStatus, log: String },
    #[error("the hook `{command}` took longer than {seconds} s and was killed; what it printed is in `{log}`")]
    TooLong { command: String, seconds: u64, log: String },
}

impl HookCall<'_> {
    /// Runs it to its end, or kills it and all that it started when its time is over.
    pub(super) fn run(&self) -> Result<Duration, HookError> {
        let Some((program, arguments)) = self.command.split_first() else { return Ok(Duration::ZERO) };
        let name = || program.clone();
        let log = self.log.display().to_string();
        let output = File::create(self.log).and_then(|file| Ok((file.try_clone()?, file)));
        let (out, err) = output.map_err(|source| HookError::Log { path: log.clone(), source })?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("PLEACH_GENERATION", self.generation.to_string())
            .env("PLEACH_DIFF", self.diff)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0);
        let started = run_as_owner(&mut command, self.state).and_then(|()| command.spawn());
        let mut child = started.map_err(|source| HookError::Start { command: name(), source })?;
        let began = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(began.elapsed()),
                Ok(Some(status)) => return Err(HookError::Status { command: name(), status, log }),
                Ok(None) if began.elapsed() < self.timeout => thread::sleep(POLL),
                _ => {
                    let _ = kill_process_group(Pid::from_child(&child), Signal::KILL); // it may be over by now
                    let _ = child.wait();
                    return Err(HookError::TooLong { command: name(), seconds: self.timeout.as_secs(), log });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, timeout: Duration) -> (Result<Duration, String>, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("hook.log");
        let command = ["sh", "-c", script].map(str::to_owned);
        let call = HookCall {
            command: &command,
            timeout,
            generation: 7,
            diff: Path::new("/d/diff.json"),
            log: &log,
            state: folder.path(),
        };
        let result = call.run().map_err(|error| error.to_string().replace(&log.display().to_string(), "LOG"));
        (result, std::fs::read_to_string(log).expect("a log"))
    }

    #[test]
    fn it_is_told_which_generation() {
        let (result, log) = run("echo $PLEACH_GENERATION $PLEACH_DIFF; cat", Duration::from_secs(20));
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(log, "7 /d/diff.json\n");
    }

    #[test]
    fn failures_are_told() {
        let (result, log) = run("echo no room >&2; exit 3", Duration::from_secs(20));
        assert_eq!(log, "no room\n");
        let error = result.expect_err("it failed");
        assert_eq!(error, "the hook `sh` ended with exit status: 3; what it printed is in `LOG`");
    }

    #[test]
    fn one_that_hangs_is_killed_with_all_it_started() {
        let began = Instant::now();
        let (result, _) = run("sleep 600 & sleep 600", Duration::from_millis(200));
        let error = result.expect_err("too long");
        assert!(error.starts_with("the hook `sh` took longer than 0 s and was killed"), "{error}");
        assert!(began.elapsed() < Duration::from_mins(1));
    }
}
