//! More pins than the vault holds.
//!
//! The vault has 512 KiB, which is about 8,000 pins. Beyond that pins of strangers are forgotten, on
//! the device too: people whose key was never compared, and with whom neither a room nor a contact is
//! shared. Who is met again is met for the first time. The oldest accounts go first, and an eighth of
//! the vault becomes free, so that devices that know different strangers come to an end.

use std::collections::BTreeSet;

use e2ee::Vault;
use protocol::{UserId, limits::VAULT};
use uuid::Uuid;

use crate::{
    engine::Step,
    state::{Person, Stage},
};

/// Bytes that are free after strangers were forgotten.
const FREED: usize = VAULT / 8;

/// Leaves out what does not fit, when all that is left is of people who are no strangers: pins that
/// were never compared, of the oldest accounts. This device keeps them.
pub(crate) fn leave_out(vault: &mut Vault) {
    let over = vault.pins.len().saturating_sub(vault.pins_within(VAULT));
    if over == 0 {
        return;
    }
    let unverified = vault
        .pins
        .iter()
        .filter(|(_, pin)| pin.verified_at.is_none());
    let out: Vec<Uuid> = unverified.take(over).map(|(user, _)| *user).collect();
    vault
        .pins
        .retain(|user, _| out.binary_search(user).is_err());
}

impl Step<'_> {
    /// Forgets pins of strangers when there are more pins than the vault holds.
    pub(crate) fn forget_strangers(&mut self) {
        // Oneself is in no vault.
        let count = self.state.people.iter().count().saturating_sub(1);
        let vault = Vault {
            archive_keys: self.archive_keys(),
            ..Vault::default()
        };
        if self.session.vault.thinned || count <= vault.pins_within(VAULT) {
            return;
        }
        self.session.vault.thinned = true;
        let over = count.saturating_sub(vault.pins_within(VAULT - FREED));
        let known = self.people_of_interest();
        let unknown = |person: &Person| person.verified_at.is_none() && person.changed.is_none();
        // Their ids rise with the time at which their accounts were made.
        let strangers = self.state.people.iter();
        let strangers = strangers.filter(|(user, person)| unknown(person) && !known.contains(user));
        let strangers: Vec<UserId> = strangers.take(over).map(|(user, _)| user).collect();
        for user in strangers {
            self.state.people.remove(user);
        }
    }

    /// Oneself, contacts that were talked to, people of rooms, and whoever was asked for on this
    /// connection.
    fn people_of_interest(&self) -> BTreeSet<UserId> {
        let threads = self.state.threads.iter();
        let peers = threads.filter(|(_, thread)| !thread.parted);
        let peers = peers.filter_map(|(_, thread)| thread.peer);
        let rooms = self.state.rooms.iter();
        let rooms = rooms.filter(|(_, room)| room.stage != Stage::Removed);
        let people = rooms.flat_map(|(room_id, room)| {
            let leaves = self.state.rosters.get(room_id).into_iter().flatten();
            let inside = leaves.map(|leaf| leaf.user);
            let absent = room.absent.keys();
            inside.chain(room.want_add.iter().chain(absent).copied())
        });
        let asked = self.session.lookups.iter().chain(&self.session.looked_up);
        let mut known: BTreeSet<UserId> = peers.chain(people).chain(asked.copied()).collect();
        known.extend(self.own_user());
        known
    }
}

#[cfg(test)]
mod tests {
    use e2ee::AccountKey;
    use rand_chacha::ChaCha12Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::{ConversationId, Engine, state::Thread};

    fn user(number: u128) -> UserId {
        Uuid::from_u128(number).into()
    }

    #[test]
    fn strangers_are_forgotten_when_the_vault_is_full_and_not_before() {
        let mut engine = Engine::load(Vec::new());
        let mut rng = ChaCha12Rng::seed_from_u64(1);
        let mut step = engine.begin(0, &mut rng);
        let key = AccountKey::from_bytes(&[1; 32]).public();
        let most = Vault::default().pins_within(VAULT);
        assert_eq!(most, (512 * 1024 - 45 - 4 - 2) / 65);
        // With oneself.
        for number in 0..=most as u128 {
            step.state
                .people
                .insert(user(number), Person::new(key.as_bytes()));
        }
        step.forget_strangers();
        assert_eq!(step.state.people.iter().count(), most + 1);
        // One more than fits. The oldest was compared, the next is a contact, the third was one,
        // another key is claimed for the fourth.
        let newest = user(most as u128 + 1);
        step.state
            .people
            .insert(newest, Person::new(key.as_bytes()));
        step.state.people.edit(user(0)).unwrap().verified_at = Some(7);
        for number in [1, 2] {
            let mut thread = Thread::direct(user(number));
            thread.parted = number == 2;
            let conversation = ConversationId::direct(user(number));
            step.state.threads.insert(conversation, thread);
        }
        let claimed = Some(vec![9; 32].into());
        step.state.people.edit(user(3)).unwrap().changed = claimed;
        step.forget_strangers();
        let left = Vault::default().pins_within(VAULT - FREED);
        assert_eq!(step.state.people.iter().count(), left + 1);
        for (number, stays) in [(0, true), (1, true), (2, false), (3, true), (4, false)] {
            let person = step.state.people.get(user(number));
            assert_eq!(person.is_some(), stays, "{number}");
        }
        assert!(step.state.people.get(newest).is_some());
    }

    #[test]
    fn what_does_not_fit_is_left_out_of_the_vault_but_for_what_was_compared() {
        let key = AccountKey::from_bytes(&[1; 32]).public();
        let mut vault = Vault::default();
        let most = vault.pins_within(VAULT);
        for number in 0..most as u128 + 3 {
            let pin = e2ee::Pin {
                account_key: key,
                verified_at: (number < 2).then_some(7),
                revision: 1,
            };
            vault.pins.insert(Uuid::from_u128(number), pin);
        }
        let whole = vault.clone();
        leave_out(&mut vault);
        assert_eq!(vault.pins.len(), most);
        for number in 0..6 {
            let there = vault.pins.contains_key(&Uuid::from_u128(number));
            assert_eq!(there, !(2..5).contains(&number), "{number}");
        }
        let account = AccountKey::from_bytes(&[2; 32]);
        let rng = &mut ChaCha12Rng::seed_from_u64(1);
        let size =
            |vault: &Vault, rng: &mut _| vault.seal(&account, Uuid::nil(), 1, rng).unwrap().len();
        assert_eq!(size(&vault, rng), VAULT);
        assert_eq!(size(&whole, rng), 2 * VAULT);
    }
}
