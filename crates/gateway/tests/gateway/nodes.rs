//! Several chat servers behind one gateway.

use std::collections::BTreeMap;

use http::{Method, StatusCode, header};
use tokio::{net::TcpStream, time::timeout};

use crate::{PATIENCE, tunnels::open_socket, world::World};

const POLL: &str = "/socket.io/?EIO=4&transport=polling";

fn node_of(headers: &http::HeaderMap) -> usize {
    headers["x-node"].to_str().unwrap().parse().unwrap()
}

/// Stops a server and waits until nothing listens there any more.
async fn stop(world: &World, number: usize) {
    let node = &world.nodes[number];
    node.stop.cancel();
    timeout(PATIENCE, async {
        while TcpStream::connect(node.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

/// Asks until the answer comes from this server.
async fn wait_for(world: &World, number: usize) {
    timeout(PATIENCE, async {
        while node_of(world.get("/api/echo").await.headers()) != number {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn sockets_go_where_the_fewest_are() {
    let world = World::with_nodes(3, &[]).await;
    let mut open = Vec::new();
    let mut count = BTreeMap::new();
    for _ in 0..6 {
        let (stream, head) = open_socket(&world, "?EIO=4&transport=websocket").await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        assert!(!head.contains("set-cookie"), "{head}");
        let line = head.lines().find(|line| line.starts_with("x-node: "));
        *count.entry(line.unwrap().to_owned()).or_insert(0) += 1;
        open.push(stream);
    }
    assert_eq!(count.into_values().collect::<Vec<_>>(), [2, 2, 2]);
}

#[tokio::test]
async fn what_was_not_sent_goes_to_another_server_with_its_body() {
    let mut world = World::with_nodes(2, &[]).await;
    stop(&world, 0).await;
    let client = world.client();
    for size in [0, 1, 40_000] {
        for _ in 0..4 {
            let body = "x".repeat(size);
            let reply = client.post(world.url("/api/anything")).body(body);
            let reply = reply.send().await.unwrap();
            assert_eq!(reply.status(), StatusCode::OK);
            assert_eq!(node_of(reply.headers()), 1);
            assert_eq!(reply.text().await.unwrap(), size.to_string());
        }
    }
    let (_stream, head) = open_socket(&world, "?EIO=4&transport=websocket").await;
    assert!(head.contains("x-node: 1\r\n"), "{head}");
    world.restart(0).await;
    wait_for(&world, 0).await;
    stop(&world, 0).await;
    stop(&world, 1).await;
    let down = world.get("/api/echo").await;
    assert_eq!(down.status(), StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn what_may_have_been_done_is_not_sent_twice() {
    let world = World::with_nodes(2, &[]).await;
    let client = world.client();
    let mut broken = 0;
    for _ in 0..6 {
        let read = world.get("/api/break").await;
        assert_eq!(read.status(), StatusCode::OK, "a read is asked again");
        assert_eq!(node_of(read.headers()), 1);
        let write = client.request(Method::POST, world.url("/api/break"));
        let write = write.body("once").send().await.unwrap();
        if write.status() == StatusCode::OK {
            assert_eq!(node_of(write.headers()), 1);
        } else {
            assert_eq!(write.status(), StatusCode::BAD_GATEWAY);
            broken += 1;
        }
    }
    assert!(broken > 0, "some went to the server that breaks off");
}

#[tokio::test]
async fn long_polling_comes_back_to_its_server() {
    let world = World::with_nodes(3, &[]).await;
    let first = world.get(POLL).await;
    let node = node_of(first.headers());
    let cookie = first.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-node="), "{cookie}");
    let pair = cookie.split(';').next().unwrap().to_owned();
    let client = world.client();
    let poll = async |path: &str| {
        let request = client.get(world.url(path)).header(header::COOKIE, &pair);
        request.send().await.unwrap()
    };
    for _ in 0..6 {
        let next = poll(&format!("{POLL}&sid=x")).await;
        assert_eq!(node_of(next.headers()), node);
        assert!(!next.headers().contains_key(header::SET_COOKIE));
        // A second tab: else the two would take the cookie from each other.
        assert_eq!(node_of(poll(POLL).await.headers()), node);
    }
    stop(&world, node).await;
    let moved = poll(&format!("{POLL}&sid=x")).await;
    assert_ne!(node_of(moved.headers()), node);
    assert!(
        world
            .get("/api/echo")
            .await
            .headers()
            .get(header::SET_COOKIE)
            .is_none()
    );
}
