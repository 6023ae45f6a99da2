//! A Socket.IO client (protocol v5 over a WebSocket): as much as a test needs, with every packet
//! in its hands.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use protocol::{Problem, socket::Ack};
use serde::{Serialize, de::DeserializeOwned};
use socketioxide_core::{
    Value,
    packet::{Packet, PacketData},
    parser::{Parse, ParseConfig, ParserState},
};
use socketioxide_parser_common::CommonParser;
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::Tap;

const PATIENCE: Duration = Duration::from_secs(20);

/// Where and as whom a socket connects.
#[derive(Clone)]
pub struct Target {
    /// The gateway's port on this machine.
    pub port: u16,
    /// Trusts the throw-away CA.
    pub tls: Arc<rustls::ClientConfig>,
    /// `Origin` of the handshake, as a browser sends it.
    pub origin: Option<String>,
    /// `Cookie` of the handshake.
    pub cookie: Option<String>,
    /// `auth.token` at connect.
    pub token: Option<String>,
    /// Keeps what is sent and received, if it was started.
    pub tap: Tap,
}

/// An event of the server.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Its name.
    pub name: String,
    value: Value,
}

impl Incoming {
    /// Its payload, if it fits.
    pub fn payload<T: DeserializeOwned>(&self) -> Option<T> {
        CommonParser
            .decode_value(&mut self.value.clone(), true)
            .ok()
    }
}

/// Why a socket did not connect.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The handshake was answered with a status.
    #[error("handshake refused with {0}")]
    Handshake(u16),
    /// `connect_error` with this message.
    #[error("refused: {0}")]
    Refused(String),
    /// Nobody there, or the connection broke.
    #[error("not reached: {0}")]
    Io(String),
}

/// `None` once the connection has ended: nothing is acknowledged any more.
type Waiting = Arc<Mutex<Option<HashMap<i64, oneshot::Sender<Value>>>>>;

/// An open socket. Dropping it closes the connection.
pub struct Socket {
    out: mpsc::UnboundedSender<Message>,
    waiting: Waiting,
    next: i64,
}

impl Socket {
    /// Connects; events arrive at the receiver, which ends with the connection.
    pub async fn connect(
        target: &Target,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Incoming>), ConnectError> {
        timeout(PATIENCE, Self::open(target))
            .await
            .unwrap_or_else(|_| Err(ConnectError::Io("no answer".to_owned())))
    }

    async fn open(
        target: &Target,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Incoming>), ConnectError> {
        let mut stream = handshake(target).await?;
        let (out, mut outgoing) = mpsc::unbounded_channel();
        let (events, incoming) = mpsc::unbounded_channel();
        let waiting = Waiting::new(Mutex::new(Some(HashMap::new())));
        let connect = match &target.token {
            Some(token) => format!("40{}", serde_json::json!({ "token": token })),
            None => "40".to_owned(),
        };
        // Engine.IO's open packet, then ours.
        next_text(&mut stream).await?;
        target.tap.record(&connect);
        stream.send(Message::text(connect)).await.map_err(io)?;
        loop {
            let text = next_text(&mut stream).await?;
            match text.as_str() {
                ping if ping.starts_with('2') => {
                    stream.send(Message::text("3")).await.map_err(io)?;
                }
                refused if refused.starts_with("44") => {
                    let body: serde_json::Value =
                        serde_json::from_str(refused.get(2..).unwrap_or_default())
                            .unwrap_or_default();
                    let message = body["message"].as_str().unwrap_or_default().to_owned();
                    return Err(ConnectError::Refused(message));
                }
                open if open.starts_with("40") => break,
                other => return Err(ConnectError::Io(format!("unexpected packet {other:?}"))),
            }
        }
        let (mut sink, mut stream) = stream.split();
        let mut reader = Reader {
            state: ParserState::default(),
            acks: waiting.clone(),
            events,
            // Not strongly: the connection is closed when the socket is dropped.
            pong: out.downgrade(),
            tap: target.tap.clone(),
        };
        let tap = target.tap.clone();
        // A task each, so that a flood of one kind does not hold up the other. What cannot be sent
        // any more does not end the reading: the server's last words are still on their way.
        tokio::spawn(async move {
            while let Some(message) = outgoing.recv().await {
                tap.record(payload(&message));
                let _ = sink.send(message).await;
            }
            let _ = sink.close().await;
        });
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                if reader.read(message).is_none() {
                    break;
                }
            }
            lock(&reader.acks).take();
        });
        Ok((
            Self {
                out,
                waiting,
                next: 0,
            },
            incoming,
        ))
    }

    /// Emits an event; the acknowledgement arrives at the receiver, which fails when the socket
    /// ends first.
    pub fn emit(&mut self, name: &str, payload: &impl Serialize) -> oneshot::Receiver<Value> {
        let (sender, receiver) = oneshot::channel();
        let id = self.next;
        self.next += 1;
        if let Some(waiting) = &mut *lock(&self.waiting) {
            waiting.insert(id, sender);
        }
        let value = CommonParser.encode_value(payload, Some(name)).unwrap();
        let mut packet = Packet::event("/", value);
        packet.inner.set_ack_id(id);
        self.send_packet(packet);
        receiver
    }

    /// Emits an event and waits for its acknowledgement.
    pub async fn ask<T: DeserializeOwned>(
        &mut self,
        name: &str,
        payload: &impl Serialize,
    ) -> Result<T, Problem> {
        let value = timeout(PATIENCE, self.emit(name, payload))
            .await
            .expect("an acknowledgement in time")
            .expect("a socket that is open");
        match read_ack(value) {
            Ack::Ok(reply) => Ok(reply),
            Ack::Refused(problem) => Err(*problem),
        }
    }

    /// Sends a text as it is: for packets that no client would send.
    pub fn send_raw(&self, text: &str) {
        let _ = self.out.send(Message::text(text.to_owned()));
    }

    /// Sends bytes as they are.
    pub fn send_raw_binary(&self, bytes: Vec<u8>) {
        let _ = self.out.send(Message::binary(bytes));
    }

    fn send_packet(&self, packet: Packet) {
        match CommonParser.encode(packet) {
            Value::Str(text, attachments) => {
                let _ = self.out.send(Message::text(format!("4{text}")));
                for bytes in attachments.into_iter().flatten() {
                    let _ = self.out.send(Message::binary(bytes));
                }
            }
            Value::Bytes(bytes) => drop(self.out.send(Message::binary(bytes))),
        }
    }
}

