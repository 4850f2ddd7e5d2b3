//! Which certificate of a server will do.

use std::fs;
use std::io;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::pin::Pin;
use super::settings::ClientSettings;

/// A certificate that was refused, as the error says that comes out of a handshake.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct RefusedCertificate {
    /// The certificate.
    pub(crate) fingerprint: Pin,
    /// What is wrong with it.
    pub(crate) reason: String,
}

/// What makes a certificate good.
#[derive(Debug)]
enum Trust {
    /// An authority signed it, for this name and this time.
    Authorities(Arc<dyn ServerCertVerifier>),
    /// It is this one.
    Pinned(Pin),
    /// Nothing: any will do.
    Anything,
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

/// TLS as the settings want it. For plain HTTP nothing is loaded.
pub(crate) fn config(settings: &ClientSettings, scheme: &str) -> io::Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let trust = match (&settings.ca_file, settings.pin) {
        (_, Some(pin)) => Trust::Pinned(pin),
        _ if settings.insecure || scheme == "http" => Trust::Anything,
        (Some(path), None) => {
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(&fs::read(path)?) {
                roots.add(certificate.map_err(io::Error::other)?).map_err(io::Error::other)?;
            }
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
            Trust::Authorities(verifier.build().map_err(|_| io::Error::other("it holds no certificate in PEM"))?)
        }
        (None, None) => {
            let verifier = rustls_platform_verifier::Verifier::new(provider.clone()).map_err(io::Error::other)?;
            Trust::Authorities(Arc::new(verifier))
        }
    };
    let verifier = Arc::new(Verifier { trust, provider: provider.clone() });
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = versions.map_err(io::Error::other)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let fingerprint = Pin::of(certificate);
        let reason = match &self.trust {
            Trust::Anything => return Ok(ServerCertVerified::assertion()),
            Trust::Pinned(pin) if *pin == fingerprint => return Ok(ServerCertVerified::assertion()),
            Trust::Pinned(_) => "it is not the one that is pinned".to_owned(),
            Trust::Authorities(verifier) => {
                match verifier.verify_server_cert(certificate, intermediates, name, ocsp_response, now) {
                    Ok(proof) => return Ok(proof),
                    Err(error) => reason(&error),
                }
            }
        };
        let refused = RefusedCertificate { fingerprint, reason };
        Err(CertificateError::Other(OtherError(Arc::new(refused))).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What is wrong with a certificate, in an operator's words.
fn reason(error: &rustls::Error) -> String {
    let rustls::Error::InvalidCertificate(error) = error else { return error.to_string() };
    let words = match error {
        CertificateError::UnknownIssuer => "no authority that is known here signed it",
        CertificateError::BadSignature => "an authority of the name in it is known here, and did not sign it",
        CertificateError::Other(OtherError(other)) if other.to_string().contains("CaUsedAsEndEntity") => {
            "it is that of an authority, and not of a server"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; or the clock of this host is wrong"
        }
        CertificateError::NotValidForName => "it is for another name",
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names = presented.join(", ");
            return format!("it is not for `{}`, but for {names}", expected.to_str());
        }
        CertificateError::Revoked => "it was revoked",
        other => return other.to_string(),
    };
    words.to_owned()
}
