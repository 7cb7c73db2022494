//! Host names to addresses that may be dialled; the client has no other way to an address.

use super::guard::Guard;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Where addresses come from.
#[derive(Debug, Clone, Default)]
pub enum Names {
    /// The system's resolver.
    #[default]
    System,
    /// A fixed table; every other name does not exist.
    Fixed(HashMap<String, Vec<IpAddr>>),
}

#[derive(Debug, thiserror::Error)]
#[error("the host name could not be found ({0})")]
pub struct LookupFailed(pub String);

pub struct VettedNames {
    pub names: Arc<Names>,
    pub guard: Arc<Guard>,
}

impl Resolve for VettedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, guard) = (self.names.clone(), self.guard.clone());
        Box::pin(async move {
            let found = names.find(name.as_str()).await?;
            let vetted = guard.vet(name.as_str(), found)?;
            if vetted.is_empty() {
                return Err(LookupFailed("no address".to_owned()).into());
            }
            // Port 0: the connector fills in the port of the URL.
            Ok(Box::new(vetted.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

impl Names {
    async fn find(&self, host: &str) -> Result<Vec<IpAddr>, LookupFailed> {
        match self {
            Names::System => match tokio::net::lookup_host((host, 0)).await {
                Ok(found) => Ok(found.map(|socket| socket.ip()).collect()),
                Err(error) => Err(LookupFailed(error.to_string())),
            },
            Names::Fixed(table) => table.get(host).cloned().ok_or_else(|| LookupFailed("not in the table".to_owned())),
        }
    }
}
