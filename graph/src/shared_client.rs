//! Several services that are sold for one client, of which nothing says whose its addresses are.

use crate::builder::GraphBuilder;
use crate::id::NodeId;
use crate::node::{PlanRate, Text};
use crate::problem::{Code, Problem};

/// A client with several services in use. It has the rates of the first; an override that says which addresses are another
/// one's makes that a circuit of its own. What is left of several is a problem when the network is built.
#[derive(Clone, Debug)]
pub struct SharedClient {
    /// The client.
    pub client: NodeId,
    /// What it is called.
    pub name: Text,
    /// The services, the one that counts first.
    pub services: Vec<SharedService>,
    /// The document that the client was read from.
    pub document: Text,
    /// What to do about it where it is.
    pub hint: &'static str,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct SharedService {
    /// Its id: that of its circuit, if it gets one.
    pub id: NodeId,
    /// Its name.
    pub name: Text,
    /// It in a few words: its name, number and rates.
    pub described: String,
    /// Its rate towards the subscriber.
    pub down: PlanRate,
    /// Its rate from the subscriber.
    pub up: PlanRate,
    /// Why its rates are as they are.
    pub reasons: Vec<String>,
}

/// Names the clients that share several services still.
pub(crate) fn report(builder: &mut GraphBuilder) {
    for SharedClient { client, name, services, document, hint } in std::mem::take(&mut builder.shared_clients) {
        if services.len() < 2 {
            continue;
        }
        let all: Vec<&str> = services.iter().map(|service| service.described.as_str()).collect();
        let message =
            format!("client `{name}` has several services in use: {}; it gets the rates of the first", all.join(", "));
        let hint = format!("{hint}, or say in an override which addresses are one's: `id = \"{}\"`", services[0].id);
        builder
            .problems
            .push(Problem::new(Code::SeveralServices, message).at(&document, 0).record(&client).hint(&hint));
    }
}
