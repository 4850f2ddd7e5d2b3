//! `pleach overlay serve`: runs directives that others send, one script after the other; model and variables stay between them.
//!
//! ```text
//! accept ─► client: reads a script ─► queue ─► runs one after the other ─► client: writes what it says
//!           (a thread each)                    (one thread)
//! ```
//!
//! So whoever is slow or silent takes nobody else's time. On SIGTERM and SIGINT the script that runs is run to its end, those that
//! wait are refused, and the socket is removed. A second one ends the process at once.

mod client;
mod socket;

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Instant;

use anyhow::{Context, anyhow};
use clap::Args;
use pleach_overlay::lsctl::Interpreter;
use rustix::io::Errno;
use rustix::net::{SendFlags, send};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::runner;
use super::source::State;
use crate::exit::{Exit, Failure, HELP};
use crate::overlay::Acceptance;
use crate::overlay::wire::Kind;
use crate::terminal;

/// How much a script may print: it waits in memory for a client that reads slowly.
const MOST_OUTPUT: usize = 64 << 20;

/// Run directives that `pleach overlay send` sends; what they have made stays between them
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Serve {
    /// The socket to listen on: only its owner and root may use it
    #[arg(value_name = "SOCKET")]
    socket: PathBuf,
    /// What `$argv` holds
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,
    /// Configuration file [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    state: State,
}

/// A piece of what a script says; the exit code is the last one.
type Piece = (Kind, Vec<u8>);

/// What is done next.
enum Turn {
    /// A script is run.
    Run(Job),
    /// The server ends.
    End,
}

/// Whether a signal asked for the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Yes,
    /// Nothing is run any more.
    No,
}

/// A script that waits for its turn.
struct Job {
    name: String,
    script: String,
    answer: Sender<Piece>,
    client: UnixStream,
    /// Whether it was begun: then nobody may say that it was not run.
    is_begun: Arc<AtomicBool>,
    /// Ends when the client has been told everything, or is gone.
    told: Receiver<()>,
}

impl Job {
    /// Whether nobody listens to its client's end any more: nothing is sent, and the kernel says whether anything could be.
    fn is_abandoned(&self) -> bool {
        send(&self.client, &[], SendFlags::NOSIGNAL | SendFlags::DONTWAIT) == Err(Errno::PIPE)
    }
}

impl Serve {
    pub(super) fn run(&self, _: &mut dyn Write) -> Result<Exit, Failure> {
        // Before anybody is told that somebody listens: a signal ends a process that did not ask for it.
        let signals = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
        let (mut terminated, mut interrupted) = {
            let _entered = signals.enter();
            let caught = |kind| signal(kind).context("cannot wait for signals");
            (caught(SignalKind::terminate())?, caught(SignalKind::interrupt())?)
        };
        let (listener, socket) = socket::listen(&self.socket)?;
        let (queue, turns) = channel();
        let queue_of_clients = queue.clone();
        std::thread::spawn(move || client::accept(&listener, &queue_of_clients));
        terminal::say(format!("listening on `{}`\n", self.socket.display()).as_bytes());
        let ends = AtomicBool::new(false);
        let untold = std::thread::scope(|scope| {
            let (running, mut stopped) = oneshot::channel::<()>();
            let ends = &ends;
            let runs = scope.spawn(move || {
                let _running = running;
                self.run_all(&turns, ends)
            });
            let mut asked_to_end = || {
                signals.block_on(async {
                    tokio::select! {
                        biased;
                        _ = &mut stopped => Asked::No,
                        _ = terminated.recv() => Asked::Yes,
                        _ = interrupted.recv() => Asked::Yes,
                    }
                })
            };
            if asked_to_end() == Asked::Yes {
                ends.store(true, Ordering::Relaxed);
                let _ = queue.send(Turn::End);
                if asked_to_end() == Asked::Yes {
                    socket.remove();
                    terminal::say(b"ended at once: it is not known what the script that ran did\n");
                    std::process::exit(Exit::UndoIncomplete as i32);
                }
            }
            runs.join().map_err(|_| anyhow!("a script was not run to its end, and it is not known what it did"))
        });
        socket.remove();
        let until = Instant::now() + client::PATIENCE;
        for told in untold? {
            let _ = told.recv_timeout(until.saturating_duration_since(Instant::now())); // whoever does not listen is not waited for
        }
        Ok(Exit::Done)
    }

    /// Runs scripts one after the other until the server ends; whose clients have yet to be told how that was.
    fn run_all(&self, turns: &Receiver<Turn>, ends: &AtomicBool) -> Vec<Receiver<()>> {
        let mut interpreter = Interpreter::new(self.arguments.iter().map(String::as_str));
        let mut untold: Vec<Receiver<()>> = Vec::new();
        let before_the_end = turns.iter().take_while(|turn| matches!(turn, Turn::Run(_)));
        for turn in before_the_end.chain(turns.try_iter()) {
            let Turn::Run(job) = turn else { continue };
            let exit = if ends.load(Ordering::Relaxed) {
                let _ = job.answer.send((Kind::Said, format!("pleach: {}\n", client::ENDS).into()));
                Exit::Refused
            } else if job.is_abandoned() {
                terminal::say(format!("`{}` was not run: whoever sent it is gone\n", job.name).as_bytes());
                Exit::Refused
            } else {
                job.is_begun.store(true, Ordering::Release);
                self.run_one(&mut interpreter, &job)
            };
            let _ = job.answer.send((Kind::Exit, vec![exit as u8])); // a client that is gone is told nothing
            untold.retain(|told| told.try_recv() == Err(TryRecvError::Empty));
            untold.push(job.told);
        }
        untold
    }

    fn run_one(&self, interpreter: &mut Interpreter, Job { name, script, answer, .. }: &Job) -> Exit {
        let mut out = Out { answer, left: MOST_OUTPUT };
        let mut say = |bytes: &[u8]| _ = answer.send((Kind::Said, bytes.to_vec()));
        let mut local = || self.state.local(self.config.as_deref(), Acceptance::Everything);
        match runner::run(interpreter, (script, name), &mut out, &mut say, &mut local) {
            Ok(exit) => exit,
            Err(failure) => {
                let _ = answer.send((Kind::Said, format!("{failure}\n").into_bytes()));
                failure.exit
            }
        }
    }
}

/// What a script prints.
struct Out<'a> {
    answer: &'a Sender<Piece>,
    left: usize,
}

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len()).ok_or_else(|| {
            io::Error::other(format!("a script may print {MOST_OUTPUT} bytes, and this one prints more"))
        })?;
        let _ = self.answer.send((Kind::Out, bytes.to_vec())); // a client that is gone ends no script
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
