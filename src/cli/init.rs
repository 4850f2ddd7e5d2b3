//! `pleach init`: a configuration and starter files that `check` passes; or what runs `sync` on this host.

use std::env;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{self, Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;

use super::inputs::{config_path, read_config, say_exposure};
use crate::config::SEARCHED;
use crate::exit::{Exit, Failure, HELP};
use crate::units::{self, Places, UnitFile, WRITTEN_HERE};

/// Write a commented pleach.toml and starter CSV files; or the units or the cron line that sync a configuration
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Init {
    /// Folder to write to; made if it is not there
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Write, instead, the systemd units that run `pleach sync`, with what the configuration needs of this host; where the
    /// package has the units, only the latter
    #[arg(long, value_name = "DIR", conflicts_with = "folder")]
    systemd: Option<PathBuf>,
    /// Write, instead, the line for a file such as /etc/cron.d/pleach
    #[arg(long, value_name = "FILE", conflicts_with_all = ["folder", "systemd"])]
    cron: Option<PathBuf>,
    /// The configuration that is synced [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    config: Option<PathBuf>,
}

/// What is written: name and text.
pub(crate) const TEMPLATES: [(&str, &str); 4] = [
    ("pleach.toml", include_str!("../../templates/pleach.toml")),
    ("ShapedDevices.csv", include_str!("../../templates/ShapedDevices.csv")),
    ("nodes.csv", include_str!("../../templates/nodes.csv")),
    ("links.csv", include_str!("../../templates/links.csv")),
];

/// Where the package puts its units.
const PACKAGED: &str = "/usr/lib/systemd/system/pleach-sync.service";

impl Init {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        match (&self.systemd, &self.cron) {
            (Some(folder), _) => self.write_units(out, folder),
            (None, Some(file)) => self.write_cron_line(out, file),
            (None, None) => self.write_templates(out),
        }
    }

    fn write_templates(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        if self.config.is_some() {
            let error = anyhow!("`--config` says what `--systemd` or `--cron` is for, and neither is there");
            return Err(Failure::usage(error));
        }
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

    fn write_units(&self, out: &mut dyn Write, folder: &Path) -> Result<Exit, Failure> {
        let (program, path) = self.places()?;
        let config = read_config(Some(&path))?;
        say_exposure(&config);
        let credentials = path.parent().unwrap_or(Path::new("/")).join("credentials");
        let is_packaged = Path::new(PACKAGED).exists();
        if is_packaged {
            writeln!(out, "the package has the units already, beside `{PACKAGED}`")?;
        } else {
            let places = Places { program: &program, config: &path, credentials: &credentials };
            for file in units::units(&places) {
                write_unit(out, folder, &file)?;
            }
            make_credentials(out, &credentials)?;
        }
        let drop_ins = units::drop_ins(&config, &path);
        if drop_ins.is_empty() {
            writeln!(out, "`{}` needs nothing beyond them", path.display())?;
        }
        for file in &drop_ins {
            write_unit(out, folder, file)?;
        }
        if !is_packaged {
            let user = r#"systemd-sysusers --inline 'u pleach - "Pleach" /var/lib/pleach'"#;
            writeln!(out, "next: `{user}`, if there is no user `pleach` yet")?;
        }
        writeln!(out, "next: `systemctl daemon-reload`, then `systemctl enable --now pleach-sync.timer`")?;
        Ok(Exit::Done)
    }

    fn write_cron_line(&self, out: &mut dyn Write, file: &Path) -> Result<Exit, Failure> {
        let (program, path) = self.places()?;
        say_exposure(&read_config(Some(&path))?);
        write_new(file, &units::cron_line(&Places { program: &program, config: &path, credentials: Path::new("") }))?;
        writeln!(out, "wrote {}", file.display())?;
        Ok(Exit::Done)
    }

    /// Where this program and the configuration are.
    fn places(&self) -> Result<(PathBuf, PathBuf), Failure> {
        let program = env::current_exe().context("cannot tell where this program is")?;
        let Some(named) = config_path(self.config.as_deref()) else {
            let [here, system] = SEARCHED;
            let error = anyhow!("no configuration to sync: there is no `{here}` here and no `{system}`");
            return Err(Failure::usage(error).hint("name it: `--config FILE`"));
        };
        let path = path::absolute(&named).with_context(|| format!("cannot tell where `{}` is", named.display()))?;
        for path in [&program, &path] {
            if path.to_str().is_none_or(|text| text.contains(char::is_control)) {
                let error = anyhow!("`{}` cannot stand in a line of text", path.display());
                return Err(Failure::from(error).hint("give it a name of printable characters"));
            }
        }
        Ok((program, path))
    }
}

/// Writes a unit that is not there yet; one that was written here may be replaced.
fn write_unit(out: &mut dyn Write, folder: &Path, file: &UnitFile) -> Result<(), Failure> {
    let path = folder.join(file.name);
    let standing = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        read => Some(read.with_context(|| format!("cannot read `{}`", path.display()))?),
    };
    match standing {
        Some(text) if text == file.text => writeln!(out, "unchanged {}", path.display())?,
        Some(text) if !text.starts_with(WRITTEN_HERE) => {
            let error =
                anyhow!("`{}` is there already and says something else, and it is not overwritten", path.display());
            return Err(Failure::from(error).hint("move it away, or name another folder"));
        }
        Some(_) => {
            fs::write(&path, &file.text).with_context(|| format!("cannot write `{}`", path.display()))?;
            writeln!(out, "wrote {}", path.display())?;
        }
        None => {
            let folder = path.parent().unwrap_or(Path::new(""));
            fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
            write_new(&path, &file.text)?;
            writeln!(out, "wrote {}", path.display())?;
        }
    }
    Ok(())
}

/// The folder that the unit takes credentials from: it does not start where there is none.
fn make_credentials(out: &mut dyn Write, folder: &Path) -> Result<(), Failure> {
    const ITS_OWNER_ONLY: u32 = 0o700;
    match DirBuilder::new().mode(ITS_OWNER_ONLY).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => {
            made.with_context(|| format!("cannot make `{}`", folder.display()))?;
            Ok(writeln!(out, "made {}", folder.display())?)
        }
    }
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).open(path);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    Ok(written.with_context(|| format!("cannot write `{}`", path.display()))?)
}
