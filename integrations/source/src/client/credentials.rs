//! What a request is allowed by.

use std::borrow::Cow;
use std::fmt::Debug;

use super::Client;
use crate::error::FetchError;
use crate::secret::Secret;
use crate::source::Future;

/// What proves to a server who asks: headers for each request, and a way to get new ones.
pub trait Credentials: Debug + Send + Sync {
    /// The headers of one request. They are asked for before each attempt, so that a counter may be in them.
    fn headers(&self) -> Result<Vec<(Cow<'static, str>, Secret)>, FetchError>;

    /// Gets new ones after the server did not accept what [`Credentials::headers`] gave (401): by [`Client::post`], which sends
    /// none. It is asked for once for each request that is refused, and once for all that are refused together.
    fn renew<'c>(&'c self, client: &'c Client) -> Future<'c, Result<Renewal, FetchError>> {
        let _ = client;
        Box::pin(async { Ok(Renewal::Impossible) })
    }
}

/// What came of renewing credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// There are new ones: the request is made again.
    Renewed,
    /// There are no others: the refusal stands.
    Impossible,
}

/// The same header each time: an API key.
#[derive(Clone, Debug)]
pub(crate) struct FixedHeader(pub(crate) Cow<'static, str>, pub(crate) Secret);

impl Credentials for FixedHeader {
    fn headers(&self) -> Result<Vec<(Cow<'static, str>, Secret)>, FetchError> {
        Ok(vec![(self.0.clone(), self.1.clone())])
    }
}

/// None: what is asked is for everybody.
#[derive(Clone, Debug)]
pub(crate) struct Nobody;

impl Credentials for Nobody {
    fn headers(&self) -> Result<Vec<(Cow<'static, str>, Secret)>, FetchError> {
        Ok(Vec::new())
    }
}
