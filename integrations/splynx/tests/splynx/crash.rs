//! A process that is killed while it signs requests leaves no nonce to be used again.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use pleach_splynx::auth::{NonceUnit, Nonces};

const FOLDER: &str = "PLEACH_TEST_NONCES";

/// Not a test of its own: what the process that is killed does.
#[test]
fn signs_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let mut nonces = Nonces::open(&folder, "key", NonceUnit::Hundredths).expect("nobody else has them");
    loop {
        println!("nonce {}", nonces.next(SystemTime::now()).expect("it can be remembered"));
    }
}

#[test]
fn killed_at_any_moment_it_never_uses_a_nonce_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut last = 0;
    for lines in [1, 7, 199, 200, 201, 450] {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "crash::signs_until_it_is_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let out = BufReader::new(child.stdout.take().expect("piped")).lines();
        let used = out.map_while(Result::ok).filter_map(|line| line.split("nonce ").nth(1)?.parse::<u64>().ok());
        for (count, nonce) in used.enumerate() {
            assert!(nonce > last, "{nonce} after {last}");
            last = nonce;
            if count == lines {
                child.kill().expect("it runs");
            }
        }
        child.wait().expect("killed");
    }
}
