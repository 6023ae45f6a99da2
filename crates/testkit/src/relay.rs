//! Stands between two servers with the certificates of both, or between one and its Redis, and keeps
//! all that they tell each other.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::port::Port;

/// One connection.
#[derive(Clone, Default)]
struct Connection {
    asked: Vec<u8>,
    told: Vec<u8>,
}

type Connections = Arc<Mutex<Vec<Connection>>>;

/// Listens in another server's place until it is dropped.
pub(crate) struct Relay {
    port: Port,
    heard: Connections,
    task: JoinHandle<()>,
}

impl Relay {
    /// Is `to`, which listens on `target`, to everybody who connects, and `from` to `to`. The
    /// certificates are in the folder.
    pub(crate) async fn start(folder: &Path, from: &str, to: &str, target: u16) -> Self {
        let read = |name: &str| -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
            let chain = CertificateDer::from_pem_file(folder.join(format!("{name}.pem"))).unwrap();
            let key = PrivateKeyDer::from_pem_file(folder.join(format!("{name}.key"))).unwrap();
            (vec![chain], key)
        };
        let mut roots = rustls::RootCertStore::empty();
        let ca = CertificateDer::from_pem_file(folder.join("ca.pem")).unwrap();
        roots.add(ca).unwrap();
        let (chain, key) = read(to);
        let server = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let (chain, key) = read(from);
        let client = rustls::ClientConfig::builder()
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)
            .unwrap();
        let tls = (
            TlsAcceptor::from(Arc::new(server)),
            TlsConnector::from(Arc::new(client)),
        );

        let port = Port::reserve();
        let listener = TcpListener::bind(("127.0.0.1", port.number)).await.unwrap();
        let heard = Connections::default();
        let into = heard.clone();
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (tls, into) = (tls.clone(), into.clone());
                // A connection that breaks is for the two to notice.
                tokio::spawn(async move { pass(near, target, tls, into).await.ok() });
            }
        });
        Self { port, heard, task }
    }

    /// Passes on to `target` what comes without TLS, and back.
    pub(crate) async fn plain(target: u16) -> Self {
        let port = Port::reserve();
        let listener = TcpListener::bind(("127.0.0.1", port.number)).await.unwrap();
        let heard = Connections::default();
        let into = heard.clone();
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let into = into.clone();
                tokio::spawn(async move {
                    let far = reach(&near, target).await?;
                    between(near, far, into).await
                });
            }
        });
        Self { port, heard, task }
    }

    /// Where it listens.
    pub(crate) const fn port(&self) -> u16 {
        self.port.number
    }

    /// Everything so far: of each connection what was asked and what was told, and what clients
    /// sent through WebSockets without their masks.
    pub(crate) fn heard(&self) -> Vec<Vec<u8>> {
        let heard = lock(&self.heard).clone();
        let pieces = heard.into_iter().flat_map(|connection| {
            let frames = unmasked(frames_in(&connection.asked));
            [connection.asked, connection.told, frames]
        });
        pieces.collect()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(
    near: TcpStream,
    target: u16,
    (acceptor, connector): (TlsAcceptor, TlsConnector),
    into: Connections,
) -> std::io::Result<()> {
    let far = reach(&near, target).await?;
    let near = acceptor.accept(near).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let far = connector.connect(name, far).await?;
    between(near, far, into).await
}

async fn reach(near: &TcpStream, target: u16) -> std::io::Result<TcpStream> {
    near.set_nodelay(true)?;
    let far = TcpStream::connect(("127.0.0.1", target)).await?;
    far.set_nodelay(true)?;
    Ok(far)
}

async fn between(
    near: impl AsyncRead + AsyncWrite,
    far: impl AsyncRead + AsyncWrite,
    into: Connections,
) -> std::io::Result<()> {
    let at = {
        let mut all = lock(&into);
        all.push(Connection::default());
        all.len() - 1
    };
    let (near_out, near_in) = tokio::io::split(near);
    let (far_out, far_in) = tokio::io::split(far);
    // Who has nothing to say any more does not listen either, in HTTP/1.1.
    tokio::select! {
        end = pump(near_out, far_in, |bytes| lock(&into)[at].asked.extend(bytes)) => end,
        end = pump(far_out, near_in, |bytes| lock(&into)[at].told.extend(bytes)) => end,
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    keep: impl Fn(&[u8]),
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        keep(&buffer[..read]);
        to.write_all(&buffer[..read]).await?;
        to.flush().await?;
    }
}

/// What follows the request that makes a connection a WebSocket; nothing when none did.
fn frames_in(asked: &[u8]) -> &[u8] {
    let after = |bytes: &[u8], mark: &[u8]| {
        let mut windows = bytes.windows(mark.len());
        let at = windows.position(|window| window.eq_ignore_ascii_case(mark));
        at.map(|at| at + mark.len())
    };
    let end = after(asked, b"\r\nsec-websocket-key:")
        .and_then(|key| Some(key + after(&asked[key..], b"\r\n\r\n")?));
    end.map_or(&[], |end| &asked[end..])
}

/// The payloads of a client's frames (RFC 6455, section 5.2), as far as they came.
fn unmasked(mut frames: &[u8]) -> Vec<u8> {
    let mut payloads = Vec::new();
    while let Some(payload) = next_payload(&mut frames) {
        payloads.extend(payload);
        payloads.push(b'\n');
    }
    payloads
}

fn next_payload(frames: &mut &[u8]) -> Option<Vec<u8>> {
    let [_, sizes] = frames.split_off(..2)? else {
        return None;
    };
    let wide = match sizes & 0x7f {
        126 => frames.split_off(..2)?,
        127 => frames.split_off(..8)?,
        _ => std::slice::from_ref(sizes),
    };
    let size = wide
        .iter()
        .fold(0_u64, |size, byte| size << 8 | u64::from(*byte));
    let size = if wide.len() == 1 { size & 0x7f } else { size };
    let mask = if sizes & 0x80 == 0 {
        &[0; 4]
    } else {
        frames.split_off(..4)?
    };
    let payload = frames.split_off(..usize::try_from(size).ok()?)?;
    Some(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask)
            .collect(),
    )
}

fn lock(all: &Connections) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame as a browser sends it.
    fn frame(payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
        let mut frame = vec![0x81];
        match payload.len() {
            size @ ..126 => frame.push(0x80 | size as u8),
            size => {
                frame.push(0x80 | 126);
                frame.extend((size as u16).to_be_bytes());
            }
        }
        frame.extend(mask);
        frame.extend(
            payload
                .iter()
                .zip(mask.iter().cycle())
                .map(|(byte, mask)| byte ^ mask),
        );
        frame
    }

    #[test]
    fn masks_are_taken_off() {
        let long = b"the grey heron ".repeat(20);
        let mut asked = b"GET /before HTTP/1.1\r\nhost: x\r\n\r\n".to_vec();
        asked.extend(b"GET /socket.io/ HTTP/1.1\r\nSec-WebSocket-Key: abc\r\nhost: x\r\n\r\n");
        asked.extend(frame(b"lands", [1, 2, 3, 4]));
        asked.extend(frame(&long, [250, 7, 0, 99]));
        // The last one has not come as a whole.
        asked.extend(&frame(b"at seven", [9; 4])[..7]);
        let said = unmasked(frames_in(&asked));
        assert_eq!(said, [b"lands\n", &long[..], b"\n"].concat());
        assert!(frames_in(b"GET / HTTP/1.1\r\nhost: x\r\n\r\nbody").is_empty());
    }
}
