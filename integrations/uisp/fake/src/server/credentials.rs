//! Who may ask what.

use std::fmt;

/// Who may ask what. [`Credentials::default`] has one of each kind.
#[derive(Clone)]
pub struct Credentials {
    /// API tokens of the network side, in the header `x-auth-token`.
    pub tokens: Vec<(String, Scope)>,
    /// People who may log in.
    pub users: Vec<User>,
    /// App keys of the billing side, in the header `X-Auth-App-Key`.
    pub app_keys: Vec<(String, KeyType)>,
}

/// A person with a password.
#[derive(Clone)]
pub struct User {
    /// The user name.
    pub name: String,
    /// The password.
    pub password: String,
    /// What a session of theirs may do; nothing where a second factor is asked for, which the fake has not.
    pub scope: Option<Scope>,
}

/// What a token of the network side may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything, tokens too.
    Superadmin,
    /// Everything but tokens.
    Admin,
    /// Read.
    Guest,
    /// Nothing here: for people who use the CRM only. Status 403.
    Anonymous,
}

impl Scope {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Superadmin => "superadmin",
            Self::Admin => "admin",
            Self::Guest => "guest",
            Self::Anonymous => "anonymous",
        }
    }
}

/// What an app key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// GET. Status 403 for other methods.
    Read,
    /// All methods.
    Write,
}

impl Credentials {
    /// A token that may read.
    pub const TOKEN: &str = "fake-token";
    /// A token that may do everything.
    pub const SUPERADMIN_TOKEN: &str = "fake-superadmin-token";
    /// A token of somebody who may use the CRM only.
    pub const ANONYMOUS_TOKEN: &str = "fake-anonymous-token";
    /// An app key that may read.
    pub const APP_KEY: &str = "fake-app-key";
    /// An app key that may write.
    pub const WRITE_KEY: &str = "fake-write-key";
    /// Somebody who may log in.
    pub const USER: &str = "reader";
    /// Somebody of whom a second factor is asked.
    pub const TWO_FACTOR_USER: &str = "careful";
    /// The password of both.
    pub const PASSWORD: &str = "fake-password";

    /// The same with another token and another app key that may read.
    #[must_use]
    pub fn reading(mut self, token: &str, app_key: &str) -> Self {
        self.tokens.retain(|(old, _)| old != Self::TOKEN);
        self.tokens.push((token.to_owned(), Scope::Guest));
        self.app_keys.retain(|(old, _)| old != Self::APP_KEY);
        self.app_keys.push((app_key.to_owned(), KeyType::Read));
        self
    }
}

impl Default for Credentials {
    fn default() -> Self {
        let user = |name: &str, scope| User { name: name.to_owned(), password: Self::PASSWORD.to_owned(), scope };
        Self {
            tokens: vec![
                (Self::TOKEN.to_owned(), Scope::Guest),
                (Self::SUPERADMIN_TOKEN.to_owned(), Scope::Superadmin),
                (Self::ANONYMOUS_TOKEN.to_owned(), Scope::Anonymous),
            ],
            users: vec![user(Self::USER, Some(Scope::Guest)), user(Self::TWO_FACTOR_USER, None)],
            app_keys: vec![(Self::APP_KEY.to_owned(), KeyType::Read), (Self::WRITE_KEY.to_owned(), KeyType::Write)],
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tokens, users, keys) = (self.tokens.len(), self.users.len(), self.app_keys.len());
        write!(f, "Credentials({tokens} tokens, {users} users, {keys} app keys)")
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User({})", self.name)
    }
}
