//! One service with a database, a clock and a mailbox of its own.

use std::{
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
};
use clap::Parser;
use http::{Method, Request, header};
use mfa::{
    App, MIGRATOR,
    arguments::{Arguments, Command},
    clock::Clock,
    commands::{accounts_command, apps_command},
    config::Config,
    notify::{Delivery, Mailer, worker::Worker},
    totp,
    vault::Vault,
};
use protocol::Problem;
use serde_json::{Value, json};
use service::{Peer, testing::TestDatabase};
use tokio::sync::{
    Mutex,
    mpsc::{UnboundedReceiver, unbounded_channel},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::documented;

pub use crate::words::{base32, claims, other_than, strings};

pub const SECRET_KEY: &str = "for tests only, thirty-two bytes or more";
pub const PASSWORD: &str = "radium and polonium";

/// A running service.
pub struct Service {
    pub router: Router,
    pub app: App,
    pub clock: Clock,
    pub database: Arc<TestDatabase>,
    pub worker: Worker,
    pub mailbox: Mutex<UnboundedReceiver<Delivery>>,
}

/// A reply.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
    pub headers: http::HeaderMap,
}

/// A finished or unfinished account of a test.
pub struct Person {
    pub id: String,
    pub email: String,
    pub username: String,
    pub factor: String,
    pub secret: Vec<u8>,
    pub recovery_codes: Vec<String>,
}

/// A configuration with some flags of a test's own.
pub fn config(database: &str, flags: &[&str]) -> Config {
    let url = format!("--database-url={database}");
    let usual = [
        "snug-mfa",
        &url,
        "--secret-key",
        SECRET_KEY,
        "--mfa-apps=chat=spiffe://snug/chat,shop=spiffe://snug/shop",
        "--password-hash-ms=0",
    ];
    Arguments::parse_from(usual.iter().chain(flags)).config
}

/// All logs of the process at the highest level, to look for what must not be in them.
pub fn log_file() -> &'static PathBuf {
    static FILE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = FILE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let telemetry = service::telemetry::Telemetry {
            log_format: service::telemetry::Format::Json,
            log_level: "trace,sqlx=trace".to_owned(),
            log_file: Some(path.clone()),
        };
        service::telemetry::init(&telemetry).unwrap();
        (folder, path)
    });
    path
}

impl Service {
    pub async fn start() -> Self {
        Self::with_flags(&[]).await
    }

    pub async fn with_flags(flags: &[&str]) -> Self {
        log_file();
        let database = TestDatabase::new(&MIGRATOR).await;
        let config = config(&database.url, flags);
        let clock = Clock::default();
        // One second into a step: no test crosses the border by accident.
        let into = clock.now().unwrap().unix_timestamp().unsigned_abs() % totp::STEP;
        clock.advance(Duration::from_secs(totp::STEP + 1 - into));
        Self::open(&config, Arc::new(database), clock).await
    }

    async fn open(config: &Config, database: Arc<TestDatabase>, clock: Clock) -> Self {
        let (sender, receiver) = unbounded_channel();
        let stop = CancellationToken::new();
        let app = mfa::open(config, database.pool.clone(), clock.clone(), &stop)
            .await
            .unwrap()
            .unwrap();
        Self {
            router: mfa::router(app.clone()),
            worker: mfa::worker(&app, &Mailer::Memory(sender), config),
            app,
            clock,
            database,
            mailbox: Mutex::new(receiver),
        }
    }

    /// Another node on the same database and clock, perhaps with other keys.
    pub async fn node(&self, secret_key: Option<&str>) -> Self {
        let mut config = config(&self.database.url, &[]);
        if let Some(key) = secret_key {
            config.secret_key = Some(key.into());
        }
        Self::open(&config, self.database.clone(), self.clock.clone()).await
    }

