//! Running services held against what they promise: their OpenAPI documents, the examples, and
//! clients that others wrote.

mod bucket;
mod chat;
mod interop;
mod mfa;

use std::{
    path::Path,
    process::{Command, Stdio},
};

use self::chat::Chat;
pub(super) use self::mfa::{APPLICATION, Mfa};
use super::Report;
use crate::{
    machine,
    postgres::{Cluster, Durability},
    python,
    terminal::{self, run_test as run_command},
    workspace,
};

/// No limit shall end a run of thousands of requests from one address.
const UNLIMITED: [(&str, &str); 7] = [
    ("RATE_LIMIT", "1000000 per minute"),
    ("RATE_LIMIT_ADDRESS", "1000000 per minute"),
    ("RATE_LIMIT_SIGNUP", "1000000 per minute"),
    ("RATE_LIMIT_MAIL", "1000000 per minute"),
    ("RATE_LIMIT_CLAIM", "1000000 per minute"),
    ("RATE_LIMIT_REQUESTS", "1000000 per minute"),
    ("RATE_LIMIT_SEARCH", "1000000 per minute"),
];

/// Builds the services that are asked and runs every check against databases of their own.
pub(super) fn run(report: &mut Report) -> anyhow::Result<()> {
    report.step("build of the services", || {
        let servers = [
            "build", "--quiet", "--bins", "-p", "mfa", "-p", "chat", "-p", "gateway",
        ];
        run_command(workspace::cargo().args(servers))?;
        // The encryption that clients in other languages borrow.
        run_command(workspace::cargo().args(["build", "--quiet", "-p", "e2ee", "--examples"]))
    })?;
    report.step("OpenAPI document of mfa", || {
        let cluster = Cluster::scratch(Durability::None)?;
        let service = Mfa::start(&cluster, "openapi")?;
        let python = python::environment("openapi", &folder().join("requirements.txt"))?;
        let mut command = service.client(&python)?;
        run_command(
            command
                .arg(folder().join("openapi.py"))
                .args(["mfa", &service.url]),
        )
    })?;
    report.step("example of a login in Flask", || {
        let cluster = Cluster::scratch(Durability::None)?;
        let service = Mfa::start(&cluster, "flask")?;
        let folder = workspace::path("examples/mfa-flask-login");
        let python = python::environment("flask", &folder.join("requirements.txt"))?;
        let mut command = service.client(&python)?;
        run_command(command.arg(folder.join("check.py")))
    })?;
    report.step("guide of the MFA service", || {
        let cluster = Cluster::scratch(Durability::None)?;
        let service = Mfa::start(&cluster, "guide")?;
        let flask = workspace::path("examples/mfa-flask-login");
        let python = python::environment("flask", &flask.join("requirements.txt"))?;
        let mut command = service.client(&python)?;
        command
            .env("PYTHONPATH", &flask)
            .arg(folder().join("guide.py"))
            .arg(workspace::path("docs/mfa.md"));
        run_command(&mut command)
    })?;
    let stack = Chat::start(report)?;
    report.step("OpenAPI document of chat", || stack.openapi())?;
    report.step("AsyncAPI document of chat", || stack.asyncapi())?;
    report.step("a client in Python", || stack.python_client())?;
    report.step("a client in Node", || stack.node_client())?;
    drop(stack);
    // Not among all targets: without what the next steps bring they cannot run.
    report.step("lints of the tests with a bucket and with ts-mls", || {
        let tests = [
            "-p", "chat", "--test", "s3", "-p", "testkit", "--test", "interop",
        ];
        let mut clippy = workspace::cargo();
        clippy.args(["clippy", "--quiet"]).args(tests);
        run_command(clippy.args(["--", "-D", "warnings"]))
    })?;
    report.step("another implementation of MLS", interop::test)?;
    report.step("encrypted files in a bucket", bucket::test)
}

/// Programs in Python that hold services against their documents.
fn folder() -> std::path::PathBuf {
    workspace::path("crates/xtask/python")
}

/// Runs a check of the stack; when it fails, what the servers logged is shown.
fn run_against(stack: &Chat, command: &mut Command) -> anyhow::Result<()> {
    let result = run_command(command);
    if result.is_err() {
        stack.show_logs();
    }
    result
}

/// Gets the packages of a folder with a `package-lock.json`.
fn node_packages(folder: &Path) -> anyhow::Result<()> {
    machine::check_node()?;
    let mut packages = Command::new("npm");
    packages
        .current_dir(folder)
        .args(["ci", "--no-progress", "--no-fund", "--no-audit"])
        .stdout(Stdio::null());
    terminal::run(&mut packages)
}
