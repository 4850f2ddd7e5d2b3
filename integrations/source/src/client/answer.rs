//! What is taken of an answer.

use std::io::{self, Read};
use std::ops::Deref;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, LAST_MODIFIED, RETRY_AFTER};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::cause::classify;
use super::exchange::Begun;
use super::intake::{Encoding, Intake, Refusal, Size, Sizes};
use super::reply::Reply;
use super::retry;
use super::settings::ClientSettings;
use crate::body::Body;
use crate::error::{FetchError, Quote, Waiting};
use crate::json::{Expect, Wrong};
use crate::snapshot::Part;

/// What is wanted of an answer.
pub(crate) trait Want: Sync {
    /// What is taken of it.
    type Taken: Send;

    /// Takes it.
    fn take(
        &self,
        begun: Begun,
        settings: &ClientSettings,
    ) -> impl Future<Output = Result<Self::Taken, FetchError>> + Send;
}

/// A JSON document for a snapshot.
pub(crate) struct Records<'n> {
    pub(crate) name: &'n str,
    pub(crate) expect: Expect,
    /// The keys whose values are not kept.
    pub(crate) withheld: &'static [&'static str],
}

/// A document that may be known already.
pub(crate) struct Document<'n> {
    pub(crate) records: Records<'n>,
    /// Whether it was asked for only if it has changed.
    pub(crate) is_conditional: bool,
}

/// Which version of a document an answer was, as the server tells them apart (RFC 9110, section 8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// `ETag`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// What became of asking for a document that may be known already.
#[derive(Debug)]
pub enum Fetched {
    /// It is what it was (304).
    Unchanged,
    /// It is new, and of this version.
    New(Part, Version),
}

/// A small JSON object, and the headers.
pub(crate) struct Small;

/// The headers alone.
pub(crate) struct Header;

/// The largest small object: a login answers with the user and what it may do, which is a few KiB.
const LARGEST_SMALL: u64 = 1 << 20;

/// How long the words of a server that refuses are waited for.
const PATIENCE_WITH_ERRORS: Duration = Duration::from_secs(5);

/// How many bytes on the line are read of them.
const LARGEST_ERROR: usize = 64 << 10;

impl Want for Records<'_> {
    type Taken = Part;

    async fn take(&self, begun: Begun, settings: &ClientSettings) -> Result<Part, FetchError> {
        let status = begun.response.status().as_u16();
        if status != 200 {
            return Err(begun.refused().await);
        }
        let address = begun.asked.address.clone();
        let sizes = Sizes { largest_download: settings.largest_download.0, largest_answer: settings.largest_answer.0 };
        let (body, records) = begun.body(sizes, self.expect, self.withheld).await?;
        let records = (self.expect == Expect::Array).then_some(records);
        Ok(Part { name: self.name.trim_matches('/').to_owned(), address, status: Some(status), records, body })
    }
}

impl Want for Document<'_> {
    type Taken = Fetched;

    async fn take(&self, begun: Begun, settings: &ClientSettings) -> Result<Fetched, FetchError> {
        if begun.response.status().as_u16() == 304 && self.is_conditional {
            return Ok(Fetched::Unchanged);
        }
        let version = Version {
            etag: begun.header(ETAG).map(str::to_owned),
            last_modified: begun.header(LAST_MODIFIED).map(str::to_owned),
        };
        Ok(Fetched::New(self.records.take(begun, settings).await?, version))
    }
}

impl Want for Small {
    type Taken = Reply;

    async fn take(&self, begun: Begun, _: &ClientSettings) -> Result<Reply, FetchError> {
        if !begun.response.status().is_success() {
            return Err(begun.refused().await);
        }
        let mut reply = begun.reply();
        if reply.status == 204 {
            return Ok(reply);
        }
        let asked = begun.asked.clone();
        let sizes = Sizes { largest_download: LARGEST_SMALL, largest_answer: LARGEST_SMALL };
        let (body, _) = begun.body(sizes, Expect::Object, &[]).await?;
        let json = body.bytes().ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        reply.json = json.ok_or_else(|| FetchError::Unusable {
            address: asked.address,
            reason: "it is not JSON".to_owned(),
            hint: "check that the address is that of the API, and its version".to_owned(),
        })?;
        Ok(reply)
    }
}

impl Want for Header {
    type Taken = Reply;

    async fn take(&self, begun: Begun, _: &ClientSettings) -> Result<Reply, FetchError> {
        if begun.response.status().is_success() { Ok(begun.reply()) } else { Err(begun.refused().await) }
    }
}

