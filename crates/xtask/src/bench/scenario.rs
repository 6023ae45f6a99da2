//! What is measured, in the order in which all of it is, and what each scenario needs.

use clap::ValueEnum;

use super::peers::Peer;

/// A scenario of crates/bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Messages a second, acknowledged after the commit (bar 1)
    Durable,
    /// How long an acknowledgement takes (bar 2)
    Latency,
    /// CPU time of a delivery in small and large rooms (bar 3)
    Fanout,
    /// Latency at a steady load, whatever the answers take (bar 4)
    OpenLoop,
    /// Memory of idle users (bar 5)
    Memory,
    /// Everybody comes back at once (bar 6)
    Avalanche,
    /// Requests, frames, files and handshakes beside nginx (bar 7)
    Gateway,
    /// Nothing acknowledged is lost when servers are killed (bar 9)
    Loss,
    /// Readers that stall or flap (bar 10)
    SlowReader,
    /// What hostile clients cost (bar 11)
    Hostile,
    /// Cost by stored messages, members, rooms and users
    Scale,
    /// Password hashes, beside argon2-cffi (bar 8)
    Hashes,
    /// Checks of time-based codes (bar 8)
    Codes,
    /// Checks of codes while people, or guessers, log in (bar 8)
    Flood,
    /// Messages while people log in (bar 8)
    LoginFlood,
    /// Messages, commits and seals on a device, by themselves (bar 13)
    Encryption,
}

impl Scenario {
    /// These, or all of them when none is named.
    pub(super) fn or_all(named: Vec<Self>) -> Vec<Self> {
        if named.is_empty() {
            Self::value_variants().to_vec()
        } else {
            named
        }
    }

    /// Its name, here and for the program that measures.
    pub(super) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or(String::new(), |value| value.get_name().to_owned())
    }

    /// Beside whom it is measured.
    pub(super) fn peers(self) -> &'static [Peer] {
        match self {
            Self::Durable => &[Peer::Node, Peer::Flask],
            Self::Latency | Self::Fanout | Self::OpenLoop | Self::Avalanche => &[Peer::Node],
            Self::Memory => &[Peer::Node, Peer::Nginx],
            Self::Gateway => &[Peer::Nginx],
            Self::Hashes => &[Peer::Argon2],
            Self::Loss
            | Self::SlowReader
            | Self::Hostile
            | Self::Scale
            | Self::Codes
            | Self::Flood
            | Self::LoginFlood
            | Self::Encryption => &[],
        }
    }

    /// Whether servers are measured.
    pub(super) const fn has_servers(self) -> bool {
        !matches!(self, Self::Encryption)
    }

    /// What is run for a moment when none is named: the others do the same, or what other tests
    /// do, or are all about time and memory.
    pub(super) const SHORT: [Self; 4] = [Self::Durable, Self::Fanout, Self::Loss, Self::SlowReader];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_everything_in_order() {
        let all = Scenario::or_all(Vec::new());
        assert_eq!(all.first(), Some(&Scenario::Durable));
        assert_eq!(all.len(), Scenario::value_variants().len());
        let two = vec![Scenario::Flood, Scenario::Scale];
        assert_eq!(Scenario::or_all(two.clone()), two);
        assert_eq!(Scenario::OpenLoop.name(), "open-loop");
    }
}
