//! The certificate authorities that HTTP clients trust.

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// Trusts the authorities in PEM form, or else the authorities of the system, which `SSL_CERT_FILE` and `SSL_CERT_DIR` replace. With a PEM
/// text without a certificate, no server is trusted.
pub(crate) fn tls_config(authorities: Option<&[u8]>) -> TlsConfig {
    let certificates: Vec<Certificate<'static>> = if let Some(pem) = authorities {
        parse_pem(pem).filter_map(certificate).collect()
    } else {
        let system = rustls_native_certs::load_native_certs().certs;
        system.iter().map(|der| Certificate::from_der(der).to_owned()).collect()
    };
    TlsConfig::builder().root_certs(RootCerts::from(certificates.into_iter())).build()
}

fn certificate(item: Result<PemItem<'static>, ureq::Error>) -> Option<Certificate<'static>> {
    match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    }
}
