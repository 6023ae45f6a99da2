//! The three servers and what each is told by its environment.

use std::path::{Path, PathBuf, absolute};

use super::{Only, Settings};
use crate::{
    certs,
    postgres::{Access, Roles, lasting_url},
    secrets,
    workspace::variable,
};

/// One of the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// Credentials and second factors.
    Mfa,
    /// People, rooms, ciphertext.
    Chat,
    /// The door.
    Gateway,
}

impl Server {
    /// Its name, also of its certificate.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mfa => "mfa",
            Self::Chat => "chat",
            Self::Gateway => "gateway",
        }
    }

    /// Its binary.
    pub fn binary(self) -> String {
        format!("snug-{}", self.name())
    }
}

/// Where the gateway's pages come from.
#[derive(Clone, Debug)]
pub enum Frontend {
    /// A folder.
    Built(PathBuf),
    /// A development server.
    Development(String),
    /// Nowhere.
    None,
}

/// Who starts before whom.
pub(super) fn in_order(only: Option<Only>) -> Vec<Server> {
    match only {
        Some(Only::Mfa) => vec![Server::Mfa],
        None => vec![Server::Mfa, Server::Chat, Server::Gateway],
    }
}

/// The databases' passwords, made at the first call.
///
/// # Errors
/// When the secrets cannot be written.
pub fn passwords(data: &Path) -> anyhow::Result<Roles> {
    let password = |name: &str| {
        let password = secrets::text(&data.join("secrets"), name)?;
        anyhow::Ok(Access { password })
    };
    Ok(Roles {
        chat: password("chat-database-password")?,
        mfa: password("mfa-database-password")?,
    })
}

/// What a server is told. Everything else comes from our own environment.
///
/// # Errors
/// When secrets cannot be written.
pub fn environment(
    server: Server,
    settings: &Settings,
    frontend: &Frontend,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let folder = certs::folder();
    let name = server.name();
    let file = |file: String| folder.join(file).display().to_string();
    let mut list = vec![
        ("ADMIN_LISTEN", settings.admin(server).to_string()),
        ("PUBLIC_URL", settings.url()),
        ("TLS_CERT", file(format!("{name}.pem"))),
        ("TLS_KEY", file(format!("{name}.key"))),
        ("CA_CERT", file("ca.pem".to_owned())),
    ];
    let port = match server {
        Server::Gateway => settings.gateway,
        Server::Chat => settings.chat,
        Server::Mfa => settings.mfa,
    };
    list.push(("PORT", port.to_string()));
    list.extend(settings.variables.iter().cloned());
    if server == Server::Gateway {
        list.push(("CHAT_UPSTREAMS", format!("127.0.0.1:{}", settings.chat)));
        match frontend {
            Frontend::Built(folder) => list.push(("FRONTEND_DIR", folder.display().to_string())),
            Frontend::Development(url) => list.push(("DEV_FRONTEND", url.clone())),
            Frontend::None => {}
        }
        return Ok(list);
    }
    // Only the gateway may be opened to a network by LISTEN.
    list.push(("LISTEN", "127.0.0.1".to_owned()));
    if variable("SECRET_KEY").is_none() && variable("SECRET_KEY_FILE").is_none() {
        let key = secrets::file(&settings.secrets(), &format!("{name}.key"))?;
        list.push(("SECRET_KEY_FILE", key.display().to_string()));
    }
    let passwords = passwords(&settings.data)?;
    let access = if server == Server::Chat {
        &passwords.chat
    } else {
        &passwords.mfa
    };
    list.push(("DATABASE_URL", lasting_url(&settings.data, access, name)?));
    match server {
        Server::Chat => {
            list.push(("MFA_URL", format!("https://127.0.0.1:{}", settings.mfa)));
            let name = "ATTACHMENTS_URL";
            let told = settings.variables.iter().any(|(known, _)| *known == name);
            if !told && variable(name).is_none() {
                // Beside the database: one folder is all there is to back up or to remove.
                let files = absolute(settings.data.join("attachments"))?;
                list.push((name, format!("file://{}", files.display())));
            }
        }
        _ if variable("MFA_APPS").is_none() => {
            list.push(("MFA_APPS", "chat=spiffe://snug/chat".to_owned()));
        }
        _ => {}
    }
    Ok(list)
}
