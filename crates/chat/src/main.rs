//! `snug-chat`: serves, or asks a running server how it is.

use chat::config::{Arguments, Command};
use clap::Parser;
use tokio::net::TcpListener;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = arguments.config;
    if let Some(Command::Health) = arguments.command {
        return service::admin::probe(config.admin_listen).await;
    }
    service::telemetry::init(&config.telemetry)?;
    let shutdown = service::shutdown::signal()?;
    let address = config.address()?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| anyhow::anyhow!("cannot listen on {address}: {error}"))?;
    chat::serve(config, listener, shutdown).await
}
