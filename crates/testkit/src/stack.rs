//! Three servers, two databases, one CA.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use service::testing::TestDatabase;
use sqlx::{AssertSqlSafe, Row};
use tempfile::TempDir;

use crate::{certificates, port::Port, process::Process, until};

/// One of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    /// TLS, the frontend, the way to chat.
    Gateway,
    /// Rooms and people.
    Chat,
    /// Accounts and factors.
    Mfa,
}

impl Server {
    const ALL: [Self; 3] = [Self::Mfa, Self::Chat, Self::Gateway];

    const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Chat => "chat",
            Self::Mfa => "mfa",
        }
    }
}

/// A running stack. Everything ends and vanishes with it.
pub struct Stack {
    folder: TempDir,
    /// For people and for the admin listener.
    ports: BTreeMap<Server, (Port, Port)>,
    variables: BTreeMap<Server, Vec<(String, String)>>,
    processes: Mutex<BTreeMap<Server, Process>>,
    chat_database: TestDatabase,
    mfa_database: TestDatabase,
    http: reqwest::Client,
    tls: Arc<rustls::ClientConfig>,
}

impl Stack {
    /// Starts everything and waits until it answers.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with more variables: `(server, name, value)`.
    pub async fn start_with(extra: &[(Server, &str, &str)]) -> Self {
        Self::launch_all(&Server::ALL, extra).await
    }

    /// One server alone, with its database.
    pub async fn start_alone(server: Server, extra: &[(Server, &str, &str)]) -> Self {
        Self::launch_all(&[server], extra).await
    }

    async fn launch_all(servers: &[Server], extra: &[(Server, &str, &str)]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("snug-test-")
            .tempdir()
            .unwrap();
        certificates::issue(folder.path());
        let chat_database = TestDatabase::new(&chat::MIGRATOR).await;
        let mfa_database = TestDatabase::new(&mfa::MIGRATOR).await;
        let ports = Server::ALL
            .map(|server| (server, (Port::reserve(), Port::reserve())))
            .into();
        let (http, tls) = clients(&folder.path().join("ca.pem"));
        let mut stack = Self {
            folder,
            ports,
            variables: BTreeMap::new(),
            processes: Mutex::default(),
            chat_database,
            mfa_database,
            http,
            tls,
        };
        for server in Server::ALL {
            let mut variables = stack.variables_of(server);
            variables.extend(
                extra
                    .iter()
                    .filter(|(of, ..)| *of == server)
                    .map(|(_, name, value)| ((*name).to_owned(), (*value).to_owned())),
            );
            stack.variables.insert(server, variables);
        }
        for server in servers {
            stack.launch(*server);
        }
        stack.ready().await;
        stack
    }

