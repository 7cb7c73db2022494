//! A relay that takes every mail and keeps none, in a process of its own; each reply leaves some time after what it answers came, and
//! commands that came together are answered together.

use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Ends with the value.
pub struct Child {
    process: std::process::Child,
    pub port: u16,
}

impl Child {
    pub fn start(latency: Duration) -> anyhow::Result<Self> {
        use std::io::{BufRead, BufReader};
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = command.arg(format!("sink={}", latency.as_millis())).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(said) = process.stdout.take() {
            BufReader::new(said).read_line(&mut line)?;
        }
        Ok(Self { process, port: line.trim().parse()? })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves until it is killed; says its port.
pub fn serve(latency: Duration) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("{}", listener.local_addr()?.port());
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(async move { converse(stream, latency).await.unwrap_or_default() });
        }
    })
}

async fn converse(mut stream: TcpStream, latency: Duration) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut heard, mut in_body) = (Vec::with_capacity(128 * 1024), false);
    say(&mut stream, "220 sink ESMTP\r\n", latency).await?;
    while stream.read_buf(&mut heard).await? > 0 {
        // Nobody may send anything beyond DATA or the final dot before they are answered.
        if in_body {
            if heard.ends_with(b"\r\n.\r\n") {
                in_body = false;
                heard.clear();
                say(&mut stream, "250 2.0.0 taken\r\n", latency).await?;
            } else if heard.len() > 5 {
                heard.drain(..heard.len() - 5);
            }
            continue;
        }
        if !heard.ends_with(b"\r\n") {
            continue;
        }
        let mut replies = String::new();
        for line in String::from_utf8_lossy(&heard).lines() {
            replies += match line.get(..4).unwrap_or_default() {
                "EHLO" => "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 33554432\r\n",
                "DATA" => {
                    in_body = true;
                    "354 go on\r\n"
                }
                "QUIT" => "221 2.0.0 bye\r\n",
                _ => "250 2.0.0 ok\r\n",
            };
        }
        heard.clear();
        say(&mut stream, &replies, latency).await?;
    }
    Ok(())
}

async fn say(stream: &mut TcpStream, text: &str, latency: Duration) -> std::io::Result<()> {
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    stream.write_all(text.as_bytes()).await
}
