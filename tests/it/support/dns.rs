//! A name server on loopback with a zone of the test's own.

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use std::collections::HashMap;
use std::net::SocketAddr;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

#[derive(Debug, Clone, Default)]
pub struct Zone {
    texts: HashMap<String, Vec<String>>,
    addresses: HashMap<String, std::net::Ipv4Addr>,
    /// Names that are answered with SERVFAIL.
    broken: Vec<String>,
}

impl Zone {
    pub fn text(mut self, name: &str, text: &str) -> Self {
        self.texts.entry(name.to_owned()).or_default().push(text.to_owned());
        self
    }

    pub fn address(mut self, name: &str, address: &str) -> Self {
        self.addresses.insert(name.to_owned(), address.parse().unwrap());
        self
    }

    pub fn broken(mut self, name: &str) -> Self {
        self.broken.push(name.to_owned());
        self
    }

    fn answer(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut message = Message::from_vec(bytes).ok()?;
        let query = message.queries.first()?.clone();
        let name = query.name().to_lowercase().to_string().trim_end_matches('.').to_owned();
        message.metadata.message_type = MessageType::Response;
        message.metadata.recursion_available = true;
        message.additionals.clear();
        let record = |data: RData| Record::from_rdata(Name::from_ascii(format!("{name}.")).unwrap(), 60, data);
        match query.query_type() {
            _ if self.broken.contains(&name) => message.metadata.response_code = ResponseCode::ServFail,
            RecordType::TXT => {
                let pieces = |text: &String| text.as_bytes().chunks(200).map(<[u8]>::to_vec).collect::<Vec<_>>();
                for text in self.texts.get(&name).into_iter().flatten() {
                    let pieces = pieces(text).into_iter().map(|piece| String::from_utf8(piece).unwrap()).collect();
                    message.add_answer(record(RData::TXT(TXT::new(pieces))));
                }
            }
            RecordType::A => {
                if let Some(address) = self.addresses.get(&name) {
                    message.add_answer(record(RData::A(A(*address))));
                }
            }
            _ => {}
        }
        let known = self.texts.contains_key(&name) || self.addresses.contains_key(&name);
        if !known && !self.broken.contains(&name) {
            message.metadata.response_code = ResponseCode::NXDomain;
        }
        message.to_vec().ok()
    }
}

/// Ends with the test's runtime.
pub struct NameServer {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl NameServer {
    pub async fn start(zone: Zone) -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut bytes = [0; 4096];
            while let Ok((read, from)) = socket.recv_from(&mut bytes).await {
                if let Some(answer) = zone.answer(&bytes[..read]) {
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        Self { address, task }
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
