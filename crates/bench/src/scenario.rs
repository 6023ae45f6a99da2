//! All scenarios on one page.

use clap::ValueEnum;

use crate::{
    Places,
    chat::{self, Place},
    encryption, gateway, hostile, mfa,
    report::Section,
};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Messages a second, on disk before they are acknowledged
    Durable,
    /// How long an acknowledgement takes
    Latency,
    /// What a delivery costs
    Fanout,
    /// Latency under a load that does not wait
    OpenLoop,
    /// What a connected user takes
    Memory,
    /// Everybody reconnects at once
    Avalanche,
    /// The gateway, beside nginx
    Gateway,
    /// Kill -9, a hundred times
    Loss,
    /// Readers that stall or flap
    SlowReader,
    /// What hostile clients cost
    Hostile,
    /// Costs by rows, members, rooms and users
    Scale,
    /// Password hashes, beside argon2-cffi
    Hashes,
    /// Checks of time-based codes
    Codes,
    /// Checks of codes while people, or guessers, log in
    Flood,
    /// Messages while people log in
    LoginFlood,
    /// What encryption costs a device
    Encryption,
}

impl Scenario {
    /// Measures on a quiet machine; or, as `smoke`, takes seconds and looks at counts and order,
    /// never at times. None where there is nothing to be seen that way.
    ///
    /// # Errors
    /// When something does not start, answer as it must, or count right.
    pub async fn run(self, places: &Places, smoke: bool) -> anyhow::Result<Option<Section>> {
        let place = async || Place::new(places.installed.clone(), smoke).await;
        let section = match self {
            Self::Durable => chat::durable::run(&place().await?).await?,
            Self::Latency => chat::latency::run(&place().await?).await?,
            Self::Fanout => chat::fanout::run(&place().await?).await?,
            Self::OpenLoop => chat::open_loop::run(&place().await?).await?,
            Self::Memory | Self::Avalanche if smoke => return Ok(None),
            Self::Memory => chat::memory::run(&place().await?).await?,
            Self::Avalanche => chat::avalanche::run(&place().await?).await?,
            Self::Gateway => gateway::run(&places.installed, smoke).await?,
            Self::Loss => chat::loss::run(&place().await?).await?,
            Self::Scale => chat::scale::run(&place().await?).await?,
            Self::SlowReader => chat::slow_reader::run(&place().await?).await?,
            // What these do is tested with the servers.
            Self::Hostile
            | Self::Hashes
            | Self::Codes
            | Self::Flood
            | Self::LoginFlood
            | Self::Encryption
                if smoke =>
            {
                return Ok(None);
            }
            Self::Hostile => hostile::run().await?,
            Self::Hashes => mfa::hashes::run(places)?,
            Self::Codes => mfa::codes::run().await?,
            Self::Flood => mfa::flood::run().await?,
            Self::LoginFlood => chat::login_flood::run(&place().await?).await?,
            Self::Encryption => encryption::run(&places.target)?,
        };
        Ok(Some(section))
    }

    /// Whether its clients share one thread.
    pub fn is_on_one_thread(self) -> bool {
        !matches!(
            self,
            Self::Hostile | Self::Hashes | Self::Codes | Self::Flood
        )
    }
}
