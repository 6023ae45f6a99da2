//! A proxy that does nothing but pass on, made of the libraries that the gateway is made of: what
//! no gateway on them can do without.

use std::{
    net::Ipv4Addr,
    path::Path,
    thread::{self, JoinHandle},
};

use anyhow::{Context, anyhow};
use hyper::{Request, Uri, body::Incoming, server::conn::http1, service::service_fn};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use service::tls::{self, ClientAuth, Files, Http};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tokio_rustls::TlsAcceptor;

use crate::system::{SERVER, cpu_of_thread, on_one_thread};

type Upstream = Client<HttpsConnector<HttpConnector>, Incoming>;

/// A running proxy on the servers' core.
pub struct Proxy {
    /// Where it listens.
    pub port: u16,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<anyhow::Result<f64>>,
}

impl Proxy {
    /// Starts it in front of a chat server, with the gateway's certificates.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(upstream: u16, certificates: &Path) -> anyhow::Result<Self> {
        let file = |name: &str| Some(certificates.join(name));
        let files = Files {
            tls_cert: file("gateway.pem"),
            tls_key: file("gateway.key"),
            ca_cert: file("ca.pem"),
            ..Files::default()
        };
        let (listens, port) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            on_one_thread(SERVER, async {
                let acceptor = tls::server_config(&files, ClientAuth::None, Http::One)?.config();
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                let _ = listens.send(listener.local_addr()?.port());
                let before = cpu_of_thread()?;
                let passes = pass_on(listener, acceptor.into(), upstream, client(&files)?);
                tokio::select! {
                    ended = passes => ended?,
                    _ = stopped => {}
                }
                Ok(cpu_of_thread()?.saturating_sub(before).as_secs_f64())
            })
        });
        Ok(Self {
            port: port.await.context("the proxy did not start")?,
            stop,
            thread,
        })
    }

    /// Ends it; the seconds of CPU time that it has used.
    ///
    /// # Errors
    /// When it could not go on.
    pub fn end(self) -> anyhow::Result<f64> {
        let _ = self.stop.send(());
        let ended = self.thread.join();
        ended.map_err(|_| anyhow!("the proxy panicked"))?
    }
}

fn client(files: &Files) -> anyhow::Result<Upstream> {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls::client_config(files)?)
        .https_only()
        .enable_http1()
        .wrap_connector(tcp);
    Ok(Client::builder(TokioExecutor::new()).build(connector))
}

async fn pass_on(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    upstream: u16,
    client: Upstream,
) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(serve(stream, acceptor.clone(), upstream, client.clone()));
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    upstream: u16,
    client: Upstream,
) -> anyhow::Result<()> {
    let stream = TokioIo::new(acceptor.accept(stream).await?);
    let pass = service_fn(move |mut request: Request<Incoming>| {
        let client = client.clone();
        async move {
            let path = request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str());
            *request.uri_mut() = Uri::try_from(format!("https://localhost:{upstream}{path}"))?;
            anyhow::Ok(client.request(request).await?)
        }
    });
    Ok(http1::Builder::new().serve_connection(stream, pass).await?)
}
