//! A folder with a network, and runs of the engine in it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use pleach::config::Config;
use pleach::exit::{Exit, Failure};
use pleach::generations::Store;
use pleach::sources;
use pleach::sync::{self, Ended, From, Request};
use pleach_source::Timestamp;
use tempfile::TempDir;

use crate::effects::Watched;

/// A folder with a configuration and CSV files, a state folder and a folder to publish to.
pub(crate) struct Lab {
    _own: Option<TempDir>,
    folder: PathBuf,
}

const HEADER: &str = "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,Download Min Mbps,\
                      Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment\n";

impl Lab {
    /// A folder with this many circuits.
    pub(crate) fn new(circuits: usize) -> Self {
        let own = tempfile::tempdir().expect("a folder");
        let lab = Self { folder: own.path().to_owned(), _own: Some(own) };
        fs::create_dir(lab.path("out")).expect("made");
        lab.configure("");
        lab.write(
            "nodes.csv",
            "Site Name,Download Mbps,Upload Mbps,Parent Site Name\nTower A,900,900,\nTower B,500,400,Tower A\n",
        );
        lab.circuits(circuits);
        lab
    }

    /// A folder that another process made.
    pub(crate) fn at(folder: &Path) -> Self {
        Self { _own: None, folder: folder.to_owned() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Writes the configuration, with more keys for its shaper.
    pub(crate) fn configure(&self, shaper: &str) {
        let text = format!(
            "state = \"state\"\n[csv]\nshaped_devices = \"rows.csv\"\nnodes = \"nodes.csv\"\n[sync]\nhook = [\"true\"]\n\
             [[shaper]]\nname = \"main\"\nroot = \"Tower A\"\npublish = \"out\"\n{shaper}\n"
        );
        self.write("pleach.toml", &text);
    }

    /// Writes a configuration with this source alone.
    pub(crate) fn source(&self, source: &str) {
        self.write(
            "pleach.toml",
            &format!("state = \"state\"\n{source}\n[[shaper]]\nname = \"main\"\npublish = \"out\"\n"),
        );
    }

    /// Writes this many circuits.
    pub(crate) fn circuits(&self, count: usize) {
        let mut text = HEADER.to_owned();
        for n in 0..count {
            let (third, fourth) = (n / 200, n % 200 + 1);
            let _ = writeln!(text, "c{n},Customer {n},d{n},Router,Tower B,,100.64.{third}.{fourth},,1,1,50,50,");
        }
        self.write("rows.csv", &text);
    }

    pub(crate) fn config(&self) -> Config {
        Config::read(&self.path("pleach.toml")).expect("a configuration")
    }

    pub(crate) fn store(&self) -> Store {
        Store::at(&self.path("state"))
    }

    /// Runs a sync.
    pub(crate) fn sync(&self, effects: &mut Watched<'_>) -> Result<Ended, Failure> {
        let config = self.config();
        sync::run(&request(), &config, &sources::configured(&config).expect("good"), effects)
    }

    /// Runs a sync that has to end like this.
    #[track_caller]
    pub(crate) fn synced(&self, expected: Exit) -> Ended {
        let ended = self.sync(&mut Watched::new()).unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(ended.exit, expected, "{:?}", ended.failure);
        ended
    }

    /// Every generation is whole, the current one among them, and its files are published; its number.
    #[track_caller]
    pub(crate) fn assert_whole(&self) -> Option<u64> {
        let store = self.store();
        for number in store.numbers().expect("listed") {
            let generation = store.open(number).unwrap_or_else(|error| panic!("{number}: {error}"));
            generation.check().unwrap_or_else(|error| panic!("{number}: {error}"));
            generation.survey().unwrap_or_else(|error| panic!("{number}: {error}"));
        }
        let current = store.current().expect("a link")?;
        assert!(store.numbers().expect("listed").contains(&current), "the link leads to nothing");
        Some(current)
    }
}

pub(crate) fn request() -> Request {
    Request { now: Timestamp::now(), from: From::Sources, is_dry: false, is_strict: false, verb: "sync" }
}
