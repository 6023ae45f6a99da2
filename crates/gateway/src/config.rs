//! The gateway's configuration: environment variables beside flags.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use anyhow::{Context, ensure};
use clap::{ArgAction, Parser, Subcommand};
use http::{Uri, uri::Authority};
use ipnet::IpNet;
use service::{telemetry::Telemetry, tls::Files};

/// Snug's gateway: HTTPS, the frontend, and the way to the chat servers
#[derive(Clone, Debug, Parser)]
#[command(name = "snug-gateway", version)]
pub struct Config {
    /// What to do instead of serving
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Address to listen on
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1")]
    pub listen: IpAddr,
    /// Port to listen on
    #[arg(long, env = "PORT", default_value_t = 8443)]
    pub port: u16,
    /// Address and port of a plain HTTP listener that redirects to PUBLIC_URL
    #[arg(long, env = "HTTP_LISTEN", value_name = "IP:PORT")]
    pub http_listen: Option<SocketAddr>,
    /// Address and port of health checks and metrics: plain HTTP, keep it private
    #[arg(
        long,
        env = "ADMIN_LISTEN",
        value_name = "IP:PORT",
        default_value = "127.0.0.1:9100"
    )]
    pub admin_listen: SocketAddr,
    /// Where people reach the gateway
    #[arg(long, env = "PUBLIC_URL", default_value = "https://localhost:8443")]
    pub public_url: Origin,
    /// Chat servers, separated by commas: host:port or https://host:port
    #[arg(
        long,
        env = "CHAT_UPSTREAMS",
        value_delimiter = ',',
        value_parser = upstream,
        default_value = "127.0.0.1:5000"
    )]
    pub chat_upstreams: Vec<Authority>,
    /// Seconds that a chat server has for the beginning of its reply; uploads have ten minutes
    #[arg(
        long,
        env = "UPSTREAM_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 35
    )]
    pub upstream_timeout: u64,
    /// Folder of the built frontend; without one only the API is served
    #[arg(long, env = "FRONTEND_DIR", value_name = "FOLDER")]
    pub frontend_dir: Option<PathBuf>,
    /// A frontend's development server, such as http://127.0.0.1:5173; its content policy is loose
    #[arg(long, env = "DEV_FRONTEND", value_name = "URL", value_parser = development)]
    pub dev_frontend: Option<Authority>,
    /// false: plain HTTP behind another TLS end; needs an https PUBLIC_URL and TRUSTED_PROXIES
    #[arg(long, env = "USE_SSL", action = ArgAction::Set, default_value_t = true)]
    pub use_ssl: bool,
    /// Networks of proxies in front of the gateway, whose X-Forwarded-For is believed
    #[arg(
        long,
        env = "TRUSTED_PROXIES",
        default_value = "",
        hide_default_value = true
    )]
    pub trusted_proxies: Networks,
    /// Networks that may connect; empty: all
    #[arg(long, env = "ALLOW_IPS", default_value = "", hide_default_value = true)]
    pub allow_ips: Networks,
    /// Networks that may not connect
    #[arg(long, env = "DENY_IPS", default_value = "", hide_default_value = true)]
    pub deny_ips: Networks,
    /// Other origins of the same site whose pages may use the API, separated by commas
    #[arg(long, env = "CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Certificates.
    #[command(flatten)]
    pub files: Files,
    /// Logs.
    #[command(flatten)]
    pub telemetry: Telemetry,
}

/// What the binary does instead of serving.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Command {
    /// Ask the running gateway whether it is ready (for container health checks)
    Health,
    /// Serve (the default)
    Serve,
}

impl Config {
    /// Checks what no single variable can say.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        if !self.use_ssl {
            ensure!(
                self.public_url.is_https() && !self.trusted_proxies.is_empty(),
                "USE_SSL=false needs PUBLIC_URL=https://… and TRUSTED_PROXIES, the networks of the \
                 proxy that ends TLS"
            );
        }
        ensure!(
            self.public_url.is_https(),
            "PUBLIC_URL: must begin with https://"
        );
        Ok(())
    }

    /// The origins of `CORS_ORIGINS`, parsed.
    pub(crate) fn origins(&self) -> anyhow::Result<Vec<Origin>> {
        let filled = self
            .cors_origins
            .iter()
            .map(|text| text.trim())
            .filter(|t| !t.is_empty());
        filled
            .map(|text| text.parse().context("CORS_ORIGINS"))
            .collect()
    }
}

