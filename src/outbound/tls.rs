//! TLS with the certificate authorities that the machine trusts.

use std::sync::Arc;

use bytes::Bytes;
use rustls::{ClientConfig, RootCertStore};

use super::OutboundError;

/// What every connection begins with.
pub(super) fn config(authorities: &[Bytes]) -> Result<ClientConfig, OutboundError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (known, _) = roots.add_parsable_certificates(found.certs);
    let (added, _) = roots.add_parsable_certificates(authorities.iter().map(|der| der.to_vec().into()));
    if known + added == 0 {
        tracing::warn!(
            "this machine has no list of certificate authorities, so nothing can be fetched by https: install \
             ca-certificates, or name a file in SSL_CERT_FILE"
        );
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|error| OutboundError(error.to_string()))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
