//! Encrypted files in a bucket: the chat server's test against `moto`, a real S3 server.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::Context;

use super::folder;
use crate::{
    postgres::{Cluster, Durability},
    python,
    terminal::run_test as run,
    workspace,
};

/// Runs `crates/chat/tests/s3`, which starts and kills the server by itself.
pub(super) fn test() -> anyhow::Result<()> {
    let python = python::environment("s3", &folder().join("requirements-s3.txt"))?;
    let moto = python.with_file_name("moto_server");
    let cluster = Cluster::scratch(Durability::None)?;
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .context("no free port")?
        .port();
    run(workspace::cargo()
        .args(["test", "--quiet", "-p", "chat", "--test", "s3"])
        .env("TEST_DATABASE_URL", cluster.scratch_url("postgres"))
        .env("SNUG_MOTO", moto)
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test"))
}