    /// The gateway's origin.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port(Server::Gateway))
    }

    /// A server's port.
    pub fn port(&self, server: Server) -> u16 {
        self.ports[&server].0.number
    }

    /// An HTTP client that trusts the CA and keeps no cookies.
    pub fn http(&self) -> reqwest::Client {
        self.http.clone()
    }

    /// An HTTP client with a server's certificate: what that server is for the others.
    pub fn client_of(&self, server: Server) -> reqwest::Client {
        let file = |name: &str| fs::read(self.folder.path().join(name)).unwrap();
        let name = server.name();
        let identity = [file(&format!("{name}.pem")), file(&format!("{name}.key"))].concat();
        reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&file("ca.pem")).unwrap()])
            .identity(reqwest::Identity::from_pem(&identity).unwrap())
            .http1_only()
            .build()
            .unwrap()
    }

    /// TLS that trusts the CA.
    pub fn tls(&self) -> Arc<rustls::ClientConfig> {
        self.tls.clone()
    }

    /// The chat database, as superuser.
    pub fn chat_database(&self) -> &sqlx::PgPool {
        &self.chat_database.pool
    }

    /// The MFA database, as superuser.
    pub fn mfa_database(&self) -> &sqlx::PgPool {
        &self.mfa_database.pool
    }

    /// Kills a server: no drain, no goodbye.
    pub fn kill(&self, server: Server) {
        if let Some(mut process) = self.processes.lock().unwrap().remove(&server) {
            process.kill();
        }
    }

    /// Stops a server as an operator does, by SIGTERM.
    pub fn stop(&self, server: Server) {
        if let Some(mut process) = self.processes.lock().unwrap().remove(&server) {
            process.stop();
        }
    }

    /// Starts a server that was killed or stopped and waits until the stack answers.
    pub async fn restart(&self, server: Server) {
        self.launch(server);
        self.ready().await;
    }

    /// Starts every server that is not running and waits until the stack answers.
    pub async fn restart_all(&self) {
        for server in Server::ALL {
            if !self.processes.lock().unwrap().contains_key(&server) {
                self.launch(server);
            }
        }
        self.ready().await;
    }

    /// Resident memory of all servers, in bytes.
    pub fn memory(&self) -> u64 {
        self.processes
            .lock()
            .unwrap()
            .values()
            .map(Process::memory)
            .sum()
    }

    /// Everything that a server has written.
    pub fn log(&self, server: Server) -> String {
        fs::read_to_string(self.log_path(server)).unwrap_or_default()
    }

    /// The newest code that was mailed to an address.
    pub async fn mailed_code(&self, address: &str) -> String {
        self.mailed_codes(address, 1).await.pop().unwrap()
    }

    /// The codes that were mailed to an address, oldest first, once there are `count`.
    pub async fn mailed_codes(&self, address: &str, count: usize) -> Vec<String> {
        until(&format!("mail {count} to {address}"), || async {
            let codes = codes_in(&self.log(Server::Mfa), address);
            (codes.len() >= count).then_some(codes)
        })
        .await
    }

    /// Both databases as text, every row of every table: bytes in hexadecimal.
    pub async fn dump(&self) -> String {
        let mut text = String::new();
        for pool in [&self.chat_database.pool, &self.mfa_database.pool] {
            let tables: Vec<String> = sqlx::query_scalar(
                "select quote_ident(tablename) from pg_tables where schemaname = 'public'",
            )
            .fetch_all(pool)
            .await
            .unwrap();
            assert!(!tables.is_empty());
            for table in tables {
                let sql = AssertSqlSafe(format!("select row_to_json(t)::text from {table} t"));
                for row in sqlx::query(sql).fetch_all(pool).await.unwrap() {
                    text.push_str(row.get(0));
                    text.push('\n');
                }
            }
        }
        text
    }

    /// Keeps the folder with logs and certificates after a failure.
    fn keep_folder_of_a_failed_test(&mut self) {
        if std::thread::panicking() {
            self.folder.disable_cleanup(true);
            eprintln!("logs are kept in {}", self.folder.path().display());
        }
    }

    fn launch(&self, server: Server) {
        let binary = format!("snug-{}", server.name());
        let process = Process::start(&binary, &self.variables[&server], &self.log_path(server));
        self.processes.lock().unwrap().insert(server, process);
    }

    async fn ready(&self) {
        until("the stack to answer", || async {
            for (server, process) in self.processes.lock().unwrap().iter_mut() {
                assert!(
                    !process.has_ended(),
                    "{server:?} ended:\n{}",
                    self.log(*server)
                );
            }
            // Each by itself, and the whole way through them where there is one.
            let mut questions: Vec<_> = self.processes.lock().unwrap().keys().copied().collect();
            let last = match questions.contains(&Server::Gateway) {
                true => vec![format!("{}/api/health", self.url())],
                false => Vec::new(),
            };
            for url in questions
                .drain(..)
                .map(|server| self.readiness(server))
                .chain(last)
            {
                let answer = self.http.get(url).send().await.ok()?;
                answer.status().is_success().then_some(())?;
            }
            Some(())
        })
        .await;
    }

    fn readiness(&self, server: Server) -> String {
        let (_, admin) = &self.ports[&server];
        format!("http://127.0.0.1:{}/health/ready", admin.number)
    }

    fn variables_of(&self, server: Server) -> Vec<(String, String)> {
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        let (port, admin) = &self.ports[&server];
        let name = server.name();
        let mut variables = vec![
            ("PORT", port.number.to_string()),
            ("LISTEN", "127.0.0.1".to_owned()),
            ("ADMIN_LISTEN", format!("127.0.0.1:{}", admin.number)),
            ("PUBLIC_URL", self.url()),
            ("TLS_CERT", file(&format!("{name}.pem"))),
            ("TLS_KEY", file(&format!("{name}.key"))),
            ("CLIENT_CERT", file(&format!("{name}.pem"))),
            ("CLIENT_KEY", file(&format!("{name}.key"))),
            ("CA_CERT", file("ca.pem")),
            ("LOG_FORMAT", "json".to_owned()),
            ("LOG_LEVEL", "debug".to_owned()),
        ];
        match server {
            Server::Gateway => {
                let chat = format!("127.0.0.1:{}", self.port(Server::Chat));
                variables.push(("CHAT_UPSTREAMS", chat));
            }
            Server::Chat => {
                variables.push(("DATABASE_URL", self.chat_database.url.clone()));
                let mfa = format!("https://127.0.0.1:{}", self.port(Server::Mfa));
                variables.push(("MFA_URL", mfa));
            }
            Server::Mfa => {
                variables.push(("DATABASE_URL", self.mfa_database.url.clone()));
                variables.push(("SECRET_KEY", "for tests only: 32 bytes and some".to_owned()));
                variables.push(("MFA_APPS", "chat=spiffe://snug/chat".to_owned()));
                // The floor: what is tested is not how long a hash takes.
                variables.push(("PASSWORD_HASH_MS", "1".to_owned()));
            }
        }
        variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn log_path(&self, server: Server) -> PathBuf {
        self.folder.path().join(format!("{}.log", server.name()))
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.keep_folder_of_a_failed_test();
    }
}

fn clients(ca: &std::path::Path) -> (reqwest::Client, Arc<rustls::ClientConfig>) {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(ca).unwrap())
        .unwrap();
    let tls = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let http = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .build()
        .unwrap();
    (http, Arc::new(tls))
}

/// The six-digit codes in the printed mails to an address.
fn codes_in(log: &str, address: &str) -> Vec<String> {
    let mut codes = Vec::new();
    let mut mine = false;
    for line in log.lines() {
        if line.contains(" to ") || line.to_lowercase().contains("to:") {
            mine = line.contains(address);
        }
        let digits: String = line.chars().filter(char::is_ascii_digit).collect();
        let is_code =
            digits.len() == 6 && !line.starts_with('{') && line.to_lowercase().contains("code");
        if mine && is_code {
            codes.push(digits);
        }
    }
    codes.dedup();
    codes
}
