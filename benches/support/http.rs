//! The leanest client that speaks HTTP/1.1: the load must cost less than what it measures.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection kept alive.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        Some(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a prepared request and reads the whole answer.
    pub async fn send(&mut self, request: &[u8]) -> Option<(u16, String)> {
        self.stream.write_all(request).await.ok()?;
        self.buffer.clear();
        loop {
            if let Some((head, length)) = head_of(&self.buffer)
                && self.buffer.len() >= head + length
            {
                let status = std::str::from_utf8(&self.buffer[9..12]).ok()?.parse().ok()?;
                return Some((status, String::from_utf8_lossy(&self.buffer[head..head + length]).into_owned()));
            }
            if self.stream.read_buf(&mut self.buffer).await.ok()? == 0 {
                return None;
            }
        }
    }
}

fn head_of(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).ok()?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok()?;
    Some((end, length))
}

pub fn request(method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Vec<u8> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!("{method} {path} HTTP/1.1\r\nHost: bench\r\n{authorization}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

pub async fn get(address: &str, path: &str, token: Option<&str>) -> Option<(u16, String)> {
    Connection::open(address).await?.send(&request("GET", path, token, None)).await
}

pub async fn post(address: &str, path: &str, token: Option<&str>, body: &Value) -> (u16, String) {
    let mut connection = Connection::open(address).await.expect("a connection");
    connection.send(&request("POST", path, token, Some(body))).await.expect("an answer")
}

/// Requests per second of `clients` connections for `time`; each connection sends its own list once through.
pub async fn throughput(address: &str, time: Duration, lists: Vec<Vec<Vec<u8>>>, expected: u16) -> f64 {
    let began = Instant::now();
    let loads = lists.into_iter().map(|list| {
        let address = address.to_owned();
        tokio::spawn(async move {
            let mut connection = Connection::open(&address).await.expect("a connection");
            let mut done = 0_u32;
            for request in &list {
                if began.elapsed() > time {
                    break;
                }
                let (status, text) = connection.send(request).await.expect("an answer");
                assert_eq!(status, expected, "{text}");
                done += 1;
            }
            (done, began.elapsed())
        })
    });
    let mut rate = 0.0;
    for load in loads.collect::<Vec<_>>() {
        let (done, took) = load.await.expect("a load");
        rate += f64::from(done) / took.as_secs_f64();
    }
    rate
}