/// What an acknowledgement says.
///
/// # Panics
/// When it is none of ours.
pub fn read_ack<T: DeserializeOwned>(mut value: Value) -> Ack<T> {
    CommonParser
        .decode_value(&mut value, false)
        .expect("an acknowledgement of ours")
}

struct Reader {
    state: ParserState,
    acks: Waiting,
    events: mpsc::UnboundedSender<Incoming>,
    pong: mpsc::WeakUnboundedSender<Message>,
    tap: Tap,
}

impl Reader {
    /// `None` ends the connection.
    fn read(&mut self, message: Message) -> Option<()> {
        self.tap.record(payload(&message));
        let config = ParseConfig::default();
        let packet = match message {
            Message::Text(text) => match text.as_str().split_at_checked(1)? {
                ("2", _) => return self.pong.upgrade()?.send(Message::text("3")).ok(),
                ("4", rest) => {
                    CommonParser.decode_str(&config, &self.state, rest.to_owned().into())
                }
                _ => return None,
            },
            Message::Binary(bytes) => CommonParser.decode_bin(&config, &self.state, bytes),
            Message::Ping(_) | Message::Pong(_) => return Some(()),
            Message::Close(_) | Message::Frame(_) => return None,
        };
        match packet.ok().map(|packet| packet.inner) {
            Some(PacketData::Event(value, _) | PacketData::BinaryEvent(value, _)) => {
                let name = CommonParser.read_event(&value).ok()?.to_owned();
                let _ = self.events.send(Incoming { name, value });
            }
            Some(PacketData::EventAck(value, id) | PacketData::BinaryAck(value, id)) => {
                let waiting = lock(&self.acks).as_mut().and_then(|acks| acks.remove(&id));
                if let Some(waiting) = waiting {
                    let _ = waiting.send(value);
                }
            }
            Some(PacketData::Disconnect) => return None,
            // A part of a packet, or one that says nothing here.
            _ => {}
        }
        Some(())
    }
}

type Stream = WebSocketStream<tokio_rustls::client::TlsStream<TcpStream>>;

async fn handshake(target: &Target) -> Result<Stream, ConnectError> {
    let tcp = TcpStream::connect(("127.0.0.1", target.port))
        .await
        .map_err(io)?;
    tcp.set_nodelay(true).map_err(io)?;
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let tls = tokio_rustls::TlsConnector::from(target.tls.clone())
        .connect(name, tcp)
        .await
        .map_err(io)?;
    let url = format!(
        "wss://localhost:{}/socket.io/?EIO=4&transport=websocket",
        target.port
    );
    let mut request = url.into_client_request().unwrap();
    for (name, value) in [("origin", &target.origin), ("cookie", &target.cookie)] {
        if let Some(value) = value {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_str(value).unwrap());
        }
    }
    match tokio_tungstenite::client_async(request, tls).await {
        Ok((stream, _)) => Ok(stream),
        Err(tungstenite::Error::Http(response)) => {
            Err(ConnectError::Handshake(response.status().as_u16()))
        }
        Err(error) => Err(io(error)),
    }
}

fn payload(message: &Message) -> &[u8] {
    match message {
        Message::Text(text) => text.as_bytes(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes,
        Message::Close(_) | Message::Frame(_) => &[],
    }
}

async fn next_text(stream: &mut Stream) -> Result<String, ConnectError> {
    match stream.next().await {
        Some(Ok(Message::Text(text))) => Ok(text.as_str().to_owned()),
        other => Err(ConnectError::Io(format!("instead of a text: {other:?}"))),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn io(error: impl std::fmt::Display) -> ConnectError {
    ConnectError::Io(error.to_string())
}
