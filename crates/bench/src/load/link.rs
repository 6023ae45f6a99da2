//! A WebSocket with a Socket.IO session on it, opened as one side or the other wants it.

use std::{fmt::Display, net::Ipv4Addr, sync::Arc};

use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use e2ee::DeviceKeys;
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};
use uuid::Uuid;

use super::packet::{Packet, event};

/// Bytes that a connection reads at once.
const READ: usize = 16 * 1024;

/// Where to connect.
#[derive(Clone)]
pub struct Target {
    /// On this machine.
    pub port: u16,
    /// TLS and who is trusted, where it is spoken.
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

/// Who connects, and so in which dialect.
#[derive(Clone)]
pub enum Identity {
    /// A person of ours with a device.
    Snug {
        /// The session's token.
        token: String,
        /// The device's key.
        keys: Arc<DeviceKeys>,
    },
    /// A user of a peer.
    Peer {
        /// The name.
        user: Uuid,
    },
}

/// What a connection goes over.
pub trait Io: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Io for T {}

/// An open connection.
pub type Stream = WebSocketStream<Box<dyn Io>>;

/// A page of the acknowledgement of `sync`.
#[derive(Debug, Deserialize)]
pub struct Page {
    /// What the device has not seen.
    pub envelopes: Vec<Envelope>,
    /// Where the next page starts; peers leave it out.
    #[serde(default)]
    pub next: serde_json::Map<String, Value>,
    /// Whether there is another page.
    pub more: bool,
}

/// A stored message of a page.
#[derive(Debug, Deserialize)]
pub struct Envelope {
    /// Its room.
    pub room_id: String,
    /// Its place.
    pub seq: u64,
    /// The sender's own id of it.
    pub client_id: String,
}

impl Target {
    /// Opens a WebSocket and a Socket.IO session on it, up to live delivery; returns what was
    /// caught up. `cursors` say what the client has of each of its rooms.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn open(
        &self,
        identity: &Identity,
        cursors: &serde_json::Map<String, Value>,
    ) -> anyhow::Result<(Stream, Vec<Envelope>)> {
        let auth = match identity {
            Identity::Snug { token, .. } => json!({ "token": token }),
            Identity::Peer { user } => {
                json!({"user": user, "rooms": cursors.keys().collect::<Vec<_>>()})
            }
        };
        let mut stream = self.session(&auth).await?;
        if let Identity::Snug { keys, .. } = identity {
            prove(&mut stream, keys).await?;
        }
        let caught_up = catch_up(&mut stream, cursors.clone()).await?;
        Ok((stream, caught_up))
    }

    /// Opens a WebSocket and a Socket.IO session on it, as far as the library goes.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn session(&self, auth: &impl Display) -> anyhow::Result<Stream> {
        let mut stream = self.websocket().await?;
        let hello = text(&mut stream).await?;
        anyhow::ensure!(hello.starts_with('0'), "no Engine.IO: {hello}");
        stream.send(Message::text(format!("40{auth}"))).await?;
        loop {
            match Packet::read(&text(&mut stream).await?) {
                Packet::Connected => return Ok(stream),
                Packet::Ended(reason) => bail!("the connection was refused: {reason}"),
                _ => {}
            }
        }
    }

    /// Opens a WebSocket, as far as HTTP goes.
    ///
    /// # Errors
    /// When nobody answers or the server refuses.
    pub async fn websocket(&self) -> anyhow::Result<Stream> {
        let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        tcp.set_nodelay(true)?;
        let (io, scheme): (Box<dyn Io>, _) = match &self.tls {
            None => (Box::new(tcp), "ws"),
            Some(tls) => {
                let name = rustls::pki_types::ServerName::try_from("localhost")?;
                let connector = tokio_rustls::TlsConnector::from(tls.clone());
                (Box::new(connector.connect(name, tcp).await?), "wss")
            }
        };
        let url = format!(
            "{scheme}://localhost:{}/socket.io/?EIO=4&transport=websocket",
            self.port
        );
        let config = WebSocketConfig::default().read_buffer_size(READ);
        let (stream, _) = client_async_with_config(url, io, Some(config)).await?;
        Ok(stream)
    }
}

/// The next text; pings are answered.
async fn text(stream: &mut Stream) -> anyhow::Result<String> {
    loop {
        match stream.next().await.context("the connection ended")?? {
            Message::Text(text) if text.as_str() == "2" => stream.send(Message::text("3")).await?,
            Message::Text(text) => return Ok(text.as_str().to_owned()),
            Message::Close(frame) => bail!("the connection was closed: {frame:?}"),
            _ => {}
        }
    }
}

/// Proves the device: its signature over the nonce of `connected`.
async fn prove(stream: &mut Stream, keys: &DeviceKeys) -> anyhow::Result<()> {
    let nonce = loop {
        if let Packet::Event("connected", data, _) = Packet::read(&text(stream).await?) {
            let (_, connected): (String, Value) = serde_json::from_str(data)?;
            let nonce = connected["nonce"].as_str().context("a nonce")?;
            break STANDARD.decode(nonce)?;
        }
    };
    let payload = json!({
        "device_id": keys.credential().device,
        "signature": {"_placeholder": true, "num": 0},
    });
    let packet = format!("451-0[\"device\",{payload}]");
    stream.feed(Message::text(packet)).await?;
    let signature = keys.prove(&nonce).to_vec();
    stream.send(Message::binary(signature)).await?;
    acknowledged(stream, 0).await.map(drop)
}

/// Pages of what came meanwhile, until there are no more; live delivery starts with the last.
async fn catch_up(
    stream: &mut Stream,
    mut cursors: serde_json::Map<String, Value>,
) -> anyhow::Result<Vec<Envelope>> {
    let mut all = Vec::new();
    for id in 1.. {
        let ask = event(id, "sync", &json!({ "cursors": cursors }).to_string());
        stream.send(Message::text(ask)).await?;
        let data = acknowledged(stream, id).await?;
        let (page,): (Page,) = serde_json::from_str(&data).with_context(|| data.clone())?;
        for one in &page.envelopes {
            cursors.insert(one.room_id.clone(), one.seq.into());
        }
        cursors.extend(page.next);
        all.extend(page.envelopes);
        if !page.more {
            break;
        }
    }
    Ok(all)
}

/// Waits for an acknowledgement that says yes; returns its arguments. Live events of rooms whose
/// page has gone out may come in between; they are dropped: the caller has not begun to count.
async fn acknowledged(stream: &mut Stream, wanted: u64) -> anyhow::Result<String> {
    loop {
        if let Message::Text(frame) = stream.next().await.context("the connection ended")?? {
            match Packet::read(frame.as_str()) {
                Packet::Ping => stream.send(Message::text("3")).await?,
                Packet::Ack(id, data) if id == wanted => {
                    anyhow::ensure!(!data.contains("\"ok\":false"), "refused: {data}");
                    return Ok(data.to_owned());
                }
                Packet::Ended(reason) => bail!("the session ended: {reason}"),
                _ => {}
            }
        }
    }
}
