//! One client: reads its script, waits for its turn, and passes on what is said to it. Each has a thread of its own.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use rustix::net::sockopt::socket_peercred;
use rustix::process::{Uid, geteuid};

use super::{Job, Turn};
use crate::exit::Exit;
use crate::overlay::wire::{self, Kind};
use crate::terminal;

/// How long a client may be silent while it sends or receives.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How many clients are listened to at a time, and may wait for their turn: nobody has so many scripts to send.
const MOST_CLIENTS: usize = 64;
/// How long nobody is let in where the system has no room for one more.
const PAUSE: Duration = Duration::from_millis(100);
/// What those are told who wait when the server ends.
pub(super) const ENDS: &str = "the server ends, so the script was not run";

/// Why a client's script is not run.
enum Refusal {
    /// It has another user.
    User(Uid),
    /// There are too many.
    Busy,
    /// The server ends.
    Ends,
    /// What it sent is no script.
    Malformed(String),
    /// It ended, or fell silent, before it had sent all.
    Cut(io::Error),
}

impl Refusal {
    fn exit(&self) -> Exit {
        match self {
            Self::User(_) | Self::Busy | Self::Ends => Exit::Refused,
            Self::Malformed(_) => Exit::Usage,
            Self::Cut(_) => Exit::Failed,
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(user) => {
                write!(f, "user {} may not use this socket: it is for its owner and root", user.as_raw())
            }
            Self::Busy => write!(f, "{MOST_CLIENTS} others are being served: send it again later"),
            Self::Ends => f.write_str(ENDS),
            Self::Malformed(what) => write!(f, "what was sent is no script of `pleach overlay send`: {what}"),
            Self::Cut(error) if is_silence(error) => {
                write!(f, "nothing came for {} seconds, so the script was not run", PATIENCE.as_secs())
            }
            Self::Cut(error) => write!(f, "the script did not come whole, so it was not run: {error}"),
        }
    }
}

/// What the system says where nothing came in time.
fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Lets clients in, for as long as the process lives.
pub(super) fn accept(listener: &UnixListener, queue: &Sender<Turn>) {
    let owner = geteuid();
    let clients = Arc::new(());
    for stream in listener.incoming() {
        let stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                lost(&error);
                std::thread::sleep(PAUSE);
                continue;
            }
        };
        if Arc::strong_count(&clients) > MOST_CLIENTS {
            lost_if(prepare(&stream).and_then(|()| refuse(stream, &Refusal::Busy)));
            continue;
        }
        let (queue, client) = (queue.clone(), Arc::clone(&clients));
        let started = std::thread::Builder::new().spawn(move || {
            lost_if(serve(stream, owner, &queue));
            drop(client);
        });
        if let Err(error) = started {
            lost(&error);
        }
    }
}

fn lost_if(served: io::Result<()>) {
    if let Err(error) = served {
        lost(&error);
    }
}

fn lost(error: &io::Error) {
    terminal::say(format!("a client was lost: {error}\n").as_bytes());
}

fn prepare(stream: &UnixStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))
}

fn serve(mut stream: UnixStream, owner: Uid, queue: &Sender<Turn>) -> io::Result<()> {
    prepare(&stream)?;
    let user = socket_peercred(&stream)?.uid;
    if !user.is_root() && user != owner {
        return refuse(stream, &Refusal::User(user));
    }
    let (name, script) = match script(&mut stream) {
        Ok(Some(both)) => both,
        Ok(None) => return Ok(()), // it only wanted to know whether somebody is here
        Err(refusal) => return refuse(stream, &refusal),
    };
    let (answer, pieces) = channel();
    let (_telling, told) = channel();
    let is_begun = Arc::new(AtomicBool::new(false));
    let job = Job { name, script, answer, client: stream.try_clone()?, is_begun: Arc::clone(&is_begun), told };
    let _ = queue.send(Turn::Run(job)); // one that comes too late brings no pieces
    for (kind, bytes) in pieces {
        wire::write(&mut stream, kind, &bytes)?;
        if kind == Kind::Exit {
            return Ok(());
        }
    }
    // Of one that was begun it is not known what it did: its client hears no end.
    if is_begun.load(Ordering::Acquire) { Ok(()) } else { refuse(stream, &Refusal::Ends) }
}

fn refuse(mut stream: UnixStream, refusal: &Refusal) -> io::Result<()> {
    terminal::say(format!("a client was refused: {refusal}\n").as_bytes());
    wire::write(&mut stream, Kind::Said, format!("pleach: {refusal}\n").as_bytes())?;
    wire::write(&mut stream, Kind::Exit, &[refusal.exit() as u8])
}

/// The name of a client's script and the script; none where it ended without a word.
fn script(stream: &mut UnixStream) -> Result<Option<(String, String)>, Refusal> {
    let Some(name) = part(stream, Kind::Name, "the name of the script")? else { return Ok(None) };
    let script = part(stream, Kind::Script, "the script")?;
    script.map(|script| Some((name, script))).ok_or_else(|| Refusal::Cut(io::ErrorKind::UnexpectedEof.into()))
}

/// A part of what a client sends; none where it has ended.
fn part(stream: &mut UnixStream, expected: Kind, what: &str) -> Result<Option<String>, Refusal> {
    let read = wire::read(stream).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => Refusal::Malformed(error.to_string()),
        _ => Refusal::Cut(error),
    })?;
    match read {
        None => Ok(None),
        Some((kind, bytes)) if kind == expected => {
            let text = String::from_utf8(bytes);
            text.map(Some).map_err(|_| Refusal::Malformed(format!("{what} is no UTF-8")))
        }
        Some((kind, _)) => Err(Refusal::Malformed(format!("a frame of kind {}, where {what} was to come", kind as u8))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a client of this queue is answered.
    fn answered(queue: &Sender<Turn>) -> Vec<(Kind, Vec<u8>)> {
        let (mut client, server) = UnixStream::pair().expect("a pair");
        wire::write(&mut client, Kind::Name, b"a").expect("written");
        wire::write(&mut client, Kind::Script, b"show").expect("written");
        serve(server, geteuid(), queue).expect("it is answered");
        std::iter::from_fn(|| wire::read(&mut client).expect("a frame")).collect()
    }

    #[test]
    fn who_comes_behind_the_end_is_refused() {
        let refused = [
            (Kind::Said, b"pleach: the server ends, so the script was not run\n".to_vec()),
            (Kind::Exit, vec![Exit::Refused as u8]),
        ];
        let (queue, turns) = channel();
        let nobody_comes = std::thread::spawn(move || drop(turns.recv()));
        assert_eq!(answered(&queue), refused, "it waited");
        nobody_comes.join().expect("it ended");
        assert_eq!(answered(&queue), refused, "there is no queue any more");
    }

    #[test]
    fn of_what_was_begun_nobody_says_that_it_was_not_run() {
        let (queue, turns) = channel();
        std::thread::spawn(move || {
            if let Ok(Turn::Run(job)) = turns.recv() {
                job.is_begun.store(true, Ordering::Release);
            }
        });
        assert_eq!(answered(&queue), []);
    }
}
