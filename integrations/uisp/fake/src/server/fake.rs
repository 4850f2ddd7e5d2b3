//! The server's state, and what tests may do to it while it runs.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use pleach_fault::{Faults, Server, with_faults};

use super::credentials::{Credentials, KeyType, Scope, User};
use super::refusal::Refusal;
use super::{crm, nms};
use crate::bodies::Bodies;

/// A UISP that answers with prepared bodies. Clones are one and the same.
#[derive(Clone, Debug)]
pub struct Fake(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    bodies: Arc<Bodies>,
    /// After so many more answers, other bodies.
    later: VecDeque<(u64, Arc<Bodies>)>,
    credentials: Credentials,
    sessions: HashMap<String, Scope>,
    sessions_begun: u64,
}

impl Fake {
    /// A server for these bodies, with [`Credentials::default`].
    pub fn new(bodies: Bodies) -> Self {
        Self::with_credentials(bodies, Credentials::default())
    }

    /// A server for these bodies.
    pub fn with_credentials(bodies: Bodies, credentials: Credentials) -> Self {
        let (bodies, later, sessions) = (Arc::new(bodies), VecDeque::new(), HashMap::new());
        Self(Arc::new(Mutex::new(State { bodies, later, credentials, sessions, sessions_begun: 0 })))
    }

    /// Its routes.
    pub fn router(&self) -> Router {
        let missing = || async { Refusal::not_found().into_nms() };
        Router::new()
            .nest("/nms/api/v2.1", nms::routes(self.clone()))
            .nest("/crm/api/v1.0", crm::routes(self.clone()))
            .fallback(missing)
    }

    /// Starts it on a free port of 127.0.0.1, until the returned server is dropped. `faults` counts the requests.
    pub fn start(&self, faults: Faults) -> io::Result<Server> {
        Server::start(with_faults(self.router(), faults))
    }

    /// The same where the caller listens.
    pub fn serve(&self, listener: TcpListener, faults: Faults) -> io::Result<Server> {
        Server::serve(listener, with_faults(self.router(), faults))
    }

    /// The same over TLS, with a certificate (DER) and its key (PKCS #8, DER).
    pub fn serve_tls(
        &self,
        listener: TcpListener,
        faults: Faults,
        certificate: &[u8],
        key: &[u8],
    ) -> io::Result<Server> {
        Server::serve_tls(listener, with_faults(self.router(), faults), certificate, key)
    }

    /// From now on it answers with these bodies.
    pub fn replace(&self, bodies: Bodies) {
        let mut state = self.state();
        state.later.clear();
        state.bodies = Arc::new(bodies);
    }

    /// After so many more answers to requests for lists and records it answers with these bodies: a network that changes while
    /// it is read. Counted from the change before it, where there is one to come.
    pub fn replace_after(&self, answers: u64, bodies: Bodies) {
        self.state().later.push_back((answers, Arc::new(bodies)));
    }

    /// From now on others may ask. Sessions go on.
    pub fn set_credentials(&self, credentials: Credentials) {
        self.state().credentials = credentials;
    }

    /// Ends every session that a login began: its token is no longer valid.
    pub fn end_sessions(&self) {
        self.state().sessions.clear();
    }

    /// What the next answer is made from.
    pub(super) fn next_bodies(&self) -> Arc<Bodies> {
        let mut state = self.state();
        while let Some((0, _)) = state.later.front() {
            let (_, bodies) = state.later.pop_front().expect("invariant: there is a first one");
            state.bodies = bodies;
        }
        if let Some((answers_before, _)) = state.later.front_mut() {
            *answers_before -= 1;
        }
        state.bodies.clone()
    }

    pub(super) fn bodies(&self) -> Arc<Bodies> {
        self.state().bodies.clone()
    }

    pub(super) fn scope_of(&self, token: &str) -> Option<Scope> {
        let state = self.state();
        let listed = state.credentials.tokens.iter().find(|(other, _)| other == token).map(|(_, scope)| *scope);
        listed.or_else(|| state.sessions.get(token).copied())
    }

    pub(super) fn tokens(&self) -> Vec<Scope> {
        self.state().credentials.tokens.iter().map(|(_, scope)| *scope).collect()
    }

    pub(super) fn key_type_of(&self, key: &str) -> Option<KeyType> {
        self.state().credentials.app_keys.iter().find(|(other, _)| other == key).map(|(_, key_type)| *key_type)
    }

    /// Somebody who knows their password.
    pub(super) fn user(&self, name: &str, password: &str) -> Option<User> {
        let state = self.state();
        state.credentials.users.iter().find(|user| user.name == name && user.password == password).cloned()
    }

    /// A token for a session.
    pub(super) fn begin_session(&self, scope: Scope) -> String {
        let mut state = self.state();
        state.sessions_begun += 1;
        let token = format!("fake-session-{}", state.sessions_begun);
        state.sessions.insert(token.clone(), scope);
        token
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
