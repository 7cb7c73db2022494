//! A web server on loopback that does exactly what a test tells it, byte for byte.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is done with a connection after a request came in, in this order; then it is closed.
#[derive(Debug, Clone)]
pub enum Step {
    Send(Vec<u8>),
    /// The same bytes until the client hangs up.
    Endless(Vec<u8>),
    /// The same byte every so often, until the client hangs up.
    Drip(Duration),
    /// Nothing more, until the client hangs up.
    Hang,
    Reset,
}

/// A running server; it ends with the test's runtime.
pub struct Web {
    pub address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Web {
    /// Answers each request by its head: request line and headers, bytes as characters of the same number.
    pub async fn start(answer: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), answer)
    }

    pub fn on(listener: TcpListener, answer: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let address = listener.local_addr().unwrap();
        let (heads, connections) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default());
        let (seen, count, answer) = (heads.clone(), connections.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (seen, answer) = (seen.clone(), answer.clone());
                tokio::spawn(async move {
                    let mut stream = stream;
                    let Some(head) = head(&mut stream).await else { return };
                    seen.lock().unwrap().push(head.clone());
                    play(stream, answer(&head)).await;
                });
            }
        });
        Self { address, heads, connections }
    }

    pub fn url(&self, path: &str) -> url::Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A whole answer with its length; `head` is the status line and the headers, one a line.
pub fn answer(head: &str, body: &[u8]) -> Vec<Step> {
    let head = format!(
        "HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        head.replace('\n', "\r\n"),
        body.len()
    );
    let head: Vec<u8> = head.chars().map(|c| u8::try_from(c).unwrap()).collect();
    vec![Step::Send([head.as_slice(), body].concat())]
}

/// The value of a header in a recorded head.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    Some(bytes.iter().map(|byte| char::from(*byte)).collect())
}

async fn play(mut stream: TcpStream, steps: Vec<Step>) {
    for step in steps {
        match step {
            Step::Send(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Step::Endless(bytes) => while stream.write_all(&bytes).await.is_ok() {},
            Step::Drip(pause) => {
                while stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
            }
            Step::Hang => while !matches!(stream.read(&mut [0; 64]).await, Ok(0) | Err(_)) {},
            Step::Reset => {
                // Closing with unread or unsent data discarded is what makes the kernel send RST.
                let _ = stream.set_zero_linger();
                return;
            }
        }
    }
    let _ = stream.shutdown().await;
}
