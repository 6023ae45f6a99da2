//! The whole service on a socket: TLS, a client certificate, the admin listener, a drain.

use std::{fs, path::Path, time::Duration};

use mfa::{MIGRATOR, clock::Clock, notify::Mailer};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    SanType,
};
use serde_json::{Value, json};
use service::testing::TestDatabase;
use tokio::{net::TcpListener, sync::mpsc::unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::harness::{PASSWORD, config, log_file};

fn certificates(folder: &Path) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.join("ca.pem"), issuer.pem()).unwrap();
    for name in ["mfa", "chat"] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![format!("{name}.snug.internal")]).unwrap();
        let uri = format!("spiffe://snug/{name}").try_into().unwrap();
        params.subject_alt_names.push(SanType::URI(uri));
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let certificate = params.signed_by(&key, &issuer).unwrap();
        fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

fn client(folder: &Path, address: std::net::SocketAddr, certificate: bool) -> reqwest::Client {
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let mut builder = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&read("ca.pem")).unwrap()])
        .resolve("mfa.snug.internal", address);
    if certificate {
        let pem = [read("chat.key"), read("chat.pem")].concat();
        builder = builder.identity(reqwest::Identity::from_pem(&pem).unwrap());
    }
    builder.build().unwrap()
}

#[tokio::test]
async fn a_certificate_opens_the_service_and_others_are_let_in_to_the_open_routes() {
    log_file();
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let database = TestDatabase::new(&MIGRATOR).await;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let config = config(
        &database.url,
        &[
            &format!("--tls-cert={}", path("mfa.pem")),
            &format!("--tls-key={}", path("mfa.key")),
            &format!("--ca-cert={}", path("ca.pem")),
            "--admin-listen=127.0.0.1:0",
        ],
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, mut mails) = unbounded_channel();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(mfa::serve_with(
        config,
        listener,
        Mailer::Memory(sender),
        Clock::default(),
        stop.clone(),
    ));

    let base = format!("https://mfa.snug.internal:{}", address.port());
    let stranger = client(folder.path(), address, false);
    let jwks = stranger
        .get(format!("{base}/.well-known/jwks.json"))
        .send()
        .await
        .unwrap();
    assert_eq!(jwks.status(), 200);
    let body = json!({"email": "ann@example.org", "password": PASSWORD}).to_string();
    let sign_up = |client: &reqwest::Client| {
        client
            .post(format!("{base}/v1/accounts"))
            .header("content-type", "application/json")
            .header("x-request-id", "from-chat-7")
            .body(body.clone())
            .send()
    };
    assert_eq!(sign_up(&stranger).await.unwrap().status(), 401);

    let chat = client(folder.path(), address, true);
    let reply = sign_up(&chat).await.unwrap();
    assert_eq!(reply.status(), 201);
    assert_eq!(reply.version(), reqwest::Version::HTTP_2);
    assert_eq!(reply.headers()["x-request-id"], "from-chat-7");
    let account: Value = serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap();
    // The worker is woken by the commit: no poll is waited for.
    let mail = tokio::time::timeout(Duration::from_secs(2), mails.recv())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(mail.to, "ann@example.org");
    assert!(account["account_id"].is_string());

    drop((stranger, chat));
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), serving)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}
