//! What the servers tell each other.

use super::Stack;
use crate::{Server, redis::plant, relay::Relay};

impl Stack {
    /// From now on the gateway reaches the chat servers, and they the MFA service and a Redis,
    /// through somebody who keeps it all. Gateway and chat servers start again.
    pub async fn overhear(&mut self) {
        if let Some(redis) = &self.redis {
            self.redis_relay = Some(Relay::plain(redis.port()).await);
        }
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
                let is_address =
                    |name: &str| ["CHAT_UPSTREAMS", "MFA_URL", "REDIS_URL"].contains(&name);
                let addresses = fresh.into_iter().filter(|(name, _)| is_address(name));
                self.variables.entry(place).or_default().extend(addresses);
            }
        }
        self.restart_all().await;
    }

    /// Leaves words in the Redis, by the way that chat servers reach it; `None` where there is none.
    /// What follows is all that the Redis holds, and what was said to it and what it answered since
    /// [`Self::overhear`].
    pub async fn search_redis(&self, planted: &[u8]) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
        let (redis, relay) = (self.redis.as_ref()?, self.redis_relay.as_ref()?);
        plant(relay.port(), planted).await;
        Some((redis.dump().await, relay.heard()))
    }

    /// What was said to servers of a kind, and what they answered; nothing before
    /// [`Self::overhear`].
    pub fn overheard(&self, to: Server) -> Vec<Vec<u8>> {
        let relays = self.relays.iter().filter(|((server, _), _)| *server == to);
        relays.flat_map(|(_, relay)| relay.heard()).collect()
    }
}
