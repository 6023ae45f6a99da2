//! `snug-mfa`: serves, or does what an operator asks.

use std::process::ExitCode;

use mfa::{
    arguments::{Arguments, Command},
    config::Config,
};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Arguments = service::config::arguments();
    let done = match &arguments.command {
        None | Some(Command::Serve) => serve(arguments.config).await,
        Some(command) => mfa::commands::run(&arguments.config, command).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("snug-mfa: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    service::telemetry::init(&config.telemetry)?;
    let shutdown = service::shutdown::signal()?;
    let address = config.address()?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| anyhow::anyhow!("PORT: cannot listen on {address}: {error}"))?;
    mfa::serve(config, listener, shutdown).await
}
