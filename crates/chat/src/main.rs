//! `snug-chat`: serves, asks a running server how it is, or does an operator's work.

use chat::config::{Arguments, Command};
use tokio::net::TcpListener;

fn main() -> anyhow::Result<()> {
    let arguments: Arguments = service::config::arguments();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = arguments.config;
    match arguments.command {
        Some(Command::Health) => return service::admin::probe(config.admin_listen).await,
        Some(Command::Admin(command)) => {
            return chat::operator::run(&config, command, std::io::stdout()).await;
        }
        Some(Command::Serve) | None => {}
    }
    service::telemetry::init(&config.telemetry)?;
    let shutdown = service::shutdown::signal()?;
    let address = config.address()?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| anyhow::anyhow!("cannot listen on {address}: {error}"))?;
    chat::serve(config, listener, shutdown).await
}
