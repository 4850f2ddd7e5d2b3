//! What lies under an error of the HTTP library, put in the words of this crate.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

use super::tls::RefusedCertificate;
use crate::error::{Asked, FetchError};

/// An error of the HTTP library, told by what lies at its bottom: `Connection refused (os error 111)`. It holds no address.
pub struct Cause(reqwest::Error);

/// More errors than ever lie on top of each other.
const MOST_LAYERS: usize = 32;

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        layers(&self.0).last().map_or(Ok(()), |bottom| write!(f, "{bottom}"))
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Error for Cause {}

/// What an error of the HTTP library means for a request.
pub(crate) fn classify(error: reqwest::Error, asked: Asked) -> FetchError {
    let cause = Cause(error.without_url());
    let layers = layers(&cause.0);
    if let Some(refused) = layers.iter().find_map(|layer| refused_certificate(*layer)) {
        let RefusedCertificate { fingerprint, reason } = refused.clone();
        return FetchError::Certificate { asked, reason, fingerprint };
    }
    let ended = layers.iter().filter_map(|layer| layer.downcast_ref::<std::io::Error>()).any(|error| {
        use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
        matches!(error.kind(), ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof)
    });
    let tls = layers.iter().any(|layer| layer.is::<rustls::Error>());
    match () {
        () if tls => FetchError::Tls { asked, source: cause },
        () if cause.0.is_connect() && !ended => FetchError::Unreachable { asked, source: cause },
        () => FetchError::Broken { asked, source: cause },
    }
}

/// An error and those below it, from the top.
fn layers<'e>(error: &'e (dyn Error + 'static)) -> Vec<&'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| below(*error)).take(MOST_LAYERS).collect()
}

fn below<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    // `source` of an I/O error passes over the error that it was made of.
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn refused_certificate<'e>(layer: &'e (dyn Error + 'static)) -> Option<&'e RefusedCertificate> {
    match layer.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other)) => other.0.downcast_ref(),
        _ => None,
    }
}
