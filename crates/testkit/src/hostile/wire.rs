//! A connection to the gateway in a caller's hands, byte by byte: to send what no library would, and
//! never to read.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{Server, Stack};

/// Bytes sent at once.
const PIECE: usize = 64 * 1024;

/// TLS to the gateway.
pub struct Wire(tokio_rustls::client::TlsStream<TcpStream>);

impl Wire {
    /// Connects.
    pub async fn connect(stack: &Stack) -> Self {
        let port = stack.port(Server::Gateway);
        let tcp = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
        let connector = tokio_rustls::TlsConnector::from(stack.tls());
        Self(connector.connect(name, tcp).await.unwrap())
    }

    /// A WebSocket that says nothing yet.
    pub async fn socket(stack: &Stack) -> Self {
        let mut wire = Self::connect(stack).await;
        let handshake = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        wire.send(handshake.as_bytes()).await.unwrap();
        let head = wire.head().await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        wire
    }

    /// A WebSocket in the Socket.IO namespace, with a session's token or without.
    pub async fn open(stack: &Stack, token: Option<&str>) -> Self {
        let mut wire = Self::socket(stack).await;
        let auth = token.map(|token| serde_json::json!({ "token": token }).to_string());
        let connect = format!("40{}", auth.unwrap_or_default());
        wire.send(&text(connect.as_bytes())).await.unwrap();
        wire
    }

    /// Sends bytes; an error when the other side has closed.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    /// Sends so many bytes of the same letter.
    pub async fn fill(&mut self, bytes: usize) -> io::Result<()> {
        let piece = vec![b'x'; PIECE.min(bytes)];
        let mut left = bytes;
        while left > 0 {
            let now = left.min(PIECE);
            self.send(&piece[..now]).await?;
            left -= now;
        }
        Ok(())
    }

    /// Reads and drops everything until the other side closes.
    pub async fn rest(&mut self) {
        let _ = tokio::io::copy(&mut self.0, &mut tokio::io::sink()).await;
    }

    /// Sends the head of a POST.
    pub async fn request(&mut self, path: &str, kind: &str, framing: &str) -> io::Result<()> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n{framing}\r\n\r\n"
        );
        self.send(head.as_bytes()).await
    }

    /// Reads a response's head.
    async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }
}

/// A text as one frame of a client.
pub(super) fn text(payload: &[u8]) -> Vec<u8> {
    [frame(0x81, payload.len()).as_slice(), payload].concat()
}

/// The head of a frame (RFC 6455, section 5.2) whose mask changes nothing.
pub(super) fn frame(opcode: u8, length: usize) -> Vec<u8> {
    let mut head = vec![opcode, 0x80 | 127];
    head.extend((length as u64).to_be_bytes());
    head.extend([0; 4]);
    head
}
