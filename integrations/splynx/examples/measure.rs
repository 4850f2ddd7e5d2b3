//! Measures a sync's first half against a Splynx that runs elsewhere: `pleach-fake-splynx --services 50000 --clean`, say.
//!
//! ```sh
//! cargo run --release -p pleach-splynx --example measure -- http://127.0.0.1:40123 KEY SECRET [token|signature|basic]
//! ```

use std::time::Instant;

use pleach_graph::{Census, NetworkGraph, Policy};
use pleach_source::Source as _;
use pleach_splynx::{SplynxSettings, SplynxSource};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, key, secret, rest @ ..] = arguments.as_slice() else {
        return Err("usage: measure URL KEY SECRET [token|signature|basic]".into());
    };
    let auth = rest.first().map_or("token", String::as_str);
    let settings: SplynxSettings =
        toml::from_str(&format!("url = {url:?}\nkey = {key:?}\nsecret = {secret:?}\nauth = {auth:?}"))?;
    let state = tempfile::tempdir()?;
    let source = SplynxSource::new(settings, state.path())?;

    let start = Instant::now();
    let snapshot = source.fetch().await?;
    let fetched = Instant::now();
    let mut builder = NetworkGraph::builder();
    source.read(&snapshot, &mut builder)?;
    let read = Instant::now();
    let (network, problems) = builder.build();
    let joined = Instant::now();
    let census = Census::take(&network, &Policy::default());
    let counted = Instant::now();

    let bytes: u64 = snapshot.parts.iter().map(|part| part.body.len()).sum();
    println!("answers  {} pages, {bytes} bytes", snapshot.parts.len());
    println!("fetch    {:?}", fetched - start);
    println!("read     {:?}", read - fetched);
    println!("join     {:?}", joined - read);
    println!("census   {:?}", counted - joined);
    println!("circuits {:?}, {} problems", census.counts(), problems.len());
    let status = std::fs::read_to_string("/proc/self/status")?;
    println!("memory   {}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
    Ok(())
}
