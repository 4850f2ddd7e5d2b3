//! What a running server knows, shared with whoever tries it.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::auth::{ApiKey, Callers};
use super::list::Filtered;
use crate::database::{Database, Table};

/// A fake server and its database. Clones are one and the same.
#[derive(Clone, Debug)]
pub struct Fake(Arc<Mutex<State>>);

pub(crate) struct State {
    pub(crate) database: Database,
    pub(crate) filtered: Filtered,
    pub(crate) callers: Callers,
    pub(crate) token_lifetime: u64,
    pub(crate) largest_page: usize,
    ahead: Duration,
    /// Where all callers seem to be.
    pub(crate) seen_at: Option<IpAddr>,
    changes: Vec<(Table, u32, Change)>,
    /// Pages that were asked, by table.
    pages: BTreeMap<Table, u32>,
    requests: Vec<String>,
    under_way: u32,
    most_under_way: u32,
}

type Change = Box<dyn FnOnce(&mut Database) + Send>;

/// Half an hour.
const TOKEN_LIFETIME: u64 = 30 * 60;

impl Fake {
    /// A server with this database and the key of [`ApiKey::default`].
    pub fn new(database: Database) -> Self {
        Self(Arc::new(Mutex::new(State {
            database,
            filtered: Filtered::default(),
            callers: Callers::default(),
            token_lifetime: TOKEN_LIFETIME,
            largest_page: usize::MAX,
            ahead: Duration::ZERO,
            seen_at: None,
            changes: Vec::new(),
            pages: BTreeMap::new(),
            requests: Vec::new(),
            under_way: 0,
            most_under_way: 0,
        })))
    }

    /// Changes the key, or what it may do.
    pub fn change_key(&self, change: impl FnOnce(&mut ApiKey)) {
        change(&mut self.state().callers.key);
    }

    /// The key.
    pub fn key(&self) -> ApiKey {
        self.state().callers.key.clone()
    }

    /// The database as it is now.
    pub fn database(&self) -> Database {
        self.state().database.clone()
    }

    /// Before the `nth` page of a table is answered, counted from 1, the database changes.
    pub fn change_before(&self, table: Table, nth: u32, change: impl FnOnce(&mut Database) + Send + 'static) {
        self.state().changes.push((table, nth, Box::new(change)));
    }

    /// Tokens live for this long from now on.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.state().token_lifetime = lifetime.as_secs();
    }

    /// The server's clock goes ahead by this much.
    pub fn advance(&self, by: Duration) {
        self.state().ahead += by;
    }

    /// All callers seem to come from this address from now on, as when a router before them changes its own.
    pub fn see_callers_at(&self, address: IpAddr) {
        self.state().seen_at = Some(address);
    }

    /// All tokens are refused from now on.
    pub fn ban_tokens(&self) {
        self.state().callers.ban_tokens();
    }

    /// How many tokens were given out.
    pub fn tokens_issued(&self) -> u64 {
        self.state().callers.issued()
    }

    /// No page has more rows than this, whatever limit is asked for.
    pub fn set_largest_page(&self, rows: usize) {
        self.state().largest_page = rows;
    }

    /// What it was asked so far: method and path below `/api/2.0/admin/`, without the query.
    pub fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// How many requests were under way at a time, at most.
    pub fn most_under_way(&self) -> u32 {
        self.state().most_under_way
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        (SystemTime::now() + self.ahead).duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
    }

    pub(crate) fn begin(&mut self, request: String) {
        self.requests.push(request);
        self.under_way += 1;
        self.most_under_way = self.most_under_way.max(self.under_way);
    }

    pub(crate) fn end(&mut self) {
        self.under_way -= 1;
    }

    /// Counts a page, and makes the changes that were to come before it.
    pub(crate) fn before_page(&mut self, table: Table) {
        let page = self.pages.entry(table).or_default();
        *page += 1;
        let page = *page;
        let (due, later) =
            std::mem::take(&mut self.changes).into_iter().partition(|(of, nth, _)| (*of, *nth) == (table, page));
        self.changes = later;
        for (_, _, change) in Vec::from_iter::<Vec<_>>(due) {
            change(&mut self.database);
            self.filtered.forget();
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("requests", &self.requests.len()).finish_non_exhaustive()
    }
}
