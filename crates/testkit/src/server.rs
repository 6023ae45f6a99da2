//! The three servers.

/// One of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    /// TLS, the frontend, the way to chat.
    Gateway,
    /// Rooms and people.
    Chat,
    /// Accounts and factors.
    Mfa,
}

impl Server {
    pub(crate) const ALL: [Self; 3] = [Self::Mfa, Self::Chat, Self::Gateway];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Chat => "chat",
            Self::Mfa => "mfa",
        }
    }
}
