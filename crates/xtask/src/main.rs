//! `cargo xtask`: everything that is done to this repository, from a first start to the whole test.

mod bench;
mod certs;
mod frontend;
mod machine;
mod manifest;
mod operator;
mod postgres;
mod prepare;
mod provision;
mod python;
mod secrets;
mod signals;
mod stack;
#[cfg(test)]
mod tables;
mod terminal;
mod test;
mod types;
mod wasm;
mod workspace;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Snug's tasks
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build and start everything on this machine: https://localhost:8443
    ///
    /// Every variable of .env.example that is set goes to the servers. SNUG_PORT, SNUG_CHAT_PORT,
    /// SNUG_MFA_PORT and SNUG_ADMIN_PORT (with the two after it) move the ports, SNUG_DATA moves
    /// ./data. Ctrl-C stops it; the data stays.
    Up {
        /// Build the servers with full optimisation: smaller and faster, twice the build time
        #[arg(long)]
        release: bool,
        /// Build the servers without optimisation: quick to build, slow to run
        #[arg(long, conflicts_with = "release")]
        debug: bool,
        /// Write the URL and, on a second line, the path of the CA here once everything answers
        #[arg(long, value_name = "PATH")]
        ready_file: Option<PathBuf>,
        /// Start one server alone, with its database
        #[arg(long, value_enum)]
        only: Option<stack::Only>,
    },
    /// Start everything with quick builds and the frontend's hot reload
    Dev,
    /// Check and test everything, or one part of it
    Test {
        /// The part
        #[arg(value_enum)]
        part: Option<test::Part>,
    },
    /// Measure beside the peers on a quiet machine and write docs/benchmarks.md
    ///
    /// Builds the servers as they are deployed, gets what the named scenarios are held against, and
    /// gives each of them a PostgreSQL of its own.
    Bench {
        #[command(flatten)]
        options: bench::Options,
    },
    /// Compile the engine for browsers into frontend/src/core/wasm
    Wasm,
    /// Build the frontend and write the SHA-256 of each of its files into dist/build-manifest.json
    ///
    /// Prints the manifest's own SHA-256, which stands for the whole build. See
    /// docs/verify-build.md.
    BuildManifest {
        /// Write that of a build that is there already, and build nothing
        #[arg(long, value_name = "FOLDER")]
        of: Option<PathBuf>,
        /// Say in what the build differs from this manifest, such as one that a server gave
        #[arg(long, value_name = "PATH")]
        compare: Option<PathBuf>,
    },
    /// Make the CA and the servers' certificates in certs/, or renew them when they end soon
    Certs {
        /// Further names or addresses that browsers reach the gateway by (repeat the flag)
        #[arg(long, value_name = "NAME_OR_IP")]
        host: Vec<String>,
        /// Let this user's browsers and this system trust the CA
        #[arg(long)]
        trust: bool,
    },
    /// Run an operator's command against the local stack, such as `run mfa -- apps list`
    Run {
        /// Whose command
        #[arg(value_enum)]
        server: operator::Server,
        /// Its arguments
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Write the frontend's types from the crates
    Types {
        /// Only say whether they are stale
        #[arg(long)]
        check: bool,
    },
    /// Make the secrets of containers, a folder for each service
    #[command(hide = true)]
    Provision {
        /// Where the folders lie
        folder: PathBuf,
        /// Further names or addresses that the gateway, or a server alone, is reached by
        #[arg(
            long,
            value_name = "NAME_OR_IP",
            env = "SNUG_HOSTS",
            value_delimiter = ','
        )]
        host: Vec<String>,
        /// Those of one server alone
        #[arg(long, value_enum)]
        only: Option<stack::Only>,
    },
    /// Start the local databases alone and print their URLs; Ctrl-C stops them
    Db,
    /// Write the query data in crates/{chat,mfa}/.sqlx from the migrations
    Prepare {
        /// Only say whether it is stale
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    let done = match task {
        Task::Up {
            release,
            debug,
            ready_file,
            only,
        } => {
            let profile = match (release, debug) {
                (true, _) => stack::Profile::Release,
                (_, true) => stack::Profile::Debug,
                _ => stack::Profile::Quick,
            };
            stack::up(profile, ready_file.as_deref(), only)
        }
        Task::Dev => stack::dev(),
        Task::Test { part } => test::run(part),
        Task::Wasm => wasm::build(),
        Task::BuildManifest { of, compare } => manifest::run(of.as_deref(), compare.as_deref()),
        Task::Certs { host, trust } => certs::run(&host, trust),
        Task::Run { server, arguments } => operator::run(server, &arguments),
        Task::Types { check } => types::run(check),
        Task::Provision { folder, host, only } => provision::run(&folder, &host, only),
        Task::Bench { options } => bench::run(options),
        Task::Db => stack::databases(),
        Task::Prepare { check } => prepare::run(check),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::fail(&error);
            ExitCode::FAILURE
        }
    }
}
