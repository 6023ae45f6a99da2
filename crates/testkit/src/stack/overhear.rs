//! What the servers tell each other.

use super::Stack;
use crate::{Server, relay::Relay};

impl Stack {
    /// From now on the gateway reaches the chat servers, and they the MFA service, through somebody
    /// who keeps it all. Gateway and chat servers start again.
    pub async fn overhear(&mut self) {
        for (from, to) in [(Server::Gateway, Server::Chat), (Server::Chat, Server::Mfa)] {
            for place in self.places_of(to) {
                let target = self.ports[&place].0.number;
                let folder = self.folder.path();
                let relay = Relay::start(folder, from.name(), to.name(), target).await;
                self.relays.insert(place, relay);
            }
            self.stop(from);
            for place in self.places_of(from) {
                let fresh = self.variables_of(place);
                let is_address = |name: &str| ["CHAT_UPSTREAMS", "MFA_URL"].contains(&name);
                let addresses = fresh.into_iter().filter(|(name, _)| is_address(name));
                self.variables.entry(place).or_default().extend(addresses);
            }
        }
        self.restart_all().await;
    }

    /// What was said to servers of a kind, and what they answered; nothing before
    /// [`Self::overhear`].
    pub fn overheard(&self, to: Server) -> Vec<Vec<u8>> {
        let relays = self.relays.iter().filter(|((server, _), _)| *server == to);
        relays.flat_map(|(_, relay)| relay.heard()).collect()
    }
}
