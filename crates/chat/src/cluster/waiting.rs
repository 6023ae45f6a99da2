//! Hints that wait to be sent.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use uuid::Uuid;

use super::hint::{Hint, RoomEvent};

/// Rooms that may wait to be told of; beyond, all are looked at.
const ROOMS: usize = 10_000;
/// Events that may wait; the oldest go first.
const EVENTS: usize = 1_000;

/// Hints that wait to be sent: many about one room become one.
#[derive(Debug, Default)]
pub struct Waiting {
    hints: Mutex<Hints>,
    pub(super) some: Notify,
}

#[derive(Debug, Default)]
struct Hints {
    heads: HashMap<Uuid, u64>,
    events: Vec<RoomEvent>,
    look: bool,
}

impl Waiting {
    /// A room has something new.
    pub(super) fn head(&self, room: Uuid, seq: u64) {
        let mut hints = self.hints();
        if hints.heads.len() >= ROOMS && !hints.heads.contains_key(&room) {
            hints.heads.clear();
            hints.look = true;
        }
        let head = hints.heads.entry(room).or_default();
        *head = seq.max(*head);
        drop(hints);
        self.some.notify_one();
    }

    /// An event for those who listen to a room.
    pub(super) fn event(&self, event: RoomEvent) {
        let mut hints = self.hints();
        if hints.events.len() >= EVENTS {
            hints.events.remove(0);
            hints.look = true;
        }
        hints.events.push(event);
        drop(hints);
        self.some.notify_one();
    }

    /// What waited could not be sent; tells whether there was any.
    pub(super) fn give_up(&self) -> bool {
        let mut hints = self.hints();
        let any = !hints.heads.is_empty() || !hints.events.is_empty();
        hints.heads.clear();
        hints.events.clear();
        hints.look |= any;
        any
    }

    /// Others may have missed something.
    pub(super) fn look(&self) {
        self.hints().look = true;
    }

    /// Takes all that waits.
    pub(super) fn take(&self, from: Uuid) -> Hint {
        let hints = std::mem::take(&mut *self.hints());
        Hint {
            from,
            heads: hints.heads.into_iter().collect(),
            events: hints.events,
            look: hints.look,
        }
    }

    fn hints(&self) -> MutexGuard<'_, Hints> {
        self.hints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::cluster::Audience;

    #[test]
    fn many_hints_about_a_room_become_one_and_the_highest() {
        let (waiting, node, room) = (Waiting::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        for seq in [3, 5, 4] {
            waiting.head(room, seq);
        }
        let hint = waiting.take(node);
        assert_eq!(hint.heads, [(room, 5)]);
        assert!(waiting.take(node).is_empty());
    }

    #[test]
    fn what_cannot_wait_becomes_a_look_at_everything() {
        let waiting = Waiting::default();
        for room in 0..=ROOMS as u128 {
            waiting.head(Uuid::from_u128(room), 1);
        }
        let hint = waiting.take(Uuid::nil());
        assert!(hint.look && hint.heads.len() <= ROOMS);
        assert!(!waiting.give_up() && !waiting.take(Uuid::nil()).look);
        waiting.head(Uuid::nil(), 1);
        assert!(waiting.give_up());
        let hint = waiting.take(Uuid::nil());
        assert!(hint.look && hint.heads.is_empty());
        let event = |n: u128| RoomEvent {
            room: Uuid::from_u128(n),
            audience: Audience::Except(Uuid::nil()),
            name: "typing".to_owned(),
            payload: Value::Null,
        };
        for n in 0..=EVENTS as u128 {
            waiting.event(event(n));
        }
        let hint = waiting.take(Uuid::nil());
        assert_eq!((hint.events.len(), &hint.events[0]), (EVENTS, &event(1)));
    }
}
