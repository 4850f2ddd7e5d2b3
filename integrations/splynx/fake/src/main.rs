//! `pleach-fake-splynx`: the fake server on its own, to try Pleach against.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use clap::Parser;
use pleach_fake_splynx::{Data, Database, Fake, Options, Types, router};
use pleach_fault::{Fault, Faults, Line, with_faults};
use tokio::net::TcpListener;

/// A Splynx server that is not one: a generated database behind its API
#[derive(Debug, Parser)]
struct Arguments {
    /// How many internet services there are
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
    /// A fault, for all paths or those that begin like one: `bad-gateway`, `/api/2.0/admin/networking=not-found`
    #[arg(long)]
    fault: Vec<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut options = Options { services: arguments.services, seed: arguments.seed, ..Options::default() };
    if arguments.clean {
        (options.types, options.data) = (Types::Documented, Data::Clean);
    }
    let fake = Fake::new(Database::generate(&options));
    let faults = arguments.fault.iter().try_fold(Faults::none(), |faults, text| {
        let (path, word) =
            if text.starts_with('/') { text.split_once('=').unwrap_or((text, "")) } else { ("", text.as_str()) };
        let fault: Fault = word.parse().with_context(|| format!("--fault {text}"))?;
        anyhow::Ok(faults.and_on(path, fault))
    })?;
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port))).await?;
    let key = fake.key();
    println!("url = \"http://{}\"\nkey = \"{}\"\nsecret = \"{}\"", listener.local_addr()?, key.key, key.secret);
    let router = with_faults(router(&fake), faults).into_make_service_with_connect_info::<Line>();
    let served = axum::serve(listener, router).with_graceful_shutdown(async {
        let _ = tokio::signal::ctrl_c().await; // without it the server runs until it is killed
    });
    Ok(served.await?)
}
