//! A folder, the files in it, and the binary run in it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The header of a ShapedDevices.csv.
pub(crate) const HEADER: &str = "Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,Download Min Mbps,\
                          Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment\n";

/// A folder of its own for each test.
pub(crate) struct Folder {
    dir: TempDir,
}

impl Folder {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a folder") }
    }

    /// A folder with the network that `pleach init` writes.
    pub(crate) fn started() -> Self {
        let folder = Self::new();
        folder.pleach(&["init"]).code(0);
        folder
    }

    /// A folder with two towers, `Tower A` and below it `Tower B`, and circuits `c100`, `c101`, … at `Tower B`.
    pub(crate) fn with_circuits(count: usize) -> Self {
        let folder = Self::new();
        folder.write("pleach.toml", "[csv]\nshaped_devices = \"ShapedDevices.csv\"\nnodes = \"nodes.csv\"\n");
        folder.write(
            "nodes.csv",
            "Site Name,Download Mbps,Upload Mbps,Parent Site Name\nTower A,900,900,\nTower B,500,400,Tower A\n",
        );
        folder.write_circuits(count);
        folder
    }

    /// Replaces the circuits by this many.
    pub(crate) fn write_circuits(&self, count: usize) {
        self.write("ShapedDevices.csv", circuits(count));
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A path in it.
    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// The text of a file.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// All files and folders below, by name; a folder ends with `/`.
    pub(crate) fn files(&self, below: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![self.join(below)];
        while let Some(folder) = open.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries {
                let path = entry.expect("listed").path();
                let name = path.strip_prefix(self.path()).expect("below").display().to_string();
                if path.is_dir() {
                    open.push(path);
                    found.push(format!("{name}/"));
                } else {
                    found.push(name);
                }
            }
        }
        found.sort();
        found
    }

    /// Bytes, inode and times of every file below: equal if nothing was touched.
    pub(crate) fn fingerprint(&self, below: &str) -> Vec<(String, Vec<u8>, u64, i64, i64)> {
        let files = self.files(below).into_iter().filter(|name| !name.ends_with('/'));
        let print = |name: String| {
            let path = self.join(&name);
            let meta = fs::metadata(&path).expect("there");
            (name, fs::read(&path).expect("read"), meta.ino(), meta.mtime(), meta.mtime_nsec())
        };
        files.map(print).collect()
    }

    /// Runs `pleach` in this folder.
    pub(crate) fn pleach(&self, arguments: &[&str]) -> Run {
        self.run(self.command(env!("CARGO_BIN_EXE_pleach")).args(arguments))
    }

    /// Runs a shell command in this folder; `$PLEACH` is the binary.
    pub(crate) fn sh(&self, script: &str) -> Run {
        self.run(self.command("bash").args(["-c", script]))
    }

    /// A command that starts in this folder, with an environment that does not depend on the host.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).env("PLEACH", env!("CARGO_BIN_EXE_pleach"));
        command.env("COLUMNS", "100").env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, command: &mut Command) -> Run {
        let Output { status, stdout, stderr } = command.output().expect("the command starts");
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let text = text.replace(env!("CARGO_BIN_EXE_pleach"), "{bin}");
            text.replace(&self.path().display().to_string(), "{dir}")
        };
        Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }
}

/// What a run returned and printed.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// It ended with this exit code.
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert_eq!(self.code, Some(expected), "exit code\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// It printed exactly this on standard output.
    #[track_caller]
    pub(crate) fn stdout(self, expected: &str) -> Self {
        same("stdout", expected, &self.stdout);
        self
    }

    /// It printed exactly this on standard error.
    #[track_caller]
    pub(crate) fn stderr(self, expected: &str) -> Self {
        same("stderr", expected, &self.stderr);
        self
    }

    /// Nothing on standard error.
    #[track_caller]
    pub(crate) fn quiet(self) -> Self {
        self.stderr("")
    }

    /// What it printed on standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}:\n{}", self.stdout))
    }
}

#[track_caller]
fn same(what: &str, expected: &str, printed: &str) {
    assert!(expected == printed, "{what} should be\n{expected}\nand is\n{printed}");
}

/// A ShapedDevices.csv with circuits `c100`, `c101`, … at `Tower B`.
pub(crate) fn circuits(count: usize) -> String {
    let row = |n: usize| {
        let (third, fourth) = (n / 200, n % 200 + 1);
        format!("c{0},Customer {0},d{0},Router,Tower B,,100.64.{third}.{fourth},,1,1,50,50,\n", n + 100)
    };
    HEADER.to_owned() + &(0..count).map(row).collect::<String>()
}

/// A command that runs as somebody who is not root, or why that cannot be tried. The folder is opened to everybody.
pub(crate) fn as_nobody(folder: &Folder, program: &str) -> Result<Command, String> {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65534;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("set");
    let is_root = fs::metadata("/proc/self").expect("proc").uid() == 0;
    let command = |program: &str| {
        let mut command = folder.command(program);
        if is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    };
    match command(env!("CARGO_BIN_EXE_pleach")).arg("--version").stdout(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(command(program)),
        Ok(status) => Err(format!("the binary does not run for an ordinary user: {status}")),
        Err(error) => Err(format!("cannot start the binary as an ordinary user: {error}")),
    }
}

/// Says why a test is skipped.
pub(crate) fn skip(why: &str) {
    println!("skipped: {why}");
}
