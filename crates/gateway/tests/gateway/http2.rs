//! HTTP/2 as no client speaks it, frame by frame: such a connection is ended, and nobody else
//! notices.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::{
    PATIENCE,
    wire::{Stream, connect},
    world::World,
};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// RFC 9113, section 7.
const ENHANCE_YOUR_CALM: u32 = 11;
const CANCEL: [u8; 4] = [0, 0, 0, 8];

/// A connection after its preface.
async fn open(world: &World) -> Stream {
    let mut stream = connect(world, b"h2").await;
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    stream
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The header block of a request: `:method` by its place in the static table (RFC 7541, appendix A).
fn request(method: u8, path: &str) -> Vec<u8> {
    let mut block = vec![0x80 | method, 0x87];
    for (name, value) in [(4, path), (1, "localhost")] {
        block.extend([name, u8::try_from(value.len()).unwrap()]);
        block.extend(value.as_bytes());
    }
    block
}

const GET: u8 = 2;
const POST: u8 = 3;

/// Sends frames until the connection ends, and says how it was ended; `None` when it broke before
/// the last words arrived.
async fn ended(stream: Stream, frames: Vec<u8>) -> Option<u32> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let sending = tokio::spawn(async move {
        let _ = writer.write_all(&frames).await;
        writer
    });
    let reading = async {
        loop {
            let mut head = [0; 9];
            reader.read_exact(&mut head).await.ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            reader.read_exact(&mut payload).await.ok()?;
            if head[3] == GOAWAY {
                return Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
            }
        }
    };
    let code = timeout(PATIENCE, reading).await.unwrap();
    drop(timeout(PATIENCE, sending).await.unwrap());
    code
}

#[tokio::test]
async fn who_resets_requests_again_and_again_is_sent_away_and_others_are_served() {
    let world = World::start(&[]).await;
    // CVE-2023-44487. All in one piece, so that the last words are not lost.
    let flood: Vec<u8> = (0..200_u32)
        .flat_map(|number| {
            let (stream, get) = (2 * number + 1, request(GET, "/api/slow"));
            [
                frame(HEADERS, END_STREAM | END_HEADERS, stream, &get),
                frame(RST_STREAM, 0, stream, &CANCEL),
            ]
            .concat()
        })
        .collect();
    let attack = async {
        for _ in 0..30 {
            let stream = open(&world).await;
            assert_eq!(ended(stream, flood.clone()).await, Some(ENHANCE_YOUR_CALM));
        }
    };
    let mut attack = std::pin::pin!(attack);
    let mut served = 0;
    loop {
        tokio::select! {
            () = &mut attack => break,
            reply = world.get("/api/echo") => {
                assert_eq!(reply.status(), 200);
                served += 1;
            }
        }
    }
    assert!(served > 0, "somebody was served meanwhile");
    assert_eq!(world.get("/api/echo").await.status(), 200);
}

#[tokio::test]
async fn who_sends_nothing_in_many_frames_is_sent_away() {
    let world = World::start(&[]).await;
    // RUSTSEC-2026-0258: empty pieces of a body that nobody reads cost no window.
    let stream = open(&world).await;
    let mut frames = frame(HEADERS, END_HEADERS, 1, &request(POST, "/api/slow"));
    frames.extend(frame(DATA, 0, 1, &[]).repeat(50_000));
    let code = ended(stream, frames).await;
    assert!(matches!(code, None | Some(ENHANCE_YOUR_CALM)), "{code:?}");
    // A head that never ends: many small pieces of it, and some as large as they may be.
    for piece in [b"\x00\x01a\x01b".to_vec(), b"\x00\x01a\x01b".repeat(3_000)] {
        let stream = open(&world).await;
        let mut frames = frame(HEADERS, END_STREAM, 1, &request(GET, "/api/echo"));
        frames.extend(frame(CONTINUATION, 0, 1, &piece).repeat(500));
        let code = ended(stream, frames).await;
        assert!(matches!(code, None | Some(ENHANCE_YOUR_CALM)), "{code:?}");
    }
    assert_eq!(world.get("/api/echo").await.status(), 200);
}
