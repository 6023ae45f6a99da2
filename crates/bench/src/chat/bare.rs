//! What no server of the job can do without, done by a program that does nothing else: a write to
//! each socket, and a commit.

use std::{
    fs,
    io::Write,
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use sqlx::{Connection, PgConnection};
use tokio::{io::AsyncReadExt, sync::oneshot};

use crate::system::{SERVER, pin_self};

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
    let mut readers = tokio::task::JoinSet::new();
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

/// What the calling thread has used.
fn cpu_of_thread() -> anyhow::Result<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let used = text.split(' ').next().context("an empty schedstat")?;
    Ok(Duration::from_nanos(used.parse()?))
}
