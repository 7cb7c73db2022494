//! Whom we trust: the platform's roots, and one file the operator named.

use super::ChannelSetupError;
use crate::config::TlsMode;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// The handshake's part of the configuration.
pub(super) struct Tls {
    pub connector: TlsConnector,
    pub name: ServerName<'static>,
}

/// `None` where no TLS is configured. The host name as configured is what the certificate must carry.
pub(super) fn setup(mode: TlsMode, host: &str, ca_file: Option<&Path>) -> Result<Option<Tls>, ChannelSetupError> {
    if mode == TlsMode::None {
        return Ok(None);
    }
    let mut roots = RootCertStore::empty();
    // A root that can't be read is left out; with none left, the handshake says so.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = ca_file {
        trust(&mut roots, file)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ChannelSetupError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|_| ChannelSetupError::HostName(host.to_owned()))?;
    Ok(Some(Tls { connector: TlsConnector::from(Arc::new(client)), name }))
}

fn trust(roots: &mut RootCertStore, file: &Path) -> Result<(), ChannelSetupError> {
    let bad = |reason: String| ChannelSetupError::CaFile { file: file.to_owned(), reason };
    let mut found = 0;
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| bad(error.to_string()))? {
        let certificate = certificate.map_err(|error| bad(error.to_string()))?;
        roots.add(certificate).map_err(|error| bad(error.to_string()))?;
        found += 1;
    }
    if found == 0 { Err(bad("no certificate in it".to_owned())) } else { Ok(()) }
}
