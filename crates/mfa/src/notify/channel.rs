//! The ways out of the outbox.

/// A way out. Each has workers of its own: a server that is slow on one does not stop the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Mail.
    Email,
    /// A chat with the bot.
    Telegram,
    /// An application's endpoint.
    Webhook,
}

impl Channel {
    /// All of them, with the number of workers that each has on a node.
    pub const WORKERS: [(Self, usize); 3] =
        [(Self::Email, 2), (Self::Telegram, 1), (Self::Webhook, 2)];

    /// As it is stored, told and counted.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Telegram => "telegram",
            Self::Webhook => "webhook",
        }
    }

    /// What is stored.
    pub fn parse(text: &str) -> Option<Self> {
        Self::WORKERS
            .into_iter()
            .map(|(channel, _)| channel)
            .find(|channel| channel.as_str() == text)
    }
}
