//! `pleach overlay send`: has directives run by a `pleach overlay serve`.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Args;

use super::source::text;
use crate::exit::{Exit, Failure, HELP};
use crate::overlay::wire::{self, Kind};
use crate::terminal;

/// Have directives run by `pleach overlay serve`, and end as they do
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Send {
    /// The socket that it listens on
    #[arg(value_name = "SOCKET")]
    socket: PathBuf,
    /// The directives [default: standard input]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Send {
    /// The name of the script in messages, and the script.
    fn script(&self) -> Result<(String, String), Failure> {
        if let Some(file) = &self.file {
            return Ok((file.display().to_string(), text(file)?));
        }
        let mut script = String::new();
        io::stdin().read_to_string(&mut script).context("cannot read standard input").map_err(Failure::usage)?;
        Ok(("standard input".to_owned(), script))
    }

    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let (name, script) = self.script()?;
        let socket = self.socket.display();
        if name.len().max(script.len()) > wire::LONGEST_FRAME {
            return Err(Failure::usage(anyhow!("the script is longer than {} bytes", wire::LONGEST_FRAME)));
        }
        let mut stream = UnixStream::connect(&self.socket).map_err(|error| {
            Failure::from(anyhow::Error::from(error).context(format!("cannot reach `{socket}`")))
                .hint("`pleach overlay serve` listens there once it is started, for its own user and root")
        })?;
        let lost = || format!("`{socket}` was lost, and it is not known what was done");
        // One that refuses at once does not read any more; what it says comes all the same.
        let sent = wire::write(&mut stream, Kind::Name, name.as_bytes())
            .and_then(|()| wire::write(&mut stream, Kind::Script, script.as_bytes()));
        loop {
            match wire::read(&mut stream).with_context(lost)? {
                Some((Kind::Out, bytes)) => out.write_all(&bytes)?,
                Some((Kind::Said, bytes)) => {
                    out.flush()?;
                    terminal::say(&bytes);
                }
                Some((Kind::Exit, bytes)) => {
                    let exit = bytes.first().and_then(|code| Exit::of(*code));
                    return exit.ok_or_else(|| anyhow!("`{socket}` ended with no known exit code").into());
                }
                _ => {
                    sent.with_context(lost)?;
                    return Err(anyhow!(lost()).into());
                }
            }
        }
    }
}
