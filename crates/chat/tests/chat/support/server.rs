//! The server under test, in this process, on a free port.

use std::{net::SocketAddr, sync::Arc};

use chat::{
    config::{Arguments, Command},
    operator,
};
use clap::Parser;
use protocol::Problem;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use service::testing::TestDatabase;
use sqlx::PgPool;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{documented, mfa};

/// A chat server with its database and its MFA service. Dropping it ends all three.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Of whoever has no session.
    pub http: reqwest::Client,
    database: Arc<TestDatabase>,
    stop: CancellationToken,
    mfa_address: SocketAddr,
    mfa_stop: CancellationToken,
    stand_in: mfa::Mfa,
    serving: Option<JoinHandle<()>>,
    arguments: Vec<String>,
    files: std::path::PathBuf,
}

impl Server {
    /// Starts it.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts it with further arguments.
    pub async fn with(arguments: &[&str]) -> Self {
        let database = Arc::new(TestDatabase::new(&chat::MIGRATOR).await);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mfa_address = listener.local_addr().unwrap();
        let stand_in = mfa::Mfa::default();
        let mfa_stop = serve_mfa(&stand_in, listener);
        let files = std::env::temp_dir().join(format!("snug-files-{}", uuid::Uuid::now_v7()));
        let mut all: Vec<String> = [
            "snug-chat",
            "--admin-listen=127.0.0.1:0",
            "--rate-limit-address=100000 per minute",
            &format!("--database-url={}", database.url),
            &format!("--mfa-url=http://{mfa_address}"),
        ]
        .map(str::to_owned)
        .to_vec();
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        if !all.iter().any(|one| one.starts_with("--attachments-url")) {
            all.push(format!("--attachments-url=file://{}", files.display()));
        }
        let any = "127.0.0.1:0".parse().unwrap();
        let stop = CancellationToken::new();
        let (address, serving) = run(&all, any, stop.clone()).await;
        Self {
            address,
            http: reqwest::Client::new(),
            database,
            stop,
            mfa_address,
            mfa_stop,
            stand_in,
            serving: Some(serving),
            arguments: all,
            files,
        }
    }

    /// Starts another node on the same database. It is dropped before this one.
    pub async fn beside(&self) -> Self {
        let any = "127.0.0.1:0".parse().unwrap();
        let stop = CancellationToken::new();
        let (address, serving) = run(&self.arguments, any, stop.clone()).await;
        Self {
            address,
            http: self.http.clone(),
            database: self.database.clone(),
            stop,
            mfa_address: self.mfa_address,
            mfa_stop: CancellationToken::new(),
            stand_in: self.stand_in.clone(),
            serving: Some(serving),
            arguments: self.arguments.clone(),
            files: self.files.clone(),
        }
    }

    /// What an operator's command prints: `snug-chat admin …` on this server's database.
    pub async fn operate(&self, command: &[&str]) -> anyhow::Result<String> {
        let url = format!("--database-url={}", self.database.url);
        let arguments = ["snug-chat", &url, "admin"];
        let arguments = arguments.into_iter().chain(command.iter().copied());
        let arguments = Arguments::try_parse_from(arguments).unwrap();
        let Some(Command::Admin(command)) = arguments.command else {
            unreachable!()
        };
        let mut out = Vec::new();
        operator::run(&arguments.config, command, &mut out).await?;
        Ok(String::from_utf8(out).unwrap())
    }

    /// The folder of the encrypted files.
    pub fn files(&self) -> &std::path::Path {
        &self.files
    }

    /// Stops it as an operator does, and starts it again at the same place.
    pub async fn restart(&mut self) {
        self.stop.cancel();
        self.serving.take().unwrap().await.unwrap();
        self.stop = CancellationToken::new();
        let (_, serving) = run(&self.arguments, self.address, self.stop.clone()).await;
        self.serving = Some(serving);
    }

    /// What the browsers of logins so far were known by at the MFA service.
    pub fn agents(&self) -> Vec<Option<String>> {
        self.stand_in.lock().agents.clone()
    }

    /// Whether the MFA service has an account.
    pub fn mfa_knows(&self, account: uuid::Uuid) -> bool {
        self.stand_in.lock().accounts.contains_key(&account)
    }

    /// Ends the MFA service.
    pub fn stop_mfa(&self) {
        self.mfa_stop.cancel();
    }

    /// Starts it again, with what it knew.
    pub async fn start_mfa(&mut self) {
        let listener = TcpListener::bind(self.mfa_address).await.unwrap();
        self.mfa_stop = serve_mfa(&self.stand_in, listener);
    }

    /// The database.
    pub fn pool(&self) -> &PgPool {
        &self.database.pool
    }

    /// From now on nobody's second factor is fresh.
    pub async fn let_factors_age(&self) {
        sqlx::query("update sessions set factor_at = now() - interval '6 minutes'")
            .execute(self.pool())
            .await
            .unwrap();
    }

    /// A request without a session.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("http://{}{path}", self.address))
    }

    /// Posts JSON without a session: the status and the reply.
    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let reply = read(self.request(Method::POST, path).json(body)).await;
        documented::check(&Method::POST, path, &reply);
        reply
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
        self.mfa_stop.cancel();
        let _ = std::fs::remove_dir_all(&self.files);
    }
}

fn serve_mfa(stand_in: &mfa::Mfa, listener: TcpListener) -> CancellationToken {
    let (stop, router) = (CancellationToken::new(), mfa::router(stand_in.clone()));
    let stopped = stop.clone();
    tokio::spawn(async move {
        let serving = axum::serve(listener, router);
        tokio::select! { _ = serving => {}, () = stopped.cancelled() => {} }
    });
    stop
}

async fn run(
    arguments: &[String],
    address: SocketAddr,
    stop: CancellationToken,
) -> (SocketAddr, JoinHandle<()>) {
    let config = Arguments::try_parse_from(arguments).unwrap().config;
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        chat::serve(config, listener, stop).await.unwrap();
    });
    (address, serving)
}

/// The status and JSON of a reply; `null` for none.
pub async fn read(request: RequestBuilder) -> (u16, Value) {
    let reply = request.send().await.unwrap();
    let status = reply.status().as_u16();
    let bytes = reply.bytes().await.unwrap();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

/// Checks that a reply is this refusal and returns its problem.
#[track_caller]
pub fn refused((status, body): (u16, Value), code: protocol::Code) -> Problem {
    let problem: Problem = serde_json::from_value(body.clone())
        .unwrap_or_else(|error| panic!("{status} {body}: {error}"));
    assert_eq!(problem.code, code, "{problem:?}");
    assert_eq!(status, code.status());
    assert_eq!(problem.status, status);
    problem
}
