//! How far people's keys are trusted, as the user interface is told.

use std::collections::BTreeMap;

use e2ee::{AccountPublicKey, Pin};
use protocol::{Base64, ClientId, DeviceId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Body, ConversationId, Entry, EntryState, Notice, RoomEvent,
    engine::Step,
    state::{Person, line_position},
};

/// How a person's keys stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PersonTrust {
    /// Who.
    pub user_id: UserId,
    /// The known key was compared with theirs.
    pub verified: bool,
    /// Another key is claimed since.
    pub change: Option<KeyChange>,
    /// Devices of theirs that the server alone says are shut out: nothing they signed does. Nothing
    /// is sent to them.
    pub reported: Vec<DeviceId>,
}

/// Another account key than the known one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeyChange {
    /// The key that is claimed now, 32 bytes; goes into [`crate::Command::AcceptKeys`] and
    /// [`crate::Command::DeclineKeys`].
    pub account_key: Base64,
    /// The key known so far.
    pub previous: Base64,
    /// The known key was compared with theirs.
    pub was_verified: bool,
    /// A conversation waits for the answer.
    pub blocks: bool,
    /// The answer was no; it may still be accepted.
    pub declined: bool,
}

/// What comparing a code or number came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Comparison {
    /// Both hold the same keys: marked as verified, and accepted where the key was a claimed one.
    Same,
    /// A code of the two with another key: somebody may stand between them.
    Different,
    /// A key is claimed for the person, and their code says the one known before: the claimed one
    /// is not theirs.
    Previous,
    /// It is the code that is shown here.
    Own,
    /// A code of, or for, another person.
    OtherPerson,
    /// Made by a newer version.
    Newer,
    /// No code, or a part of one; no 60 digits.
    Unreadable,
}

/// What was seen when a room broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Broken {
    /// The epoch that this device was in.
    pub epoch: u64,
    /// The place of the change that was not merged; `None` where it was no place in the log.
    pub seq: Option<u64>,
    /// Why, in kebab-case: a rule of the policy, or a word of its own.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

