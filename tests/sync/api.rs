//! A small billing system with an HTTP API, and the source that reads it: what an engine that knows no source by name must
//! get along with.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use pleach_fault::{Faults, Server, with_faults};
use pleach_graph::{Code, GraphBuilder, Problem, Rate, Table};
use pleach_source::{Client, ClientSettings, Expect, FetchError, Future, ReadError, Snapshot, Source, Timestamp};
use serde::Deserialize;

/// The system: its customers can change, and it can have a bad night.
pub(crate) struct Api {
    customers: Arc<Mutex<String>>,
    pub(crate) faults: Faults,
    pub(crate) server: Server,
}

impl Api {
    pub(crate) fn with(customers: usize) -> Self {
        let customers = Arc::new(Mutex::new(listed(customers)));
        let shared = Arc::clone(&customers);
        let answer = move || {
            let shared = Arc::clone(&shared);
            async move { ([(CONTENT_TYPE, "application/json")], shared.lock().expect("whole").clone()) }
        };
        let faults = Faults::none();
        let router = with_faults(Router::new().route("/customers", get(answer)), faults.clone());
        Self { customers, faults, server: Server::start(router).expect("a free port") }
    }

    pub(crate) fn has(&self, customers: usize) {
        *self.customers.lock().expect("whole") = listed(customers);
    }

    /// A source that reads it and waits for nothing long.
    pub(crate) fn source(&self, name: &'static str) -> Box<dyn Source> {
        let settings = ClientSettings {
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_millis(1_500), // a busy machine must not be taken for a slow server
            overall_timeout: Duration::from_secs(4),
            retries: 1,
            largest_answer: pleach_graph::Bytes(8 << 20),
            ..ClientSettings::default()
        };
        let client = Client::builder(&self.server.url(), &settings).first_pause(Duration::from_millis(5)).build();
        Box::new(Customers { name, client: client.expect("good settings") })
    }
}

fn listed(customers: usize) -> String {
    let mut text = "[".to_owned();
    for n in 0..customers {
        let comma = if n == 0 { "" } else { "," };
        let (third, fourth) = (n / 200, n % 200 + 1);
        let _ =
            write!(text, r#"{comma}{{"id":{n},"name":"Customer {n}","address":"100.65.{third}.{fourth}","mbit":50}}"#);
    }
    text + "]"
}

#[derive(Debug)]
struct Customers {
    name: &'static str,
    client: Client,
}

#[derive(Deserialize)]
struct Customer {
    id: u64,
    name: String,
    address: String,
    mbit: u64,
}

impl Source for Customers {
    fn name(&self) -> &str {
        self.name
    }

    fn kind(&self) -> &'static str {
        "customers"
    }

    fn fetch(&self) -> Future<'_, Result<Snapshot, FetchError>> {
        Box::pin(async {
            let part = self.client.get("customers", &[], Expect::Array).await?;
            let (source, kind) = (self.name.to_owned(), self.kind().to_owned());
            Ok(Snapshot { source, kind, taken: Timestamp::now(), parts: vec![part] })
        })
    }

    fn read(&self, snapshot: &Snapshot, network: &mut GraphBuilder) -> Result<(), ReadError> {
        let (clients, devices) = (table(self.name, "client"), table(self.name, "device"));
        let part = &snapshot.parts[0];
        let mut elements = part.body.elements();
        let broken = |error: pleach_source::ElementsError| ReadError {
            address: part.address.clone(),
            reason: error.to_string(),
            hint: String::new(),
        };
        while let Some(element) = elements.next_element().map_err(broken)? {
            let Ok(Customer { id, name, address, mbit }) = element.decode() else {
                let problem = Problem::new(Code::BadRate, format!("record {} cannot be understood", element.index));
                network.report(problem);
                network.set_aside(None, Code::BadRate);
                continue;
            };
            let id = id.to_string();
            let rate = Rate::from_mbit(mbit);
            let _ = network.client(clients.id(&id), &name).plan(rate, rate).at_top();
            let _ = network.device(devices.id(&id), "").parent(clients.id(&id)).addresses(&address);
        }
        Ok(())
    }
}

fn table(source: &str, name: &str) -> Table {
    Table::new(source, name).expect("a word")
}
