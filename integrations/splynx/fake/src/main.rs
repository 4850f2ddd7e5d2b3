//! `pleach-fake-splynx`: the fake server on its own, to try Pleach against.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use clap::Parser;
use pleach_fake_splynx::{Data, Database, Fake, Options, Types, router};
use pleach_fault::{Fault, Faults, Line, with_faults};
use tokio::net::TcpListener;

/// A Splynx server that is not one: a generated database behind its API
#[derive(Debug, Parser)]
struct Arguments {
    /// How many internet services there are, of every status
    #[arg(long, default_value_t = 500)]
    services: u64,
    /// Equal seeds give equal databases
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The port on 127.0.0.1; 0 is any that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Clean data in the documented types, instead of what years of work leave
    #[arg(long)]
    clean: bool,
    /// What goes wrong, for all requests or those whose path begins so; may be given several times
    #[arg(long, value_name = "WORD[@PATH]", value_parser = rule)]
    fault: Vec<(Fault, String)>,
}

/// `bad-gateway`, `bad-gateway@/api/2.0/admin/networking`.
fn rule(text: &str) -> Result<(Fault, String), String> {
    let (word, path) = text.split_once('@').unwrap_or((text, ""));
    let fault = word.parse::<Fault>().map_err(|error| error.to_string())?;
    if path.is_empty() || path.starts_with('/') {
        Ok((fault, path.to_owned()))
    } else {
        Err(format!("`{path}` is no path; write `{word}@/api/2.0/admin/{path}`"))
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut options = Options { services: arguments.services, seed: arguments.seed, ..Options::default() };
    if arguments.clean {
        (options.types, options.data) = (Types::Documented, Data::Clean);
    }
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port))).await;
    let listener = listener.with_context(|| format!("cannot listen on port {}", arguments.port))?;
    let faults = arguments.fault.iter().fold(Faults::none(), |all, (fault, path)| all.and_on(path, fault.clone()));
    let fake = Fake::new(Database::generate(&options));
    let (key, url) = (fake.key(), format!("http://{}", listener.local_addr()?));
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on {url}\n{} services\n\nput this into pleach.toml:\n", arguments.services)?;
    writeln!(out, "[splynx]\nurl = \"{url}\"\nkey = \"{}\"\nsecret = \"{}\"", key.key, key.secret)?;
    out.flush()?;
    drop(out);
    let router = with_faults(router(&fake), faults).into_make_service_with_connect_info::<Line>();
    axum::serve(listener, router).await.context("cannot serve")
}
