//! `sslmode` and `sslrootcert`: the encryption of connections and the trusted authorities.

use crate::error::{Error, ErrorKind, Result, cut};
use postgres::config::SslMode;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::Arc;

/// Makes TLS connections. The type is not part of the public API.
pub(crate) type Tls = tokio_postgres_rustls::MakeRustlsConnect;

/// `sslmode`, with the meaning of PostgreSQL's own client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Never encrypted.
    Disable,
    /// Encrypted if the server can.
    Prefer,
    /// Encrypted, without a check of the server; with a root certificate, as `verify-ca`.
    Require,
    /// Encrypted; the certificate of the server must be signed by a trusted authority.
    VerifyCa,
    /// As `verify-ca`, and the certificate must be for this host.
    VerifyFull,
}

impl Mode {
    pub(super) fn parse(text: &str) -> Option<Mode> {
        match text {
            "disable" => Some(Mode::Disable),
            "prefer" => Some(Mode::Prefer),
            "require" => Some(Mode::Require),
            "verify-ca" => Some(Mode::VerifyCa),
            "verify-full" => Some(Mode::VerifyFull),
            _ => None,
        }
    }

    pub(super) fn ssl_mode(self) -> SslMode {
        match self {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        }
    }
}

/// Returns a connector for this mode that trusts the authorities of this file, or else the authorities of the system.
///
/// # Errors
/// [`ErrorKind::InvalidSetting`] if the file cannot be used.
pub(super) fn connector(mode: Mode, root: Option<&str>) -> Result<Tls> {
    let provider = Arc::new(ring::default_provider());
    let trust = match (mode, root) {
        (Mode::Disable | Mode::Prefer, _) | (Mode::Require, None) => None,
        (_, root) => Some(Trust { names: mode == Mode::VerifyFull, authorities: authorities(root, &provider)? }),
    };
    let verifier = Verifier { trust, provider: provider.clone() };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::with_source(ErrorKind::InvalidSetting, "TLS cannot be used", error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Tls::new(config))
}

fn authorities(root: Option<&str>, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
    let mut store = RootCertStore::empty();
    match root.filter(|root| *root != "system") {
        None => drop(store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
        Some(path) => read(path, &mut store)?,
    }
    let name = root.unwrap_or("system");
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone())
        .build()
        .map_err(|error| unusable(name, error))
}

fn read(path: &str, store: &mut RootCertStore) -> Result<()> {
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(path, error))? {
        store.add(certificate.map_err(|error| unusable(path, error))?).map_err(|error| unusable(path, error))?;
    }
    Ok(())
}

fn unusable(path: &str, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::with_source(ErrorKind::InvalidSetting, format!("sslrootcert {:?} cannot be used", cut(path)), error)
}

/// Verifies the certificate as the mode requires. The signatures of the handshake are checked in every mode.
#[derive(Debug)]
struct Verifier {
    /// `None` accepts any certificate, because only encryption is required.
    trust: Option<Trust>,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
struct Trust {
    authorities: Arc<WebPkiServerVerifier>,
    /// True if the certificate must name the host.
    names: bool,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(trust) = &self.trust else { return Ok(ServerCertVerified::assertion()) };
        match trust.authorities.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is checked last, so everything else is valid.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !trust.names => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