impl Begun {
    /// The body, if it is of the kind expected, and how many records it has if that is an array.
    async fn body(
        mut self,
        sizes: Sizes,
        expect: Expect,
        withheld: &'static [&'static str],
    ) -> Result<(Body, u64), FetchError> {
        let kept = self.redactor.needed();
        let encoding = self.encoding()?;
        let content_type = self.header(CONTENT_TYPE).unwrap_or_default().to_owned();
        if let Some(wanted) = other_than(&content_type, expect) {
            let beginning = self.beginning().await;
            return Err(FetchError::OtherType { asked: self.asked, wanted, content_type, beginning });
        }
        if self.response.content_length().is_some_and(|length| length > sizes.largest_download) {
            return Err(self.refusal(Refusal::TooLarge(Size::Download), sizes, &[]));
        }
        let mut intake = match Intake::new(sizes, encoding, expect, withheld, kept) {
            Ok(intake) => intake,
            Err(error) => return Err(self.refusal(Refusal::Keep(error), sizes, &[])),
        };
        while let Some(piece) = self.piece().await? {
            if let Err(refusal) = intake.feed(&piece) {
                return Err(self.refusal(refusal, sizes, intake.beginning()));
            }
        }
        intake.finish().map_err(|(refusal, beginning)| self.refusal(refusal, sizes, &beginning))
    }

    /// The next piece of the body as it comes; nothing after the last.
    async fn piece(&mut self) -> Result<Option<impl Deref<Target = [u8]> + use<>>, FetchError> {
        match timeout(self.read_timeout, self.response.chunk()).await {
            Ok(Ok(piece)) => Ok(piece),
            Ok(Err(error)) => Err(classify(error, self.asked.clone())),
            Err(_) => {
                let asked = self.asked.clone();
                Err(FetchError::TimedOut { asked, waiting: Waiting::NextByte, after: self.read_timeout })
            }
        }
    }

    /// What a status means that is no success.
    async fn refused(mut self) -> FetchError {
        let status = self.response.status().as_u16();
        let retry_after = self.header(RETRY_AFTER).and_then(|value| retry::retry_after(value, Timestamp::now()));
        let beginning = self.beginning().await;
        FetchError::Status { asked: self.asked, status, retry_after, beginning }
    }

    /// What the answer begins with, as far as it comes in short time.
    async fn beginning(&mut self) -> Quote {
        let mut received = Vec::new();
        let reading = async {
            while received.len() < LARGEST_ERROR
                && let Ok(Some(piece)) = self.piece().await
            {
                received.extend_from_slice(&piece);
            }
        };
        let _ = timeout(PATIENCE_WITH_ERRORS, reading).await; // what came until then is quoted
        if self.encoding().is_ok_and(|encoding| encoding == Encoding::Gzip) {
            let mut unpacked = Vec::new();
            let packed = MultiGzDecoder::new(received.as_slice());
            let _ = packed.take(self.redactor.needed() as u64).read_to_end(&mut unpacked); // it may be cut
            received = unpacked;
        }
        Quote(self.redactor.quote(&received))
    }

    fn encoding(&self) -> Result<Encoding, FetchError> {
        match self.header(CONTENT_ENCODING).map(str::trim) {
            None | Some("" | "identity") => Ok(Encoding::Plain),
            Some(name) if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => {
                Ok(Encoding::Gzip)
            }
            Some(other) => Err(FetchError::Packing {
                asked: self.asked.clone(),
                source: io::Error::other(format!("it is `{other}`, where `gzip` was asked for")),
            }),
        }
    }

    fn reply(&self) -> Reply {
        Reply {
            address: self.asked.address.clone(),
            status: self.response.status().as_u16(),
            json: serde_json::Value::Null,
            headers: self.response.headers().clone(),
        }
    }

    fn header(&self, name: HeaderName) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    fn refusal(&self, refusal: Refusal, sizes: Sizes, beginning: &[u8]) -> FetchError {
        let asked = self.asked.clone();
        match refusal {
            Refusal::TooLarge(size) => {
                let limit = match size {
                    Size::Download => sizes.largest_download,
                    Size::Answer => sizes.largest_answer,
                };
                FetchError::TooLarge { asked, size, limit }
            }
            Refusal::Json(broken) => match broken.what {
                Wrong::Start { expected, .. } => {
                    FetchError::WrongKind { asked, expected, beginning: Quote(self.redactor.quote(beginning)) }
                }
                _ => FetchError::BrokenJson { asked, broken },
            },
            Refusal::Unpack(source) | Refusal::Keep(source) => FetchError::Packing { asked, source },
        }
    }
}

/// What is expected, where a content type says that the answer is something else. JSON has types of its own (RFC 8259, RFC 6839);
/// lines and tables come under many, but never as a page for people. An answer without a type may speak for itself.
fn other_than(content_type: &str, expect: Expect) -> Option<&'static str> {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (is_it, wanted) = match expect {
        Expect::Array | Expect::Object => {
            (matches!(kind.as_str(), "" | "application/json" | "text/json") || kind.ends_with("+json"), "JSON")
        }
        Expect::Lines => (!kind.contains("html"), "JSON lines"),
        Expect::Table => (!kind.contains("html"), "a table"),
    };
    (!is_it).then_some(wanted)
}
