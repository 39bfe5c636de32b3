//! TLS with the machine's own list of certificate authorities.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

use super::OutboundError;

/// What every connection begins with.
pub(super) fn config() -> Result<ClientConfig, OutboundError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (known, _) = roots.add_parsable_certificates(found.certs);
    if known == 0 {
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
