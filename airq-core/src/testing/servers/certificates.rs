//! Certificates for tests: a certificate authority, and a server certificate for 127.0.0.1 and localhost.

use super::daemon::run;
use crate::error::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The directory of the files.
#[derive(Clone, Debug)]
pub(super) struct Certificates {
    /// The certificate of the authority, which clients trust.
    pub(super) authority: PathBuf,
    /// The certificate of the server.
    pub(super) certificate: PathBuf,
    /// The private key of the server.
    pub(super) key: PathBuf,
}

impl Certificates {
    /// Creates the certificates in this directory with openssl.
    ///
    /// # Errors
    /// If openssl cannot be run.
    pub(super) fn make(folder: &Path) -> Result<Self> {
        let names = folder.join("names.cnf");
        std::fs::write(&names, "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")?;
        let made = Certificates {
            authority: folder.join("ca.crt"),
            certificate: folder.join("server.crt"),
            key: folder.join("server.key"),
        };
        let request = folder.join("server.csr");
        let authority_key = folder.join("ca.key");
        let mut authority = openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2");
        authority.args(["-subj", "/CN=airq-test-ca", "-keyout"]).arg(&authority_key).arg("-out").arg(&made.authority);
        run(&mut authority)?;
        let mut server = openssl("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes");
        server.args(["-subj", "/CN=localhost", "-keyout"]).arg(&made.key).arg("-out").arg(&request);
        run(&mut server)?;
        let mut signed = openssl("x509 -req -days 2 -CAcreateserial");
        signed.arg("-in").arg(&request).arg("-CA").arg(&made.authority).arg("-CAkey").arg(&authority_key);
        signed.arg("-out").arg(&made.certificate).arg("-extfile").arg(&names);
        run(&mut signed)?;
        Ok(made)
    }
}

fn openssl(arguments: &str) -> Command {
    let mut command = Command::new("openssl");
    command.args(arguments.split(' '));
    command
}
