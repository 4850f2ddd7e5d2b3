//! `pleach overlay serve`: runs directives that others send, one script after the other; model and variables stay between them.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use pleach_overlay::lsctl::Interpreter;
use rustix::fs::Mode;
use rustix::net::sockopt::socket_peercred;
use rustix::process::{geteuid, umask};

use super::runner;
use super::source::State;
use crate::exit::{Exit, Failure, HELP};
use crate::overlay::Acceptance;
use crate::overlay::wire::{self, Kind};
use crate::terminal;

/// How long a client may be silent while it sends or receives: another one waits.
const PATIENCE: Duration = Duration::from_secs(10);

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

impl Serve {
    pub(super) fn run(&self, _: &mut dyn Write) -> Result<Exit, Failure> {
        let listener = listen(&self.socket)?;
        let mut interpreter = Interpreter::new(self.arguments.iter().map(String::as_str));
        terminal::say(format!("listening on `{}`\n", self.socket.display()).as_bytes());
        for stream in listener.incoming() {
            let served = stream.and_then(|stream| self.serve(stream, &mut interpreter));
            if let Err(error) = served {
                terminal::say(format!("a client was lost: {error}\n").as_bytes());
            }
        }
        Ok(Exit::Done)
    }

    /// Runs what one client sends.
    fn serve(&self, mut stream: UnixStream, interpreter: &mut Interpreter) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let user = socket_peercred(&stream)?.uid;
        if !user.is_root() && user != geteuid() {
            let text = format!("pleach: user {} may not use this socket\n", user.as_raw());
            wire::write(&mut stream, Kind::Said, text.as_bytes())?;
            return wire::write(&mut stream, Kind::Exit, &[Exit::Refused as u8]);
        }
        let Some(name) = part(&mut stream, Kind::Name)? else { return Ok(()) }; // it only wanted to know whether somebody is here
        let script = part(&mut stream, Kind::Script)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut out = Frames { stream: stream.try_clone()?, kind: Kind::Out };
        let mut said = Frames { stream: stream.try_clone()?, kind: Kind::Said };
        // A client that does not listen any more is noticed at the exit code.
        let mut say = |bytes: &[u8]| _ = said.write_all(bytes);
        let mut local = || self.state.local(self.config.as_deref(), Acceptance::Everything);
        let result = runner::run(interpreter, (&script, &name), &mut out, &mut say, &mut local);
        let exit = match result {
            Ok(exit) => exit,
            Err(failure) => {
                wire::write(&mut stream, Kind::Said, format!("{failure}\n").as_bytes())?;
                failure.exit
            }
        };
        wire::write(&mut stream, Kind::Exit, &[exit as u8])
    }
}

/// A part of what a client sends; none where it has ended.
fn part(stream: &mut UnixStream, expected: Kind) -> io::Result<Option<String>> {
    let malformed = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    match wire::read(stream)? {
        None => Ok(None),
        Some((kind, bytes)) if kind == expected => {
            String::from_utf8(bytes).map(Some).map_err(|_| malformed("it sent no text"))
        }
        Some(_) => Err(malformed("it sent no script")),
    }
}

/// A stream of one kind of frames.
struct Frames {
    stream: UnixStream,
    kind: Kind,
}

impl Write for Frames {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !bytes.is_empty() {
            wire::write(&mut self.stream, self.kind, bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Listens on a socket that only its owner may open. One that is left of a process that ended is replaced.
fn listen(path: &Path) -> Result<UnixListener, Failure> {
    if let Ok(there) = fs::symlink_metadata(path) {
        if !there.file_type().is_socket() {
            return Err(Failure::usage(anyhow!("`{}` is there, and is no socket", path.display())));
        }
        if UnixStream::connect(path).is_ok() {
            let error = anyhow!("somebody listens on `{}` already", path.display());
            return Err(Failure { exit: Exit::Refused, error, hint: None });
        }
        fs::remove_file(path).with_context(|| format!("cannot remove `{}`", path.display()))?;
    }
    // Nobody else may open it, not even for the moment between making it and changing its mode.
    let before = umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
    let listener = UnixListener::bind(path);
    umask(before);
    Ok(listener.with_context(|| format!("cannot listen on `{}`", path.display()))?)
}
