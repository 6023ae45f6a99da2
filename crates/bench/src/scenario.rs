//! All scenarios on one page.

use clap::ValueEnum;

use crate::{Places, mfa, report::Section};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Password hashes, beside argon2-cffi
    Hashes,
    /// Checks of time-based codes
    Codes,
    /// Checks of codes while people, or guessers, log in
    Flood,
}

impl Scenario {
    /// Measures on a quiet machine; or, as `smoke`, takes seconds and looks at counts and order,
    /// never at times. None where there is nothing to be seen that way.
    ///
    /// # Errors
    /// When something does not start, answer as it must, or count right.
    pub async fn run(self, places: &Places, smoke: bool) -> anyhow::Result<Option<Section>> {
        let section = match self {
            // What these do is tested with the service.
            Self::Hashes | Self::Codes | Self::Flood if smoke => return Ok(None),
            Self::Hashes => mfa::hashes::run(places)?,
            Self::Codes => mfa::codes::run().await?,
            Self::Flood => mfa::flood::run().await?,
        };
        Ok(Some(section))
    }

    /// Whether its clients share one thread.
    pub fn is_on_one_thread(self) -> bool {
        match self {
            Self::Hashes | Self::Codes | Self::Flood => false,
        }
    }
}
