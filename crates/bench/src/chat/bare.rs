//! What no server of the job can do without, done by a program that does nothing else: a write to
//! each socket, and a commit; and what none on our library can, a broadcast.

use std::{
    io::Write,
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use axum::serve::ListenerExt;
use futures_util::StreamExt;
use protocol::{
    rest::rooms::EnvelopeKind,
    socket::{BinaryEnvelope, server},
};
use socketioxide::{SocketIo, extract::SocketRef};
use sqlx::{Connection, PgConnection};
use tokio::{io::AsyncReadExt, sync::oneshot, task::JoinSet, time::sleep};
use uuid::Uuid;

use crate::{
    load::Target,
    system::{SERVER, cpu_of_thread, on_one_thread, pin_self},
};

/// About as many bytes as a delivery has, both of its frames together.
pub const BYTES: usize = 750;

/// Bytes of a message's payload.
const PAYLOAD: usize = 344;

/// How long each insert of a message's payload takes until it is committed, one after the other
/// over one connection from the generator's core.
pub async fn commits(url: &str, length: Duration) -> anyhow::Result<Vec<Duration>> {
    let mut db = PgConnection::connect(url).await?;
    let table = "create table if not exists bare (id bigserial primary key, body bytea not null)";
    sqlx::query(table).execute(&mut db).await?;
    let (started, payload) = (Instant::now(), [0_u8; PAYLOAD]);
    let mut times = Vec::new();
    while started.elapsed() < length {
        let before = Instant::now();
        let insert = sqlx::query("insert into bare (body) values ($1)").bind(&payload[..]);
        insert.execute(&mut db).await?;
        times.push(before.elapsed());
    }
    db.close().await?;
    Ok(times)
}

/// Microseconds of CPU of a write to one of so many sockets on the servers' core; `rate` times a
/// second, all of them are written to. The kernel carries what is written through TCP to the
/// receiver before the write returns: it is the sender's time.
pub async fn write(sockets: usize, rate: f64, length: Duration) -> anyhow::Result<f64> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let (done, finished) = oneshot::channel();
    thread::spawn(move || {
        let _ = done.send(write_to_all(&listener, sockets, rate, length));
    });
    let mut readers = JoinSet::new();
    for _ in 0..sockets {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        readers.spawn_local(async move {
            let mut buffer = [0; 4 * BYTES];
            while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
        });
    }
    let cost = finished.await.context("the writing thread is gone")?;
    readers.join_all().await;
    cost
}

fn write_to_all(
    listener: &TcpListener,
    sockets: usize,
    rate: f64,
    length: Duration,
) -> anyhow::Result<f64> {
    pin_self(SERVER)?;
    let accept = || -> anyhow::Result<TcpStream> {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        Ok(stream)
    };
    let mut streams = (0..sockets)
        .map(|_| accept())
        .collect::<anyhow::Result<Vec<_>>>()?;
    let (started, before) = (Instant::now(), cpu_of_thread()?);
    let gap = Duration::from_secs_f64(1.0 / rate);
    let mut rounds = 0;
    while started.elapsed() < length {
        for stream in &mut streams {
            stream.write_all(&[0; BYTES])?;
        }
        rounds += 1;
        let due = started + gap * rounds;
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    let used = cpu_of_thread()?.saturating_sub(before);
    Ok(used.as_secs_f64() * 1e6 / (f64::from(rounds) * sockets as f64))
}

/// Microseconds of CPU of an event to one of so many sockets on the servers' core, by a server that
/// does nothing else; `rate` times a second, all of them get one. It is encoded once for all, on one
/// thread that no other has to wake.
pub async fn broadcast(sockets: usize, rate: f64, length: Duration) -> anyhow::Result<f64> {
    let (listens, port) = oneshot::channel();
    let (all_here, wait) = oneshot::channel();
    let (done, finished) = oneshot::channel();
    thread::spawn(move || {
        let serve = async { broadcasts(listens, wait, (sockets, rate), length).await };
        let _ = done.send(on_one_thread(SERVER, serve));
    });
    let port = port.await.context("the broadcasting thread is gone")?;
    let mut readers = JoinSet::new();
    for _ in 0..sockets {
        let mut stream = Target { port, tls: None }.session(&"").await?;
        readers.spawn_local(async move {
            while stream.next().await.is_some_and(|frame| frame.is_ok()) {}
        });
    }
    let _ = all_here.send(());
    let cost = finished.await.context("the broadcasting thread is gone")?;
    readers.join_all().await;
    cost
}

async fn broadcasts(
    listens: oneshot::Sender<u16>,
    all_here: oneshot::Receiver<()>,
    (sockets, rate): (usize, f64),
    length: Duration,
) -> anyhow::Result<f64> {
    let (layer, io) = SocketIo::new_layer();
    io.ns("/", async |socket: SocketRef| socket.join("everybody"));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let app = axum::Router::new().layer(layer);
    tokio::spawn(async { axum::serve(listener, app).await });
    let _ = listens.send(port);
    all_here.await?;
    let event = BinaryEnvelope {
        room_id: Uuid::now_v7().into(),
        seq: 1_000,
        epoch: 1,
        kind: EnvelopeKind::Application,
        sender_user: Uuid::now_v7().into(),
        sender_device: Uuid::now_v7().into(),
        client_id: Uuid::now_v7().into(),
        sent_at: time::OffsetDateTime::now_utc().into(),
        message: vec![0; PAYLOAD].into(),
        href: None,
    };
    let (started, before) = (Instant::now(), cpu_of_thread()?);
    let gap = Duration::from_secs_f64(1.0 / rate);
    let mut rounds = 0;
    while started.elapsed() < length {
        let sent = io.to("everybody").emit(server::MESSAGE, &event).await;
        sent.map_err(|error| anyhow::anyhow!("{error}"))?;
        rounds += 1;
        let due = started + gap * rounds;
        sleep(due.saturating_duration_since(Instant::now())).await;
    }
    let used = cpu_of_thread()?.saturating_sub(before);
    io.close().await;
    Ok(used.as_secs_f64() * 1e6 / (f64::from(rounds) * sockets as f64))
}
