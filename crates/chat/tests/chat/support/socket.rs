//! A Socket.IO client in plain sight: JSON with the attachments beside it.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use protocol::{Code, Problem};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{self, Message, client::IntoClientRequest},
};
use uuid::Uuid;

use super::{Server, events};

const PATIENCE: Duration = Duration::from_secs(20);

/// Stands for the attachment with this number inside a payload.
pub fn bytes(number: usize) -> Value {
    json!({"_placeholder": true, "num": number})
}

/// An event of the server.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its payload.
    pub payload: Value,
    /// Its attachments.
    pub attachments: Vec<Vec<u8>>,
}

/// A socket. Events that are not waited for are kept.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    events: VecDeque<Event>,
    acks: VecDeque<(u64, Value)>,
    /// What waits for an acknowledgement.
    asked: HashMap<u64, (String, Value)>,
    next: u64,
}

impl Socket {
    /// Opens a socket with these headers and, perhaps, a token.
    ///
    /// # Errors
    /// The status of a refused handshake or the message of a `connect_error`.
    pub async fn open(
        server: &Server,
        headers: &[(&'static str, &str)],
        token: Option<&str>,
    ) -> Result<Self, String> {
        let url = format!(
            "ws://{}/socket.io/?EIO=4&transport=websocket",
            server.address
        );
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = // Without Nagle's algorithm: an attachment would wait 40 ms for the text before it.
        match connect_async_with_config(request, None, true).await {
            Ok((stream, _)) => stream,
            Err(tungstenite::Error::Http(reply)) => return Err(reply.status().to_string()),
            Err(error) => panic!("{error}"),
        };
        let mut socket = Self {
            stream,
            events: VecDeque::new(),
            acks: VecDeque::new(),
            asked: HashMap::new(),
            next: 1,
        };
        assert!(socket.text().await.unwrap().starts_with('0'));
        let auth = token
            .map(|token| json!({"token": token}).to_string())
            .unwrap_or_default();
        socket.raw(&format!("40{auth}")).await;
        let reply = socket.text().await.unwrap();
        if let Some(error) = reply.strip_prefix("44") {
            let error: Value = serde_json::from_str(error).unwrap();
            return Err(error["message"].as_str().unwrap().to_owned());
        }
        assert!(reply.starts_with("40"), "{reply}");
        Ok(socket)
    }

    /// Sends an event without waiting; returns its number.
    pub async fn emit(&mut self, name: &str, payload: &Value, attachments: &[&[u8]]) -> u64 {
        let id = self.next;
        self.next += 1;
        let body = json!([name, payload]);
        self.asked.insert(id, (name.to_owned(), payload.clone()));
        let head = match attachments.len() {
            0 => format!("42{id}{body}"),
            count => format!("45{count}-{id}{body}"),
        };
        self.raw(&head).await;
        for bytes in attachments {
            self.stream
                .send(Message::binary(bytes.to_vec()))
                .await
                .unwrap();
        }
        id
    }

    /// The acknowledgement of an event.
    pub async fn ack(&mut self, id: u64) -> Value {
        loop {
            if let Some(place) = self.acks.iter().position(|(known, _)| *known == id) {
                return self.acks.remove(place).unwrap().1;
            }
            assert!(self.read().await, "the socket was closed");
        }
    }

    /// Sends an event and waits for its acknowledgement, which must be good.
    pub async fn ask(&mut self, name: &str, payload: &Value, attachments: &[&[u8]]) -> Value {
        let id = self.emit(name, payload, attachments).await;
        let ack = self.ack(id).await;
        assert_eq!(ack["ok"], true, "{name}: {ack}");
        ack
    }

    /// Sends an event that must be refused with this code.
    pub async fn refused(
        &mut self,
        name: &str,
        payload: &Value,
        attachments: &[&[u8]],
        code: Code,
    ) -> Problem {
        let id = self.emit(name, payload, attachments).await;
        let ack = self.ack(id).await;
        assert_eq!(ack["ok"], false, "{name}: {ack}");
        let problem: Problem = serde_json::from_value(ack["error"].clone()).unwrap();
        assert_eq!(problem.code, code, "{problem:?}");
        problem
    }

    /// The next event of this name; those before it are dropped.
    pub async fn event(&mut self, name: &str) -> Event {
        loop {
            while let Some(event) = self.events.pop_front() {
                if event.name == name {
                    return event;
                }
            }
            assert!(self.read().await, "the socket was closed before {name}");
        }
    }

    /// The events that came until an acknowledgement comes back: all that was sent before it.
    pub async fn settle(&mut self) -> Vec<Event> {
        let id = self.emit("nothing", &Value::Null, &[]).await;
        self.ack(id).await;
        self.events.drain(..).collect()
    }

    /// Waits until the server closes the socket; returns the events until then.
    pub async fn closed(&mut self) -> Vec<Event> {
        while self.read().await {}
        self.events.drain(..).collect()
    }

    /// Waits until the server closes the socket of a revoked device, which hears first that it is
    /// revoked and then that its session ended.
    pub async fn closed_as_revoked(&mut self, device: Uuid) {
        let events = self.closed().await;
        let last = events.last_chunk::<2>().unwrap();
        assert_eq!(
            [last[0].name.as_str(), last[1].name.as_str()],
            ["device_revoked", "session_ended"]
        );
        assert_eq!(last[0].payload["device_id"], device.to_string());
    }

    /// Reads until an acknowledgement, the end, or an answer to something else that is sent now:
    /// whatever a malformed packet leads to, the server goes on.
    pub async fn closed_or_ack(&mut self, id: u64) -> Option<Value> {
        let probe = self.next;
        self.next += 1;
        let event = format!("42{probe}[\"nothing\",null]");
        let _ = self.stream.send(Message::text(event)).await;
        loop {
            if let Some((_, ack)) = self.acks.iter().find(|(one, _)| *one == id) {
                return Some(ack.clone());
            }
            if self.acks.iter().any(|(one, _)| *one == probe) || !self.read().await {
                return None;
            }
        }
    }

    /// Sends a text as it is.
    pub async fn raw(&mut self, text: &str) {
        self.stream
            .send(Message::text(text.to_owned()))
            .await
            .unwrap();
    }

    /// Reads one packet; `false` at the end.
    async fn read(&mut self) -> bool {
        let Some(text) = self.text().await else {
            return false;
        };
        let Some(packet) = text.strip_prefix('4') else {
            return true;
        };
        let start = packet.find(['[', '{']).unwrap_or(packet.len());
        let (head, body) = packet.split_at(start);
        let kind = head.chars().next().unwrap_or_default();
        if kind == '1' {
            return false;
        }
        if kind == '0' || kind == '4' {
            // An answer to a second CONNECT.
            return true;
        }
        let (count, id) = head[1..].split_once('-').unwrap_or(("0", &head[1..]));
        let mut attachments = Vec::new();
        for _ in 0..count.parse().unwrap_or(0) {
            match timeout(PATIENCE, self.stream.next()).await.unwrap() {
                Some(Ok(Message::Binary(bytes))) => attachments.push(bytes.to_vec()),
                // Closed in the middle of a packet: it counts as not received.
                Some(Ok(Message::Close(_)) | Err(_)) | None => return false,
                other => panic!("instead of an attachment: {other:?}"),
            }
        }
        let mut body: Vec<Value> = serde_json::from_str(body).unwrap();
        match kind {
            '2' | '5' => {
                let name = body[0].as_str().unwrap().to_owned();
                let payload = body.get_mut(1).map(Value::take).unwrap_or_default();
                events::check_event(&name, &payload);
                self.events.push_back(Event {
                    name,
                    payload,
                    attachments,
                });
            }
            '3' => {
                let (id, ack) = (id.parse().unwrap(), body.remove(0));
                if let Some((name, payload)) = self.asked.remove(&id) {
                    events::check_ack(&name, &payload, &ack);
                }
                self.acks.push_back((id, ack));
            }
            _ => panic!("unexpected packet {packet}"),
        }
        true
    }

    /// The next text that is no heartbeat.
    async fn text(&mut self) -> Option<String> {
        loop {
            match timeout(PATIENCE, self.stream.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => self.raw("3").await,
                Some(Ok(Message::Text(text))) => return Some(text.as_str().to_owned()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }
}
