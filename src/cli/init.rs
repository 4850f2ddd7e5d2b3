//! `pleach init`: a configuration and starter files that `check` passes.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;

use crate::exit::{Exit, Failure, HELP};

/// Write a commented pleach.toml and starter CSV files
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Init {
    /// Folder to write to; made if it is not there
    #[arg(default_value = ".")]
    folder: PathBuf,
}

/// What is written: name and text.
pub(crate) const TEMPLATES: [(&str, &str); 4] = [
    ("pleach.toml", include_str!("../../templates/pleach.toml")),
    ("ShapedDevices.csv", include_str!("../../templates/ShapedDevices.csv")),
    ("nodes.csv", include_str!("../../templates/nodes.csv")),
    ("links.csv", include_str!("../../templates/links.csv")),
];

impl Init {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let standing: Vec<&str> =
            TEMPLATES.iter().map(|(name, _)| *name).filter(|name| self.folder.join(name).exists()).collect();
        if !standing.is_empty() {
            let (folder, standing) = (self.folder.display(), standing.join(", "));
            let error = anyhow!("`{folder}` holds {standing} already, and nothing is overwritten");
            return Err(Failure::from(error).hint("name another folder: `pleach init DIR`"));
        }
        fs::create_dir_all(&self.folder).with_context(|| format!("cannot make `{}`", self.folder.display()))?;
        for (name, text) in TEMPLATES {
            write_new(&self.folder.join(name), text)?;
            writeln!(out, "wrote {}", self.folder.join(name).display())?;
        }
        writeln!(out, "next: edit them, then `pleach check` and `pleach export` in that folder")?;
        Ok(Exit::Done)
    }
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).open(path);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    Ok(written.with_context(|| format!("cannot write `{}`", path.display()))?)
}
