//! Three servers, two databases, one CA; where wanted, several chat servers and a Redis.

mod backup;
mod look;
mod overhear;

use std::{
    collections::BTreeMap,
    env, fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use service::testing::TestDatabase;
use tempfile::TempDir;

pub use look::dump_of;

use crate::{
    Server, certificates, clients::clients, port::Port, process::Process, redis::Redis,
    relay::Relay, tap::Tap, until,
};

/// One process: a server and, of several chat servers, its number.
pub(crate) type Place = (Server, usize);

/// A running stack. Everything ends and vanishes with it.
pub struct Stack {
    folder: TempDir,
    /// For people and for the admin listener.
    ports: BTreeMap<Place, (Port, Port)>,
    variables: BTreeMap<Place, Vec<(String, String)>>,
    pub(crate) processes: Mutex<BTreeMap<Place, Process>>,
    redis: Option<Redis>,
    chat_database: TestDatabase,
    mfa_database: TestDatabase,
    http: reqwest::Client,
    tls: Arc<rustls::ClientConfig>,
    tap: Tap,
    relays: BTreeMap<Place, Relay>,
    redis_relay: Option<Relay>,
}

impl Stack {
    /// Starts everything and waits until it answers.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with more variables: `(server, name, value)`.
    pub async fn start_with(extra: &[(Server, &str, &str)]) -> Self {
        Self::launch_all(&Server::ALL, nodes_wanted(), extra).await
    }

    /// The same with so many chat servers, and a Redis for more than one.
    pub async fn start_nodes(nodes: usize) -> Self {
        Self::launch_all(&Server::ALL, nodes, &[]).await
    }

    /// One server alone, with its database.
    pub async fn start_alone(server: Server, extra: &[(Server, &str, &str)]) -> Self {
        Self::launch_all(&[server], 1, extra).await
    }

    async fn launch_all(servers: &[Server], nodes: usize, extra: &[(Server, &str, &str)]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("snug-test-")
            .tempdir()
            .unwrap();
        certificates::issue(folder.path());
        let chat_database = TestDatabase::new(&chat::MIGRATOR).await;
        let mfa_database = TestDatabase::new(&mfa::MIGRATOR).await;
        let all = |server: Server| {
            let count = if server == Server::Chat { nodes } else { 1 };
            (0..count).map(move |number| (server, number))
        };
        let places: Vec<Place> = Server::ALL.into_iter().flat_map(all).collect();
        let reserve = |place: &Place| (*place, (Port::reserve(), Port::reserve()));
        let ports = places.iter().map(reserve).collect();
        let redis = match nodes {
            0 | 1 => None,
            _ => Some(Redis::start(folder.path().to_owned()).await),
        };
        let (http, tls) = clients(&folder.path().join("ca.pem"));
        let mut stack = Self {
            folder,
            ports,
            variables: BTreeMap::new(),
            processes: Mutex::default(),
            redis,
            chat_database,
            mfa_database,
            http,
            tls,
            tap: Tap::default(),
            relays: BTreeMap::new(),
            redis_relay: None,
        };
        for place in &places {
            let mut variables = stack.variables_of(*place);
            variables.extend(
                extra
                    .iter()
                    .filter(|(of, ..)| *of == place.0)
                    .map(|(_, name, value)| ((*name).to_owned(), (*value).to_owned())),
            );
            stack.variables.insert(*place, variables);
        }
        for place in places.iter().filter(|(server, _)| servers.contains(server)) {
            stack.launch(*place);
        }
        stack.ready().await;
        stack
    }

    /// The gateway's origin.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port(Server::Gateway))
    }

    /// A server's port; of several chat servers, the first one's.
    pub fn port(&self, server: Server) -> u16 {
        self.ports[&(server, 0)].0.number
    }

    /// How many chat servers there are.
    pub fn nodes(&self) -> usize {
        let all = self.ports.keys();
        all.filter(|(server, _)| *server == Server::Chat).count()
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

    /// What people and their devices send and receive, once it is started.
    pub const fn tap(&self) -> &Tap {
        &self.tap
    }

    /// The chat database, as superuser.
    pub fn chat_database(&self) -> &sqlx::PgPool {
        &self.chat_database.pool
    }

    /// The MFA database, as superuser.
    pub fn mfa_database(&self) -> &sqlx::PgPool {
        &self.mfa_database.pool
    }

    /// Kills a server, all of its nodes: no drain, no goodbye.
    pub fn kill(&self, server: Server) {
        for (_, number) in self.places_of(server) {
            self.kill_node(server, number);
        }
    }

    /// Kills one node of a server.
    pub fn kill_node(&self, server: Server, number: usize) {
        let process = self.processes.lock().unwrap().remove(&(server, number));
        if let Some(mut process) = process {
            process.kill();
        }
    }

    /// Stops a server, all of its nodes, as an operator does, by SIGTERM.
    pub fn stop(&self, server: Server) {
        for place in self.places_of(server) {
            let process = self.processes.lock().unwrap().remove(&place);
            if let Some(mut process) = process {
                process.stop();
            }
        }
    }

    /// Starts a server that was killed or stopped and waits until the stack answers.
    pub async fn restart(&self, server: Server) {
        for place in self.places_of(server) {
            self.launch_if_down(place);
        }
        self.ready().await;
    }

    /// Starts every server that is not running and waits until the stack answers.
    pub async fn restart_all(&self) {
        for place in self.ports.keys() {
            self.launch_if_down(*place);
        }
        self.ready().await;
    }

    /// Kills the Redis.
    ///
    /// # Panics
    /// When there is none.
    pub fn kill_redis(&self) {
        self.redis.as_ref().unwrap().kill();
    }

    /// Starts the Redis again.
    ///
    /// # Panics
    /// When there is none.
    pub async fn restart_redis(&self) {
        self.redis.as_ref().unwrap().restart().await;
    }

    /// The metrics of one node of a server.
    pub async fn metrics(&self, server: Server, number: usize) -> String {
        let url = self.admin((server, number), "metrics");
        let reply = self.http.get(url).send().await.unwrap();
        reply.text().await.unwrap()
    }

    /// The status of a server's readiness; `None` when nobody answers.
    pub async fn readiness(&self, server: Server) -> Option<u16> {
        let url = self.admin((server, 0), "health/ready");
        let reply = self.http.get(url).send().await.ok()?;
        Some(reply.status().as_u16())
    }

    /// Keeps the folder with logs and certificates after a failure.
    fn keep_folder_of_a_failed_test(&mut self) {
        if std::thread::panicking() {
            self.folder.disable_cleanup(true);
            eprintln!("logs are kept in {}", self.folder.path().display());
        }
    }

    fn places_of(&self, server: Server) -> Vec<Place> {
        let all = self.ports.keys().copied();
        all.filter(|place| place.0 == server).collect()
    }

    fn launch(&self, place: Place) {
        let binary = format!("snug-{}", place.0.name());
        let process = Process::start(&binary, &self.variables[&place], &self.log_path(place));
        self.processes.lock().unwrap().insert(place, process);
    }

    fn launch_if_down(&self, place: Place) {
        if !self.processes.lock().unwrap().contains_key(&place) {
            self.launch(place);
        }
    }

    async fn ready(&self) {
        until("the stack to answer", || async {
            for ((server, number), process) in self.processes.lock().unwrap().iter_mut() {
                assert!(
                    !process.has_ended(),
                    "{server:?} {number} ended:\n{}",
                    self.log(*server)
                );
            }
            // Each by itself, and the whole way through them where there is one.
            let mut questions: Vec<_> = self.processes.lock().unwrap().keys().copied().collect();
            let last = match questions.contains(&(Server::Gateway, 0)) {
                true => vec![format!("{}/api/health", self.url())],
                false => Vec::new(),
            };
            for url in questions
                .drain(..)
                .map(|place| self.admin(place, "health/ready"))
                .chain(last)
            {
                let answer = self.http.get(url).send().await.ok()?;
                answer.status().is_success().then_some(())?;
            }
            self.are_all_known().await.then_some(())
        })
        .await;
    }

    /// Whether the gateway has seen for itself that every running chat server is ready; it asks
    /// each once a second, and until then new sockets go elsewhere.
    async fn are_all_known(&self) -> bool {
        let running: Vec<Place> = self.processes.lock().unwrap().keys().copied().collect();
        if !running.contains(&(Server::Gateway, 0)) {
            return true;
        }
        let up = self.gateway_sees("gateway_upstream_up").await;
        self.places_of(Server::Chat)
            .iter()
            .zip(up)
            .all(|(place, up)| up == Some(1) || !running.contains(place))
    }

    /// A gauge of the gateway for each chat server, as of its last look; `None` before the first.
    pub async fn gateway_sees(&self, gauge: &str) -> Vec<Option<u32>> {
        let text = self.metrics(Server::Gateway, 0).await;
        let value = |place: Place| {
            let address = self.address(place);
            let start = format!("{gauge}{{node=\"{address}\"}} ");
            let found = text.lines().find_map(|line| line.strip_prefix(&start));
            found.map(|number| number.parse().unwrap())
        };
        self.places_of(Server::Chat)
            .into_iter()
            .map(value)
            .collect()
    }

    /// Where others reach it.
    fn address(&self, place: Place) -> String {
        let overheard = self.relays.get(&place).map(Relay::port);
        let port = overheard.unwrap_or(self.ports[&place].0.number);
        format!("127.0.0.1:{port}")
    }

    fn admin(&self, place: Place, path: &str) -> String {
        let (_, admin) = &self.ports[&place];
        format!("http://127.0.0.1:{}/{path}", admin.number)
    }

    fn variables_of(&self, place: Place) -> Vec<(String, String)> {
        let server = place.0;
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        let (port, admin) = &self.ports[&place];
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
                let chat = self.places_of(Server::Chat).into_iter();
                let chat: Vec<String> = chat.map(|place| self.address(place)).collect();
                variables.push(("CHAT_UPSTREAMS", chat.join(",")));
            }
            Server::Chat => {
                variables.push(("DATABASE_URL", self.chat_database.url.clone()));
                let mfa = format!("https://{}", self.address((Server::Mfa, 0)));
                variables.push(("MFA_URL", mfa));
                variables.push(("ATTACHMENTS_URL", format!("file:{}", file("files"))));
                if let Some(redis) = &self.redis {
                    let port = self.redis_relay.as_ref().map_or(redis.port(), Relay::port);
                    variables.push(("REDIS_URL", format!("redis://127.0.0.1:{port}")));
                }
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

    fn log_path(&self, (server, number): Place) -> PathBuf {
        let name = format!("{}-{number}.log", server.name());
        self.folder.path().join(name)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.keep_folder_of_a_failed_test();
    }
}

/// `SNUG_TEST_NODES`: how many chat servers the suite runs on.
fn nodes_wanted() -> usize {
    let wanted = env::var("SNUG_TEST_NODES").ok();
    wanted.map_or(1, |text| text.parse().unwrap())
}
