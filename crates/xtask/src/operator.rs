//! An operator's command against the local stack.

use std::process::Command;

use clap::ValueEnum;

use crate::{
    signals,
    stack::{self, Frontend, Profile, Settings},
    terminal::run as run_command,
    workspace,
};

/// Whose command.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Server {
    /// `snug-chat`
    Chat,
    /// `snug-mfa`
    Mfa,
}

/// `cargo xtask run chat|mfa -- ARGUMENTS`. The databases are started for it when they do not run.
///
/// # Errors
/// When the command fails.
pub fn run(server: Server, arguments: &[String]) -> anyhow::Result<()> {
    let settings = Settings::from_environment()?;
    let (package, server) = match server {
        Server::Chat => ("chat", stack::Server::Chat),
        Server::Mfa => ("mfa", stack::Server::Mfa),
    };
    // The binary that runs, if there is one: an operator wants an answer, not a build.
    let built = [Profile::Release, Profile::Quick, Profile::Debug]
        .map(|profile| profile.binary(server))
        .into_iter()
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .max();
    let binary = match built {
        Some((_, path)) => path,
        None => {
            run_command(workspace::cargo().args(["build", "--profile", "quick", "-p", package]))?;
            Profile::Quick.binary(server)
        }
    };
    signals::watch();
    let _databases = stack::borrow_databases(&settings)?;
    let environment = stack::environment(server, &settings, &Frontend::None)?;
    run_command(Command::new(binary).envs(environment).args(arguments))
}
