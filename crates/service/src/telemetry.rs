//! Logs: text for people, JSON for machines, the request's id on every line of it.

use std::{fs::OpenOptions, io, path::PathBuf, sync::Mutex};

use anyhow::Context;
use tracing_subscriber::{
    EnvFilter, Layer, fmt, fmt::writer::BoxMakeWriter, layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// How and where a server logs.
#[derive(Clone, Debug, clap::Args)]
pub struct Telemetry {
    /// Form of the log lines
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = Format::Text)]
    pub log_format: Format,
    /// Least severity logged: error, warn, info, debug, trace, or a filter such as info,chat=debug
    #[arg(long, env = "LOG_LEVEL", default_value = "info", value_parser = filter)]
    pub log_level: String,
    /// File to append to instead of standard error
    #[arg(long, env = "LOG_FILE", value_name = "FILE")]
    pub log_file: Option<PathBuf>,
}

/// Form of the log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging for the whole process. A second call changes nothing: in tests several servers
/// share one process.
///
/// # Errors
/// When `LOG_FILE` cannot be opened.
pub fn init(telemetry: &Telemetry) -> anyhow::Result<()> {
    let path = telemetry
        .log_file
        .as_deref()
        .filter(|path| !path.as_os_str().is_empty());
    let writer = match path {
        None => BoxMakeWriter::new(io::stderr),
        Some(path) => {
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .with_context(|| format!("LOG_FILE: cannot open {}", path.display()))?;
            BoxMakeWriter::new(Mutex::new(file))
        }
    };
    let filter = quietened(&telemetry.log_level).context("LOG_LEVEL")?;
    let layer = fmt::layer().with_writer(writer).with_target(false);
    let layer = match telemetry.log_format {
        Format::Json => layer
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
        Format::Text => layer.with_ansi(false).boxed(),
    };
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .try_init();
    Ok(())
}

/// Below info these libraries write down what goes over the wire, cookies and codes included; only
/// a filter that names one of them turns that on.
fn quietened(level: &str) -> anyhow::Result<EnvFilter> {
    let quiet = "h2=info,hyper=info,hyper_util=info,lettre=info,reqwest=info,rustls=info";
    Ok(EnvFilter::try_new(format!("{quiet},{level}"))?)
}

fn filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_stay_quiet_unless_named() {
        let text = quietened("debug").unwrap().to_string();
        assert!(
            text.contains("hyper=info") && text.contains("debug"),
            "{text}"
        );
        let text = quietened("info,hyper=trace").unwrap().to_string();
        assert!(
            text.contains("hyper=trace") && !text.contains("hyper=info"),
            "{text}"
        );
    }

    #[test]
    fn a_wrong_level_is_refused() {
        assert!(filter("info,chat=debug").is_ok());
        assert!(filter("loud=very").is_err());
    }
}
