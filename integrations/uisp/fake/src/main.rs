//! Serves a generated network as UISP would.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use pleach_fake_uisp::{Billing, Bodies, Credentials, Fake, List, Network, Options, Quirk, Quirks, Size};
use pleach_fault::{Fault, Faults, Server};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// Serves a generated network as UISP would, until it is interrupted
#[derive(Parser)]
#[command(name = "pleach-fake-uisp", after_long_help = quirks_help())]
struct Arguments {
    /// How many client sites there are, at most a million
    #[arg(long, default_value_t = 500)]
    clients: usize,
    /// Equal seeds give equal networks
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The port of 127.0.0.1 to listen on; 0 is any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Serve the billing side too
    #[arg(long)]
    crm: bool,
    /// What is odd about the answers: all, none, or words with commas between them
    #[arg(long, default_value = "none")]
    quirks: Quirks,
    /// What goes wrong, for all requests or those whose path begins so; may be given several times
    #[arg(long, value_name = "WORD[@PATH]", value_parser = rule)]
    fault: Vec<(Fault, String)>,
    /// How long records are: `small` is about 0.7 KB a device, `faithful` 3 to 5 KB
    #[arg(long, default_value_t = Size::Faithful)]
    body: Size,
    /// Speak HTTPS, with this certificate and its key (PEM)
    #[arg(long, num_args = 2, value_names = ["CERT", "KEY"])]
    tls: Option<Vec<PathBuf>>,
    /// The API token that may read
    #[arg(long, default_value = Credentials::TOKEN)]
    token: String,
    /// The app key of the billing side that may read
    #[arg(long, default_value = Credentials::APP_KEY)]
    app_key: String,
}

fn quirks_help() -> String {
    let mut help = "Quirks:".to_owned();
    for quirk in Quirk::ALL {
        let _ = write!(help, "\n  {quirk:<21} {}", quirk.meaning().trim_end_matches('.'));
    }
    help
}

/// `bad-gateway`, `bad-gateway@/nms/api/v2.1/sites`.
fn rule(text: &str) -> Result<(Fault, String), String> {
    let (word, path) = text.split_once('@').unwrap_or((text, ""));
    let fault = word.parse::<Fault>().map_err(|error| error.to_string())?;
    if path.is_empty() || path.starts_with('/') {
        Ok((fault, path.to_owned()))
    } else {
        Err(format!("`{path}` is no path; write `{word}@/nms/api/v2.1/{path}`"))
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let options = Options {
        clients: arguments.clients,
        seed: arguments.seed,
        size: arguments.body,
        billing: if arguments.crm { Billing::Crm } else { Billing::None },
        quirks: arguments.quirks,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port));
    let listener = listener.with_context(|| format!("cannot listen on port {}", arguments.port))?;
    let faults = arguments.fault.iter().fold(Faults::none(), |all, (fault, path)| all.and_on(path, fault.clone()));
    let bodies = Bodies::prepare(&Network::generate(&options));
    let counts = [(List::Sites, "sites"), (List::Devices, "devices"), (List::DataLinks, "data links")];
    let counts = counts.map(|(list, name)| format!("{} {name}", bodies.count(list))).join(", ");

    let fake = Fake::with_credentials(bodies, Credentials::default().reading(&arguments.token, &arguments.app_key));
    let server = match arguments.tls.as_deref() {
        Some([certificate, key]) => serve_tls(&fake, listener, faults, certificate, key),
        _ => fake.serve(listener, faults).context("cannot serve"),
    }?;
    announce(&arguments, &server, &counts)?;
    loop {
        std::thread::park(); // the server has a thread of its own; an interrupt ends the program
    }
}

fn serve_tls(fake: &Fake, listener: TcpListener, faults: Faults, certificate: &Path, key: &Path) -> Result<Server> {
    let unreadable = |path: &Path| format!("cannot read `{}`", path.display());
    let certificate = CertificateDer::from_pem_file(certificate).with_context(|| unreadable(certificate))?;
    let key = PrivatePkcs8KeyDer::from_pem_file(key).with_context(|| unreadable(key))?;
    fake.serve_tls(listener, faults, &certificate, key.secret_pkcs8_der()).context("cannot serve with this certificate")
}

/// Where it listens, what it serves, and what to put into `pleach.toml`.
fn announce(arguments: &Arguments, server: &Server, counts: &str) -> Result<()> {
    let url = server.url();
    let mut text = format!("listening on {url}\n{counts}\n\nput this into pleach.toml:\n\n");
    let _ = writeln!(text, "[uisp]\nurl = \"{url}\"\ntoken = \"{}\"", arguments.token);
    if let Some([certificate, _]) = arguments.tls.as_deref() {
        let _ = writeln!(text, "ca_file = {:?}", certificate.display().to_string());
    }
    if arguments.crm {
        let _ = writeln!(text, "app_key = \"{}\"", arguments.app_key);
    }
    let _ = writeln!(text, "\n[addresses]\nignore = [\"10.0.0.0/8\"] # the network's own equipment");
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("cannot write to stdout")
}
