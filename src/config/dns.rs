//! `[dns]`: whom `khyber check --online` asks for the sender's records.

use super::DnsConfig;
use super::section::Section;
use super::setting::{Word, Wrong};
use std::net::{IpAddr, SocketAddr};

pub(super) fn read(top: &Section<'_>) -> DnsConfig {
    let section = top.section("dns");
    let servers = section.list_or::<NameServer>("servers", &[]);
    section.finish();
    DnsConfig { servers: servers.into_iter().map(|server| server.0).collect() }
}

/// Port 53 unless another is written.
#[derive(Debug, Clone)]
struct NameServer(SocketAddr);

impl Word for NameServer {
    const WANTS: &'static str = "an address of a name server such as \"9.9.9.9\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let bare = word.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
        bare.or_else(|_| word.parse()).map(Self).map_err(|_| {
            let help = "an IP address, with a port if it is not 53: \"127.0.0.1:5353\", \"[::1]:5353\"";
            Wrong::new(format!("`{word}` is not an address of a name server")).help(help)
        })
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}
