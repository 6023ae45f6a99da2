//! The gateway's binary: configuration, listeners, serve.

use std::process::ExitCode;

use gateway::{Command, Config, Listeners};

#[tokio::main]
async fn main() -> ExitCode {
    match run(service::config::arguments()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("snug-gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> anyhow::Result<()> {
    if let Some(Command::Health) = config.command {
        return service::admin::probe(config.admin_listen).await;
    }
    service::telemetry::init(&config.telemetry)?;
    let shutdown = service::shutdown::signal()?;
    let listeners = Listeners::bind(&config).await?;
    gateway::serve(config, listeners, shutdown).await
}