    /// A request of an application, by certificate, for a person at an address.
    pub async fn ask(
        &self,
        app: &str,
        address: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Reply {
        self.ask_with(app, &[("x-client-address", address)], method, path, body)
            .await
    }

    /// The same with headers of the caller's own.
    pub async fn ask_with(
        &self,
        app: &str,
        headers: &[(&str, &str)],
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .extension(peer(&[&format!("spiffe://snug/{app}")]));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let reply = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = reply.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let reply = Reply {
            status: parts.status.as_u16(),
            body,
            headers: parts.headers,
        };
        documented::check(&self.app.document, &method, &path, &reply);
        reply
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.ask("chat", "192.0.2.1", Method::POST, path, Some(&body))
            .await
    }

    pub async fn post_from(&self, address: &str, path: &str, body: Value) -> Reply {
        self.ask("chat", address, Method::POST, path, Some(&body))
            .await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask("chat", "192.0.2.1", Method::GET, path, None).await
    }

    /// An operator's `snug-mfa apps …`.
    pub async fn apps(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let line = ["snug-mfa", "apps"].iter().chain(arguments);
        let Some(Command::Apps(command)) = Arguments::try_parse_from(line)?.command else {
            anyhow::bail!("no command about applications");
        };
        apps_command(&self.database.pool, &command).await
    }

    /// An operator's `snug-mfa accounts …`.
    pub async fn accounts(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let line = ["snug-mfa", "accounts"].iter().chain(arguments);
        let Some(Command::Accounts(command)) = Arguments::try_parse_from(line)?.command else {
            anyhow::bail!("no command about accounts");
        };
        let vault = Vault::new(SECRET_KEY.as_bytes())?;
        let now = self.clock.now()?;
        let url = "https://localhost:8443/factor-resets/cancel";
        accounts_command(&self.database.pool, &vault, url, &command, now).await
    }

    /// Sends what waits in the outbox and returns what arrived.
    pub async fn mails(&self) -> Vec<Delivery> {
        while self.worker.step().await.unwrap() {}
        let mut mailbox = self.mailbox.lock().await;
        let mut all = Vec::new();
        while let Ok(mail) = mailbox.try_recv() {
            all.push(mail);
        }
        all
    }

    /// The code of the newest mail to an address.
    pub async fn mailed_code(&self, email: &str) -> String {
        let mails = self.mails().await;
        let mail = mails.iter().rev().find(|mail| mail.to == email);
        mail.expect("a mail").code.clone().expect("a code in it")
    }

    pub fn unix(&self) -> u64 {
        self.clock.now().unwrap().unix_timestamp().unsigned_abs()
    }

    /// The code that an authenticator app shows now.
    pub fn totp(&self, person: &Person) -> String {
        totp::code_at(&person.secret, self.unix())
    }

    /// The code of the system's time, moved: when the service's clock cannot be asked.
    pub fn totp_at(&self, person: &Person, ahead: u64) -> String {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        totp::code_at(&person.secret, now.as_secs() + ahead)
    }

    /// Goes on to the next code.
    pub fn next_step(&self) {
        self.clock.advance(Duration::from_secs(totp::STEP));
    }

    /// A sign-up with a TOTP factor; nothing is confirmed yet.
    pub async fn sign_up(&self, username: &str, email: &str) -> Person {
        let body =
            json!({"email": email, "username": username, "password": PASSWORD, "factor": "totp"});
        let reply = self.post("/v1/accounts", body).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        let factor = &reply.body["factor"];
        Person {
            id: reply.text("account_id"),
            email: email.to_owned(),
            username: username.to_owned(),
            factor: factor["factor_id"].as_str().unwrap().to_owned(),
            secret: base32(factor["secret"].as_str().unwrap()),
            recovery_codes: Vec::new(),
        }
    }

    pub async fn verify_email(&self, person: &Person, code: &str) -> Reply {
        let body = json!({"account_id": person.id, "code": code});
        self.post("/v1/email-verifications", body).await
    }

    pub async fn activate(&self, person: &Person, code: &str) -> Reply {
        let path = format!(
            "/v1/accounts/{}/factors/{}/activate",
            person.id, person.factor
        );
        self.post(&path, json!({"code": code})).await
    }

    /// A complete account with an active factor; its first code is used, the next one is shown.
    pub async fn member(&self, username: &str) -> Person {
        let email = format!("{username}@example.org");
        let mut person = self.sign_up(username, &email).await;
        let code = self.mailed_code(&email).await;
        assert_eq!(self.verify_email(&person, &code).await.status, 200);
        let done = self.activate(&person, &self.totp(&person)).await;
        assert_eq!(done.status, 200, "{done:?}");
        person.recovery_codes = strings(&done.body["recovery_codes"]);
        self.next_step();
        person
    }

    /// A complete account without a factor.
    pub async fn plain_member(&self, username: &str) -> Person {
        let email = format!("{username}@example.org");
        let body = json!({"email": email, "username": username, "password": PASSWORD});
        let reply = self.post("/v1/accounts", body).await;
        let id = reply.text("account_id");
        let code = self.mailed_code(&email).await;
        let (factor, secret) = (String::new(), Vec::new());
        let username = username.to_owned();
        let person = Person {
            id,
            email,
            username,
            factor,
            secret,
            recovery_codes: Vec::new(),
        };
        assert_eq!(
            self.verify_email(&person, &code).await.body["complete"],
            true
        );
        person
    }

    pub async fn login(&self, identifier: &str, password: &str) -> Reply {
        self.login_from("192.0.2.1", identifier, password).await
    }

    pub async fn login_from(&self, address: &str, identifier: &str, password: &str) -> Reply {
        let address: IpAddr = address.parse().unwrap();
        let body = json!({"identifier": identifier, "password": password, "client_ip": address});
        self.post("/v1/logins", body).await
    }

    /// A challenge after a right password.
    pub async fn challenge(&self, person: &Person) -> String {
        self.challenge_of(&person.username).await
    }

    pub async fn challenge_of(&self, username: &str) -> String {
        let reply = self.login(username, PASSWORD).await;
        assert_eq!(reply.code(), "mfa-required", "{reply:?}");
        reply.text("challenge_id")
    }

    pub async fn answer(&self, challenge: &str, method: &str, code: &str) -> Reply {
        let path = format!("/v1/challenges/{challenge}/verify");
        self.post(&path, json!({"method": method, "code": code}))
            .await
    }
}

impl Reply {
    /// The problem's code.
    pub fn code(&self) -> String {
        self.body["code"]
            .as_str()
            .unwrap_or("no problem")
            .to_owned()
    }

    pub fn text(&self, field: &str) -> String {
        self.body[field]
            .as_str()
            .unwrap_or_else(|| panic!("no {field}: {self:?}"))
            .to_owned()
    }

    /// Checks status and code of a problem, and its shape.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Problem {
        assert_eq!((self.status, &*self.code()), (status, code), "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json");
        serde_json::from_value(self.body.clone()).unwrap()
    }
}

pub fn peer(names: &[&str]) -> Peer {
    let names: Arc<[String]> = names.iter().map(|name| (*name).to_owned()).collect();
    Peer {
        address: ([127, 0, 0, 1], 40_000).into(),
        names,
    }
}
