//! Secrets for containers: made at the first start, a folder for each service that holds only what
//! that service may know.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use anyhow::Context;

use crate::{
    certs,
    secrets::{self, write_private},
    stack::Only,
    terminal::say,
};

/// The databases' hosts and users are named alike: `chat` at `chat-db`.
const DATABASES: [&str; 2] = ["chat", "mfa"];

/// `xtask provision FOLDER`: fills FOLDER/{ca,gateway,chat,mfa,chat-db,mfa-db}, each a volume of its
/// own, or with `only` those of one server. A second run renews certificates and changes nothing else.
///
/// # Errors
/// When a folder cannot be written.
pub fn run(folder: &Path, hosts: &[String], only: Option<Only>) -> anyhow::Result<()> {
    let servers: &[&str] = match only {
        Some(Only::Mfa) => &["mfa"],
        None => &certs::SERVERS,
    };
    // An empty variable has one empty name in it.
    let hosts = hosts.iter().map(|host| host.trim().to_owned());
    let hosts: Vec<_> = hosts.filter(|host| !host.is_empty()).collect();
    let ca = folder.join("ca");
    fs::create_dir_all(&ca).with_context(|| ca.display().to_string())?;
    certs::ensure_in(&ca, servers, &hosts)?;
    for server in servers {
        let own = folder.join(server);
        fs::create_dir_all(&own)?;
        for file in [
            "ca.pem".to_owned(),
            format!("{server}.pem"),
            format!("{server}.key"),
        ] {
            hand_over(&ca.join(&file), &own.join(&file))?;
        }
    }
    secrets::file(&folder.join("mfa"), "secret-key")?;
    for name in DATABASES.iter().filter(|name| servers.contains(name)) {
        let own = folder.join(name);
        let database = folder.join(format!("{name}-db"));
        fs::create_dir_all(&database)?;
        let password = secrets::text(&database, "password")?;
        // PostgreSQL's image reads it as a user of its own; nobody else mounts this folder.
        fs::set_permissions(database.join("password"), Permissions::from_mode(0o444))?;
        let url = format!("postgres://{name}:{password}@{name}-db/{name}");
        let path = own.join("database-url");
        if fs::read_to_string(&path).unwrap_or_default() != url {
            write_private(&path, &url)?;
        }
    }
    say(&format!("secrets in {} are complete", folder.display()));
    Ok(())
}

/// Copies a file when it changed; servers read certificates again as soon as they do.
fn hand_over(from: &Path, to: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(from).with_context(|| from.display().to_string())?;
    if fs::read_to_string(to).unwrap_or_default() != text {
        write_private(to, &text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use x509_parser::extensions::GeneralName;

    use super::*;

    #[test]
    fn each_service_has_its_own_and_a_second_run_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let read = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
        run(folder.path(), &["chat.example.org".to_owned()], None).unwrap();
        let first = ["gateway/gateway.key", "mfa/secret-key", "mfa/database-url"].map(read);
        assert!(first[2].starts_with("postgres://mfa:") && first[2].ends_with("@mfa-db/mfa"));
        assert!(first[2].contains(&read("mfa-db/password")));
        assert!(!folder.path().join("gateway/ca.key").exists());
        assert!(!folder.path().join("chat/secret-key").exists());
        assert!(!folder.path().join("chat/mfa.key").exists());
        run(folder.path(), &["chat.example.org".to_owned()], None).unwrap();
        let second = ["gateway/gateway.key", "mfa/secret-key", "mfa/database-url"].map(read);
        assert_eq!(first, second);
    }

    #[test]
    fn a_server_alone_gets_nothing_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let hosts = ["", " mfa.example.org"].map(str::to_owned);
        run(folder.path(), &hosts, Some(Only::Mfa)).unwrap();
        let made = fs::read_dir(folder.path()).unwrap();
        let mut made: Vec<_> = made.map(|entry| entry.unwrap().file_name()).collect();
        made.sort();
        assert_eq!(made, ["ca", "mfa", "mfa-db"]);
        let pem = fs::read(folder.path().join("mfa/mfa.pem")).unwrap();
        let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).unwrap();
        let certificate = pem.parse_x509().unwrap();
        let names = certificate.subject_alternative_name().unwrap().unwrap();
        let wanted = GeneralName::DNSName("mfa.example.org");
        assert!(names.value.general_names.contains(&wanted));
    }
}