/// Scheme, host and port of a URL: `https://chat.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    authority: Authority,
}

impl Origin {
    /// Host and, where it is not the scheme's own, port.
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// The host alone.
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// Whether it is reached by TLS.
    pub fn is_https(&self) -> bool {
        self.scheme == "https"
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

impl FromStr for Origin {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let wrong = || format!("{text:?} is no origin; write it like https://chat.example.org");
        let uri: Uri = text.to_ascii_lowercase().parse().with_context(wrong)?;
        let scheme = uri.scheme_str().with_context(wrong)?.to_owned();
        let authority = uri.authority().with_context(wrong)?.clone();
        ensure!(
            ["http", "https"].contains(&scheme.as_str())
                && ["", "/"].contains(&uri.path())
                && uri.query().is_none()
                && !authority.as_str().contains('@'),
            wrong()
        );
        Ok(Self { scheme, authority })
    }
}

/// A list of IP networks: `10.0.0.0/8,192.168.1.7,::1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether one of them holds the address. An IPv4 address mapped into IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|one| !one.is_empty())
            .map(|one| {
                one.parse::<IpNet>()
                    .or_else(|_| one.parse::<IpAddr>().map(IpNet::from))
                    .map_err(|_| format!("{one:?} is no IP address or network"))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn upstream(text: &str) -> Result<Authority, String> {
    authority(text, "https://")
}

fn development(text: &str) -> Result<Authority, String> {
    authority(text, "http://")
}

fn authority(text: &str, scheme: &str) -> Result<Authority, String> {
    let bare = text
        .trim()
        .strip_prefix(scheme)
        .unwrap_or(text.trim())
        .trim_end_matches('/');
    match bare.parse::<Authority>() {
        Ok(authority) if authority.port_u16().is_some() && !bare.contains('@') => Ok(authority),
        _ => Err(format!("{text:?} is no {scheme}host:port")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Config, clap::Error> {
        Config::try_parse_from([&["snug-gateway"], arguments].concat())
    }

    #[test]
    fn addresses_come_in_their_usual_forms() {
        let config = parse(&[
            "--chat-upstreams=https://one:5000,two:5001",
            "--allow-ips=10.0.0.0/8, ::1",
            "--public-url=https://Chat.example.org/",
        ])
        .unwrap();
        let upstreams: Vec<_> = config
            .chat_upstreams
            .iter()
            .map(Authority::as_str)
            .collect();
        assert_eq!(upstreams, ["one:5000", "two:5001"]);
        assert!(
            config
                .allow_ips
                .contains("::ffff:10.1.2.3".parse().unwrap())
        );
        assert!(!config.allow_ips.contains("11.1.2.3".parse().unwrap()));
        assert_eq!(config.public_url.to_string(), "https://chat.example.org");
        config.check().unwrap();
    }

    #[test]
    fn what_cannot_work_stops_the_start_with_its_name() {
        for (argument, name) in [
            ("--chat-upstreams=one", "--chat-upstreams"),
            ("--allow-ips=10.0.0.0/99", "--allow-ips"),
            ("--public-url=chat.example.org", "--public-url"),
            ("--public-url=https://a.example/path", "--public-url"),
            ("--port=70000", "--port"),
        ] {
            let error = parse(&[argument]).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
        let plain = parse(&["--use-ssl=false"]).unwrap();
        assert!(
            plain
                .check()
                .unwrap_err()
                .to_string()
                .contains("TRUSTED_PROXIES")
        );
        let plain = parse(&["--use-ssl=false", "--trusted-proxies=127.0.0.1"]).unwrap();
        plain.check().unwrap();
        let plain = parse(&["--public-url=http://a.example"]).unwrap();
        assert!(
            plain
                .check()
                .unwrap_err()
                .to_string()
                .contains("PUBLIC_URL")
        );
    }
}
