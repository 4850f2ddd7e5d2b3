//! A document that a command prints.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use pleach_graph::text::MOST_TABLE_BYTES;
use pleach_source::{Body, BodyWriter, FetchError, Part};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;
use tokio::time::timeout;

use super::Prepare;

/// How much of what it says on standard error is kept, from its end: an error message, and not a log.
const LAST_WORDS: usize = 2 << 10;

/// How much is read at once.
const PIECE: usize = 64 << 10;

/// Runs a command and takes what it prints. It has to end well, and in time; else it and all that it started is killed.
pub(super) async fn get(
    command: &[String],
    folder: &Path,
    longest: Duration,
    prepare: &Prepare,
) -> Result<Part, FetchError> {
    let (program, arguments) = command.split_first().expect("invariant: the settings were checked");
    let name = command.join(" ");
    let unusable =
        |reason: String, hint: &str| FetchError::Unusable { address: name.clone(), reason, hint: hint.to_owned() };
    let start = || {
        let mut command = std::process::Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        if !folder.as_os_str().is_empty() {
            command.current_dir(folder);
        }
        prepare(&mut command)?;
        tokio::process::Command::from(command).kill_on_drop(true).spawn()
    };
    let child = start().map_err(|error| {
        unusable(
            format!("it cannot be started: {error}"),
            "correct `command`, or let the user that Pleach runs as execute it",
        )
    })?;
    let mut running = Running { group: child.id().and_then(|id| Pid::from_raw(id.cast_signed())), child };
    let Ok(ended) = timeout(longest, running.finish()).await else {
        let reason = format!("it took longer than {} s and was killed", longest.as_secs());
        return Err(unusable(reason, "find out what it waits for, or set `timeout` to more"));
    };
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::FileTooLarge => {
            unusable(format!("it prints more than {MOST_TABLE_BYTES} bytes"), "let it print less")
        }
        _ => unusable(format!("what it prints cannot be read: {error}"), "the next run tries again"),
    };
    let Ended { status, body, last_words } = ended.map_err(failed)?;
    running.group = None; // it is over
    if !status.success() {
        let said = if last_words.is_empty() { String::new() } else { format!(": {last_words}") };
        return Err(unusable(
            format!("it ended with {status}{said}"),
            "run it by hand as the user that Pleach runs as",
        ));
    }
    Ok(Part { name: String::new(), address: name, status: None, records: None, body })
}

/// A command that runs. Whoever lets go of it kills it, with all that it started.
struct Running {
    child: Child,
    group: Option<Pid>,
}

struct Ended {
    status: ExitStatus,
    body: Body,
    /// The end of what it said on standard error, in one line.
    last_words: String,
}

impl Running {
    async fn finish(&mut self) -> io::Result<Ended> {
        let (out, err) = (self.child.stdout.take(), self.child.stderr.take());
        let (Some(out), Some(err)) = (out, err) else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let (body, last_words) = tokio::try_join!(printed(out), last_words(err))?;
        Ok(Ended { status: self.child.wait().await?, body, last_words })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            let _ = kill_process_group(group, Signal::KILL); // it may be over by now
        }
    }
}

async fn printed(mut from: impl AsyncRead + Unpin) -> io::Result<Body> {
    let mut writer = BodyWriter::new()?;
    let mut piece = vec![0; PIECE];
    loop {
        let count = from.read(&mut piece).await?;
        if count == 0 {
            return writer.finish();
        }
        if writer.len() + count as u64 > MOST_TABLE_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        io::Write::write_all(&mut writer, &piece[..count])?;
    }
}

async fn last_words(mut from: impl AsyncRead + Unpin) -> io::Result<String> {
    let (mut kept, mut piece) = (Vec::new(), vec![0; PIECE]);
    loop {
        let count = from.read(&mut piece).await?;
        if count == 0 {
            break;
        }
        kept.extend_from_slice(&piece[..count]);
        let surplus = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..surplus);
    }
    let text = String::from_utf8_lossy(&kept);
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    Ok(words.join(" "))
}
