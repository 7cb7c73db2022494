//! What the DNS holds, with "there is none" kept apart from "nobody answered".

use crate::config::DnsConfig;
use anyhow::Context;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use mail_auth::MessageAuthenticator;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A name server that has not answered within this is asked once more, and then given up.
const PATIENCE: Duration = Duration::from_secs(3);

pub struct Dns {
    resolver: TokioResolver,
}

/// Why it is not known whether there is a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer(pub String);

impl Dns {
    pub fn new(config: &DnsConfig) -> anyhow::Result<Self> {
        let mut builder = if config.servers.is_empty() {
            TokioResolver::builder_tokio().context("the system's name servers can't be found; name some in [dns]")?
        } else {
            let servers = config.servers.iter().map(|server| name_server(*server)).collect();
            let config = ResolverConfig::from_name_servers(servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        let options = builder.options_mut();
        options.timeout = PATIENCE;
        options.attempts = 2;
        Ok(Self { resolver: builder.build().context("the DNS can't be asked")? })
    }

    /// The texts at a name, each in one piece; none is an answer too.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, NoAnswer> {
        let found = match self.resolver.txt_lookup(absolute(name)).await {
            Ok(found) => found,
            Err(error) => return missing(name, &error),
        };
        let text = |data: &RData| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        Ok(found.answers().iter().filter_map(|record| text(&record.data)).collect())
    }

    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, NoAnswer> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        match self.resolver.lookup_ip(absolute(host)).await {
            Ok(found) => Ok(found.iter().collect()),
            Err(error) => missing(host, &error),
        }
    }

    /// For SPF, which mail-auth evaluates.
    pub fn verifier(&self) -> MessageAuthenticator {
        MessageAuthenticator(self.resolver.clone())
    }
}

fn name_server(at: SocketAddr) -> NameServerConfig {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    connections.iter_mut().for_each(|connection| connection.port = at.port());
    let mut server = NameServerConfig::udp(at.ip());
    server.connections = connections;
    server
}

/// Without the final dot a search domain may be appended.
fn absolute(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

fn missing<T>(name: &str, error: &NetError) -> Result<Vec<T>, NoAnswer> {
    if error.is_no_records_found() {
        return Ok(Vec::new());
    }
    Err(NoAnswer(format!("the DNS gave no answer for {name} ({error})")))
}
