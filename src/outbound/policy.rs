//! The bounds of fetching.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::AddressRanges;
use super::address::Reach;

/// What may be fetched from where, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchPolicy {
    /// Addresses that are not public and may be reached all the same, on any port.
    pub allow: AddressRanges,
    /// Ports of public addresses that may be reached.
    pub ports: Vec<u16>,
    /// Largest answer in bytes, as it comes and after decompression.
    pub max_bytes: usize,
    /// The time to the head of an answer, for each redirect anew: looking up the name, connecting and waiting.
    pub first_byte: Duration,
    /// The time for all of a fetch.
    pub total: Duration,
    /// Fetches at once; more wait.
    pub at_once: usize,
    /// Most redirects of one fetch.
    pub redirects: usize,
    /// Certificates of authorities (DER) that are trusted beside the machine's own.
    pub authorities: Vec<Bytes>,
}

impl FetchPolicy {
    /// Whether a connection may be made to this address and port.
    pub fn allows(&self, address: IpAddr, port: u16) -> bool {
        let allow = Arc::new(self.allow.clone());
        let reach = if self.ports.contains(&port) { Reach::Public(allow) } else { Reach::Allowed(allow) };
        reach.includes(address)
    }
}

impl Default for FetchPolicy {
    fn default() -> Self {
        Self {
            allow: AddressRanges::default(),
            // The web's, and those that calendar servers listen on by custom.
            ports: vec![80, 443, 8008, 8443],
            max_bytes: 50 << 20,
            first_byte: Duration::from_secs(15),
            total: Duration::from_secs(60),
            at_once: 8,
            redirects: 5,
            authorities: Vec::new(),
        }
    }
}
