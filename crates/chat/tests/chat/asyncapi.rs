//! The AsyncAPI document: served, and true: every event and acknowledgement that any test sees is
//! held against it (see `support/events.rs`).

use protocol::{Code, socket::client};
use serde_json::{Value, json};

use crate::support::{Person, Server};

#[tokio::test]
async fn the_document_is_open_to_all_and_the_page_leads_to_it() {
    let server = Server::start().await;
    let fetch = async |path: &str| {
        let request = server.request(reqwest::Method::GET, path);
        request.send().await.unwrap()
    };
    let reply = fetch("/api/asyncapi.json").await;
    assert_eq!(reply.headers()["content-type"], "application/json");
    let served: Value = reply.json().await.unwrap();
    assert_eq!(served, protocol::socket::asyncapi::document());
    let document: Value = fetch("/api/openapi.json").await.json().await.unwrap();
    let words = document["info"]["description"].as_str().unwrap();
    assert!(words.contains("(/api/asyncapi.json)"), "{words}");
}

#[tokio::test]
async fn the_server_knows_every_event_of_the_document() {
    let server = Server::start().await;
    let person = Person::sign_up(&server, "ann").await;
    let mut socket = person.socket(&server).await;
    for name in client::ALL {
        let id = socket.emit(name, &json!({"unknown": 1}), &[]).await;
        let ack = socket.ack(id).await;
        assert_eq!(
            ack["error"]["code"],
            Code::InvalidPayload.as_str(),
            "{name}: {ack}"
        );
    }
    socket
        .refused("nothing", &json!({}), &[], Code::UnknownEvent)
        .await;
}