impl Step<'_> {
    /// What my devices share of other people's keys, for the vault. `session.pins_changed` says
    /// that it is another than the one that was read last.
    pub(crate) fn pins(&self) -> BTreeMap<Uuid, Pin> {
        let own = self.state.account.get().map(|account| account.user_id);
        let others = self.state.people.iter();
        let others = others.filter(|(user, _)| Some(*user) != own);
        others
            .filter_map(|(user, person)| {
                let pin = Pin {
                    account_key: AccountPublicKey::parse(person.account_key.as_ref()).ok()?,
                    verified_at: person.verified_at,
                    revision: person.revision,
                };
                Some((user.0, pin))
            })
            .collect()
    }

    /// Takes in what another device of mine shared.
    ///
    /// A pin that was changed on purpose there has the higher revision and stands. Of two that were
    /// both made on first use none is better: the other one is asked about like any other key.
    pub(crate) fn merge_pins(&mut self, pins: &BTreeMap<Uuid, Pin>) {
        let own = self.state.account.get().map(|account| account.user_id);
        for (user, pin) in pins {
            let user = UserId(*user);
            if own == Some(user) {
                continue;
            }
            let key = Base64::from(pin.account_key.as_bytes().to_vec());
            let Some(person) = self.state.people.get(user) else {
                let mut person = Person::new(pin.account_key.as_bytes());
                person.revision = pin.revision;
                person.verified_at = pin.verified_at;
                self.state.people.insert(user, person);
                self.trust_changed(user);
                continue;
            };
            let same = person.account_key == key;
            let newer = pin.revision > person.revision;
            let equal = pin.revision == person.revision;
            if same {
                // Of two of the same revision the one that asks for more stands.
                let doubts = equal && pin.verified_at.is_none() && person.verified_at.is_some();
                if (newer || doubts)
                    && let Some(person) = self.state.people.edit(user)
                {
                    person.revision = pin.revision;
                    person.verified_at = pin.verified_at;
                    self.trust_changed(user);
                }
            } else if newer {
                let claimed = person.changed.as_ref() == Some(&key);
                if !claimed {
                    self.write_keys_changed(user);
                }
                self.take_keys(user, &key, Some(pin));
            } else if equal {
                self.pin(user, &pin.account_key);
            }
        }
    }

    /// A key of somebody is claimed that is not the pinned one.
    pub(crate) fn keys_changed(&mut self, user: UserId) {
        self.write_keys_changed(user);
        self.trust_changed(user);
    }

    /// Something of what is known of a person's keys is another than before.
    pub(crate) fn trust_changed(&mut self, user: UserId) {
        self.tell_person(user);
        self.tell_safety(user);
        let shared = self.shared_with(user);
        self.session.changed.extend(shared);
    }

    /// The conversations that a person is in.
    fn shared_with(&self, user: UserId) -> Vec<ConversationId> {
        let threads = self.state.threads.iter();
        let shared = threads.filter(|(_, thread)| {
            let room = thread.room;
            thread.peer == Some(user)
                || room.is_some_and(|room| self.people_in(room).contains(&user))
        });
        shared.map(|(id, _)| id).collect()
    }

    /// Writes the line that stays in every conversation with somebody whose keys changed.
    fn write_keys_changed(&mut self, user: UserId) {
        for conversation in self.shared_with(user) {
            self.write_keys_line(conversation, user);
        }
    }

    /// The same in one conversation: behind everything that stands in it now.
    pub(crate) fn write_keys_line(&mut self, conversation: ConversationId, user: UserId) {
        let last = self.state.threads.get(conversation).and_then(|thread| {
            let room = self.state.rooms.get(*thread.rooms.last()?)?;
            Some((room.generation, room.cursor))
        });
        let (generation, seq) = last.unwrap_or_default();
        let now = self.unix_millis();
        let entry = Entry {
            key: format!("keys/{user}/{now}"),
            position: line_position(generation, seq, now, user),
            id: ClientId::from_parts(now, self.random()),
            room_id: None,
            seq: None,
            sender: user,
            mine: false,
            sent_at: self.now + self.session.clock_offset,
            state: EntryState::Sent,
            failure: None,
            body: Body::Room {
                events: vec![RoomEvent::KeysChanged { user }],
            },
            extra: crate::Extra::default(),
        };
        self.write_entry(conversation, entry);
    }

    /// How a person's keys stand, for the user interface.
    pub(crate) fn tell_person(&mut self, user_id: UserId) {
        if let Some(person) = self.state.people.get(user_id) {
            let person = self.person_trust(user_id, person);
            self.notify(Notice::Person { person });
        }
    }

    /// The same, but for those of whom there is nothing to say.
    pub(crate) fn tell_people(&mut self) {
        for user in self.state.people.keys() {
            let person = self.state.people.get(user);
            let news = |it: &Person| {
                it.verified_at.is_some() || it.changed.is_some() || !it.reported.is_empty()
            };
            if person.is_some_and(news) {
                self.tell_person(user);
            }
        }
    }

    fn person_trust(&self, user_id: UserId, person: &Person) -> PersonTrust {
        let threads = self.state.threads.keys();
        let blocks = || {
            let mut threads = threads.into_iter();
            threads.any(|thread| self.held_by(thread).contains(&user_id))
        };
        PersonTrust {
            user_id,
            verified: person.verified_at.is_some() && person.changed.is_none(),
            change: person.changed.clone().map(|account_key| KeyChange {
                account_key,
                previous: person.account_key.clone(),
                was_verified: person.verified_at.is_some(),
                blocks: blocks(),
                declined: person.declined,
            }),
            reported: person
                .reported
                .difference(&person.revoked)
                .copied()
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use e2ee::AccountKey;
    use rand_chacha::ChaCha12Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::Engine;

    fn key(seed: u8) -> AccountPublicKey {
        AccountKey::from_bytes(&[seed; 32]).public()
    }

    fn pin(seed: u8, revision: u64, verified_at: Option<u64>) -> Pin {
        Pin {
            account_key: key(seed),
            verified_at,
            revision,
        }
    }

    #[test]
    fn what_was_done_on_purpose_stands_on_every_device() {
        let mut engine = Engine::load(Vec::new());
        let mut rng = ChaCha12Rng::seed_from_u64(1);
        let mut step = engine.begin(0, &mut rng);
        let bo = UserId::from_bytes([2; 16]);
        let takes = |step: &mut Step<'_>, pin: Pin| {
            step.merge_pins(&BTreeMap::from([(bo.0, pin)]));
            step.pins()[&bo.0]
        };
        let claimed = |step: &Step<'_>| {
            let change = step.state.people.get(bo).unwrap().changed.clone();
            change.map(|key| key.as_ref().to_vec())
        };
        // Known on another device alone; marked there; the mark taken back.
        for known in [pin(1, 1, None), pin(1, 2, Some(7)), pin(1, 3, None)] {
            assert_eq!(takes(&mut step, known), known);
        }
        // Older, with whatever key.
        assert_eq!(takes(&mut step, pin(1, 2, Some(7))), pin(1, 3, None));
        assert_eq!(takes(&mut step, pin(2, 2, None)), pin(1, 3, None));
        assert_eq!(claimed(&step), None);
        // Another key, by nobody's wish: asked about.
        assert_eq!(takes(&mut step, pin(2, 3, None)), pin(1, 3, None));
        assert_eq!(claimed(&step), Some(key(2).as_bytes().to_vec()));
        // Accepted on another device.
        assert_eq!(takes(&mut step, pin(2, 4, None)), pin(2, 4, None));
        assert_eq!(claimed(&step), None);
        // Declined here after a third one was claimed: the others are to stay as well.
        assert!(!step.pin(bo, &key(3)));
        step.decline_keys(bo, &key(3).as_bytes().to_vec().into());
        assert_eq!(step.pins()[&bo.0], pin(2, 5, None));
    }
}
