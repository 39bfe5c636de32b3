//! Names to addresses, and the guard between them: a name that resolves to addresses of which none may be reached
//! resolves to nothing. What is connected to is what was judged, so a second look-up cannot change the answer.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::Reach;

/// A look-up under way.
pub type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Where the addresses of a name come from.
pub trait Names: Send + Sync + 'static {
    /// All addresses of a host.
    fn look_up(&self, host: &str) -> Looking;
}

/// The machine's own resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn look_up(&self, host: &str) -> Looking {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A resolver that finds only what may be reached.
pub(super) struct Guarded {
    pub names: Arc<dyn Names>,
    pub reach: Reach,
}

/// Why a name gave nothing to connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NameError {
    #[error("the name has no address")]
    Unknown,
    #[error("no address of the name may be reached")]
    Refused,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (looking, reach) = (self.names.look_up(name.as_str()), self.reach.clone());
        Box::pin(async move {
            let found = looking.await.map_err(|_| NameError::Unknown)?;
            if found.is_empty() {
                return Err(NameError::Unknown.into());
            }
            let may: Vec<SocketAddr> =
                found.into_iter().filter(|ip| reach.includes(*ip)).map(|ip| SocketAddr::new(ip, 0)).collect();
            if may.is_empty() { Err(NameError::Refused.into()) } else { Ok(Box::new(may.into_iter()) as Addrs) }
        })
    }
}
