//! The whole stack through its gateway: TLS, databases, mails to a file.

use std::{os::unix::fs::PermissionsExt, process::Command};

use tempfile::TempDir;

use super::{UNLIMITED, folder, node_packages, run_against};
use crate::{
    certs, python,
    stack::{Frontend, Profile, Server, Settings, Stack, environment},
    test::Report,
    workspace,
};

/// A stack beside any other.
pub(super) struct Chat {
    stack: Stack,
    settings: Settings,
    _folder: TempDir,
}

impl Chat {
    /// Starts it.
    pub(super) fn start(report: &mut Report) -> anyhow::Result<Self> {
        let mut started = None;
        report.step("a stack for clients", || {
            certs::ensure(&[])?;
            let folder = tempfile::Builder::new()
                .prefix("snug-services-")
                .tempdir()?;
            // The database's owner has to get through.
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711))?;
            let mut settings = Settings::apart(folder.path())?;
            settings.variables = UNLIMITED
                .into_iter()
                .chain([("PASSWORD_HASH_MS", "0")])
                .map(|(name, value)| (name, value.to_owned()))
                .collect();
            let stack = Stack::start(&settings, Profile::Debug, &Frontend::None, None)?;
            started = Some(Self {
                stack,
                settings,
                _folder: folder,
            });
            Ok(())
        })?;
        started.ok_or_else(|| anyhow::anyhow!("the stack did not start"))
    }

    /// The last lines of each server's log.
    pub(super) fn show_logs(&self) {
        self.stack.show_logs();
    }

    /// Generated requests, as a person and as an admin.
    pub(super) fn openapi(&self) -> anyhow::Result<()> {
        let python = python::environment("openapi", &folder().join("requirements.txt"))?;
        let mut command = self.client(&python.display().to_string());
        command.arg(folder().join("openapi.py")).arg("chat");
        // The first admin is made by an operator.
        let operator = Profile::Debug.binary(Server::Chat);
        command.arg(self.settings.url()).env("SNUG_CHAT", operator);
        command.envs(environment(Server::Chat, &self.settings, &Frontend::None)?);
        run_against(self, &mut command)
    }

    /// The document of the socket's events, against the schema of such documents.
    pub(super) fn asyncapi(&self) -> anyhow::Result<()> {
        let python = python::environment("openapi", &folder().join("requirements.txt"))?;
        let packages = workspace::path("crates/xtask/node/asyncapi");
        node_packages(&packages)?;
        let mut command = Command::new(python);
        command
            .arg(folder().join("asyncapi.py"))
            .arg(self.settings.url())
            .arg(certs::folder().join("ca.pem"))
            .arg(packages.join("node_modules/@asyncapi/specs/schemas"));
        run_against(self, &mut command)
    }

    /// `examples/socketio-python`.
    pub(super) fn python_client(&self) -> anyhow::Result<()> {
        let folder = workspace::path("examples/socketio-python");
        let python = python::environment("socketio", &folder.join("requirements.txt"))?;
        let mut command = self.client(&python.display().to_string());
        run_against(self, command.arg(folder.join("check.py")))
    }

    /// `examples/socketio-node`.
    pub(super) fn node_client(&self) -> anyhow::Result<()> {
        let folder = workspace::path("examples/socketio-node");
        node_packages(&folder)?;
        let mut command = self.client("node");
        run_against(self, command.arg(folder.join("check.mjs")))
    }

    /// A program that is told where everything is.
    fn client(&self, program: &str) -> Command {
        let ca = certs::folder().join("ca.pem");
        let mut command = Command::new(program);
        command
            .env("SNUG_URL", self.settings.url())
            .env("SNUG_CA", &ca)
            .env("SNUG_MAIL", self.settings.mail())
            .env(
                "SNUG_MLS",
                workspace::target().join("debug/examples/sidecar"),
            )
            // Node reads certificates of its own at the start alone.
            .env("NODE_EXTRA_CA_CERTS", &ca);
        command
    }
}
