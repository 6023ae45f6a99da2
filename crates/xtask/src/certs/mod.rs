//! A private CA and the servers' certificates in certs/: made once, renewed before they end.

mod issue;
mod trust;

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use anyhow::{bail, ensure};
use issue::Authority;

use crate::{terminal::say, workspace};

/// Names and addresses of this machine, in every certificate.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// The servers: file name and role name.
pub const SERVERS: [&str; 3] = ["gateway", "chat", "mfa"];

/// The folder of certificates and keys.
pub fn folder() -> PathBuf {
    workspace::variable("SNUG_CERTS").map_or_else(|| workspace::path("certs"), PathBuf::from)
}

/// `cargo xtask certs`.
///
/// # Errors
/// When a name is no host name, or the folder cannot be written.
pub fn run(hosts: &[String], trust: bool) -> anyhow::Result<()> {
    ensure(hosts)?;
    if trust {
        trust::add(&folder().join("ca.pem"))?;
    } else {
        say(&format!("certificates in {}", folder().display()));
        say("`cargo xtask certs --trust` lets this machine's browsers trust them");
    }
    Ok(())
}

/// Makes what is missing, ends within 30 days or lacks a name; leaves the rest alone.
///
/// # Errors
/// As [`run`].
pub fn ensure(hosts: &[String]) -> anyhow::Result<()> {
    ensure_in(&folder(), &SERVERS, hosts)
}

/// As [`ensure`], in another folder and for some of the servers; the names are those of the first,
/// which people or applications reach.
///
/// # Errors
/// As [`run`].
pub fn ensure_in(folder: &Path, servers: &[&str], hosts: &[String]) -> anyhow::Result<()> {
    for host in hosts {
        check(host)?;
    }
    let authority = Authority::open(folder)?;
    for (index, server) in servers.iter().enumerate() {
        let mut names: Vec<String> = LOCAL.map(str::to_owned).to_vec();
        names.push(format!("{server}.snug.internal"));
        if index == 0 {
            names.extend(hosts.iter().map(|host| host.to_ascii_lowercase()));
        }
        if authority.renew(folder, server, names)? {
            say(&format!("  certificate of {server} made"));
        }
    }
    Ok(())
}

fn check(host: &str) -> anyhow::Result<()> {
    if host.parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    ensure!(
        !host.is_empty() && host.len() <= 253,
        "{host:?} is no host name"
    );
    let name = host.strip_prefix("*.").unwrap_or(host);
    let fits = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !name.split('.').all(fits) {
        bail!("{host:?} is no host name or IP address");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses() {
        for good in ["chat.lan", "192.168.1.7", "::1", "*.example.org", "my-pc"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "https://x", "x:8443", "ä.example", "a..b"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
