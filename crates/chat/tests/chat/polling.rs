//! Long polling: it works, and one that does not come back for its packets is bounded in bytes.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Device, Server, room_between};

/// A polling client: text packets in, text packets out; binary ones are base64 behind a `b`.
struct Poller<'a> {
    server: &'a Server,
    path: String,
}

impl<'a> Poller<'a> {
    async fn open(server: &'a Server, token: &str) -> Self {
        let base = "/socket.io/?EIO=4&transport=polling";
        let reply = server.request(Method::GET, base).send().await.unwrap();
        let open = reply.text().await.unwrap();
        let open: Value = serde_json::from_str(&open[1..]).unwrap();
        let path = format!("{base}&sid={}", open["sid"].as_str().unwrap());
        let poller = Self { server, path };
        poller.post(&format!("40{}", json!({"token": token}))).await;
        poller
    }

    async fn post(&self, body: &str) {
        let request = self.server.request(Method::POST, &self.path);
        let reply = request.body(body.to_owned()).send().await.unwrap();
        assert_eq!(reply.status(), 200);
    }

    /// What waits, as soon as something does; heartbeats are answered.
    async fn poll(&self) -> (u16, String) {
        let reply = self.server.request(Method::GET, &self.path).send().await;
        let reply = reply.unwrap();
        let (status, body) = (reply.status().as_u16(), reply.text().await.unwrap());
        if body.split('\x1e').any(|packet| packet == "2") {
            self.post("3").await;
        }
        (status, body)
    }

    /// Polls until a packet holds this.
    async fn until(&self, what: &str) -> String {
        loop {
            let (status, body) = self.poll().await;
            assert_eq!(status, 200, "{body}");
            if let Some(found) = body.split('\x1e').find(|one| one.contains(what)) {
                return found.to_owned();
            }
        }
    }

    /// Proves a device and starts live delivery.
    async fn live(&self, device: &Device) {
        let connected = self.until("connected").await;
        let start = connected.find('[').unwrap();
        let connected: Value = serde_json::from_str(&connected[start..]).unwrap();
        let nonce = connected[1]["nonce"].as_str().unwrap();
        let nonce = STANDARD.decode(nonce).unwrap();
        let signature = STANDARD.encode(device.client.keys().prove(&nonce));
        let proof = json!(["device", {
            "device_id": device.id, "signature": {"_placeholder": true, "num": 0},
        }]);
        self.post(&format!("451-1{proof}\x1eb{signature}")).await;
        self.until("key_packages_left").await;
        let sync = json!(["sync", {"cursors": {}}]);
        self.post(&format!("422{sync}")).await;
        self.until("\"more\":false").await;
    }
}

#[tokio::test]
async fn a_polling_client_hears_and_one_that_stops_is_closed_at_a_megabyte() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (bo, there)) = room_between(&server).await;
    drop(there);
    let poller = Poller::open(&server, &bo.person.token).await;
    poller.live(&bo).await;
    // Far more than a megabyte while it comes back for them: none is withheld.
    let text = "x".repeat(60_000);
    for _ in 0..40 {
        let ack = ana.say(&mut here, room, &text).await;
        poller.until(&format!("\"seq\":{}", ack["seq"])).await;
    }
    // It comes back no more, and is not waited for.
    for _ in 0..40 {
        ana.say(&mut here, room, &text).await;
    }
    loop {
        let told = here.event("contacts_updated").await;
        if told.payload["change"] == "offline" {
            break;
        }
    }
    let mut rest = 0;
    loop {
        let (status, body) = poller.poll().await;
        rest += body.len();
        if status != 200
            || body
                .split('\x1e')
                .any(|packet| packet == "41" || packet == "1")
        {
            break;
        }
    }
    // A megabyte of messages, base64 by a third more, and what is around them.
    assert!(rest < 2 * 1024 * 1024, "{rest} bytes had waited");
}
