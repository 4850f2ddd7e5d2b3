//! Certificates: which ones will do.

use std::fs;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::routing::get;
use pleach_fault::{Fault, Faults, Server, with_faults};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};

use super::{JSON, SITES, TOKEN, line, settings, sites};
use crate::client::{Client, ClientSettings, Pin};
use crate::error::{FetchError, Leads};
use crate::secret::Secret;
use crate::snapshot::Part;

/// An authority made for a test.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, both in DER.
struct Certificate {
    der: Vec<u8>,
    key: Vec<u8>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no name");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, key()).expect("it signs itself"))
    }

    fn certificate(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        change(&mut params);
        let key = key();
        let der = params.signed_by(&key, &self.0).expect("it is signed").der().to_vec();
        Certificate { der, key: key.serialize_der() }
    }

    /// A file with its own certificate.
    fn file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("ca.pem");
        fs::write(&path, self.0.pem()).expect("a folder to write to");
        path
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("random bytes")
}

fn serve(certificate: &Certificate, faults: &Faults) -> Server {
    let router = Router::new().route("/sites", get(|| async { (JSON, SITES) }));
    let router = with_faults(router, faults.clone());
    Server::start_tls(router, &certificate.der, &certificate.key).expect("a free port")
}

async fn ask(server: &Server, settings: ClientSettings) -> Result<Part, FetchError> {
    sites(&Client::builder(&server.url(), &settings).header("x-auth-token", Secret::new(TOKEN)).build()?).await
}

#[tokio::test]
async fn an_authority_that_nobody_knows_is_refused_and_the_fingerprint_is_told() {
    let certificate = Authority::new().certificate("127.0.0.1", |_| ());
    let faults = Faults::none();
    let server = serve(&certificate, &faults);
    let error = ask(&server, settings()).await.expect_err("nobody knows it");
    assert_eq!(
        line(&error),
        format!("the certificate of `{}/sites` is refused: no authority that is known here signed it", server.url())
    );
    assert!(error.hint().contains(&format!("the fingerprint `{}`, set `pin` to that", Pin::of(&certificate.der))));
    assert!(faults.requests().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn an_authority_of_ones_own_is_named_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new();
    let trusting = ClientSettings { ca_file: Some(authority.file(folder.path())), ..settings() };
    let server = serve(&authority.certificate("127.0.0.1", |_| ()), &Faults::none());
    assert_eq!(ask(&server, trusting.clone()).await.expect("it is known").records, Some(3));

    let past = |params: &mut CertificateParams| params.not_after = date_time_ymd(2020, 1, 1);
    let future = |params: &mut CertificateParams| params.not_before = date_time_ymd(3000, 1, 1);
    let authority_too = |params: &mut CertificateParams| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for (certificate, says) in [
        (authority.certificate("uisp.example.net", |_| ()), "it is not for `127.0.0.1`, but for "),
        (authority.certificate("127.0.0.1", past), "it has expired"),
        (authority.certificate("127.0.0.1", future), "it is not valid yet; or the clock"),
        (authority.certificate("127.0.0.1", authority_too), "it is that of an authority, and not of a server"),
        (
            Authority::new().certificate("127.0.0.1", |_| ()),
            "an authority of the name in it is known here, and did not",
        ),
    ] {
        let server = serve(&certificate, &Faults::none());
        let error = ask(&server, trusting.clone()).await.expect_err("it will not do");
        assert!(line(&error).contains(&format!("is refused: {says}")), "{}\nand not {says}", line(&error));
    }
}

#[tokio::test]
async fn a_file_without_certificates_is_said_before_anything_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, says) in
        [("", "it holds no certificate"), ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "")]
    {
        let path = folder.path().join("ca.pem");
        fs::write(&path, text).expect("a folder to write to");
        let settings = ClientSettings { ca_file: Some(path), ..settings() };
        let error = Client::builder("https://h", &settings).build().expect_err("there is nothing to trust");
        assert!(matches!(error, FetchError::Authorities { .. }) && line(&error).contains(says), "{}", line(&error));
        assert!(error.hint().contains("as PEM"));
    }
}

#[tokio::test]
async fn a_pin_is_one_certificate_whatever_is_in_it() {
    let expired = |params: &mut CertificateParams| params.not_after = date_time_ymd(2020, 1, 1);
    let certificate = Authority::new().certificate("elsewhere.example", expired);
    let server = serve(&certificate, &Faults::none());
    let pinned = |der: &[u8]| ClientSettings { pin: Some(Pin::of(der)), ..settings() };
    assert_eq!(ask(&server, pinned(&certificate.der)).await.expect("it is the one").records, Some(3));
    let error = ask(&server, pinned(b"another")).await.expect_err("it is another");
    assert!(line(&error).ends_with("is refused: it is not the one that is pinned"), "{}", line(&error));
    assert!(error.hint().contains(&Pin::of(&certificate.der).to_string()));
}

#[tokio::test]
async fn a_certificate_that_somebody_else_has_the_key_of_is_no_proof() {
    let authority = Authority::new();
    let (mut certificate, other) =
        (authority.certificate("127.0.0.1", |_| ()), authority.certificate("127.0.0.1", |_| ()));
    let pin = Pin::of(&certificate.der);
    certificate.key = other.key; // a copy of the certificate is public; its key is not
    let server = serve(&certificate, &Faults::none());
    let error = ask(&server, ClientSettings { pin: Some(pin), ..settings() }).await.expect_err("it is a copy");
    assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn insecure_takes_any_certificate_and_warns() {
    let server = serve(&Authority::new().certificate("elsewhere.example", |_| ()), &Faults::none());
    let insecure = ClientSettings { insecure: true, ..settings() };
    assert_eq!(ask(&server, insecure.clone()).await.expect("any will do").records, Some(3));
    let client = Client::builder(&server.url(), &insecure).build().expect("the settings are good");
    assert!(client.warnings()[0].contains("is not checked (`insecure = true`)"));
}

#[tokio::test]
async fn nothing_leads_away_from_tls() {
    let faults = Faults::always(Fault::RedirectToHttp);
    let server = serve(&Authority::new().certificate("127.0.0.1", |_| ()), &faults);
    let error = ask(&server, ClientSettings { insecure: true, ..settings() }).await.expect_err("it leads to HTTP");
    assert!(matches!(error, FetchError::Redirected { leads: Leads::ToPlainHttp, .. }), "{error:?}");
    assert!(line(&error).ends_with(&format!("leads to `{}/sites`", server.url().replace("https", "http"))));
    assert!(error.hint().starts_with("it leads away from TLS"));
    assert_eq!(faults.requests_to("/sites"), 1);
}

#[tokio::test]
async fn tls_with_a_server_that_has_none() {
    let server = super::server(&Faults::none());
    let address = server.url().replace("http", "https");
    let client = Client::builder(&address, &ClientSettings { insecure: true, ..settings() }).build().expect("good");
    let error = sites(&client).await.expect_err("it speaks HTTP");
    assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
    assert!(error.hint().contains("should it begin with `http://`"));
}
