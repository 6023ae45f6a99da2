//! What was sent, acknowledged and delivered, to the last message, and in which order.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use super::packet::Mark;

/// Counts of a run; all clients write into it.
#[derive(Debug, Default)]
pub struct Tally {
    /// The run that counts; what belongs to another is late and ignored.
    pub run: u32,
    /// Messages sent.
    pub sent: u64,
    /// Acknowledged as stored.
    pub acked: u64,
    /// Refused, by the code.
    pub refused: BTreeMap<String, u64>,
    /// What clients in a room received, the sender included.
    pub delivered: u64,
    /// Deliveries that should be: recipients of each acknowledged message.
    pub expected: u64,
    /// From the time a message was due to its acknowledgement.
    pub ack: Vec<Duration>,
    /// A message that came after a later one of its sender, at the same recipient.
    pub inversions: u64,
    /// A message that came to a recipient twice.
    pub doubles: u64,
    /// Places of a room that a recipient never saw although it saw later ones.
    pub gaps: u64,
}

impl Tally {
    /// Nothing yet, of this run.
    pub fn begin(run: u32) -> Self {
        Self {
            run,
            ..Self::default()
        }
    }

    /// From now on another run counts; returns what was counted.
    pub fn next_run(&mut self) -> Self {
        let fresh = Self {
            run: self.run.wrapping_add(1),
            ..Self::default()
        };
        std::mem::replace(self, fresh)
    }

    /// A message goes out.
    pub fn send(&mut self) {
        self.sent += 1;
    }

    /// A message was stored, and goes to so many.
    pub fn acknowledge(&mut self, run: u32, due: Instant, recipients: usize) {
        if run == self.run {
            self.acked += 1;
            self.expected += recipients as u64;
            self.ack.push(due.elapsed());
        }
    }

    /// A message was refused.
    pub fn refuse(&mut self, code: &str) {
        *self.refused.entry(code.to_owned()).or_default() += 1;
    }

    /// A message reached a recipient that last had `before` of the same sender.
    pub fn deliver(&mut self, mark: Mark, before: Option<u64>) {
        if mark.run != self.run {
            return;
        }
        match before {
            Some(last) if last == mark.number => self.doubles += 1,
            Some(last) if last > mark.number => self.inversions += 1,
            _ => {}
        }
        self.delivered += 1;
    }

    /// Whether everything that was sent has its answer and everything that was stored has arrived.
    pub fn is_settled(&self) -> bool {
        let refused: u64 = self.refused.values().sum();
        self.acked + refused >= self.sent && self.delivered >= self.expected
    }

    /// What is not as it must be; `None` when all is exact and, where `ordered`, in order.
    pub fn fault(&self, ordered: bool) -> Option<String> {
        let exact = self.acked == self.sent && self.delivered == self.expected;
        let in_order = self.inversions + self.gaps == 0;
        let good = exact && self.doubles == 0 && (in_order || !ordered);
        (!good).then(|| {
            format!(
                "{} sent, {} acknowledged, refused {:?}, {} of {} delivered, {} inversions, \
                 {} doubles, {} gaps",
                self.sent,
                self.acked,
                self.refused,
                self.delivered,
                self.expected,
                self.inversions,
                self.doubles,
                self.gaps
            )
        })
    }
}

/// What one recipient has seen: the last of each sender, the last place of each room.
#[derive(Debug, Default)]
pub struct Seen {
    run: u32,
    senders: HashMap<u16, u64>,
}

impl Seen {
    /// The sender's message before this one, which is the last from now on.
    pub fn note(&mut self, mark: Mark) -> Option<u64> {
        if self.run != mark.run {
            self.run = mark.run;
            self.senders.clear();
        }
        let last = self.senders.entry(mark.sender);
        match last {
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                let before = *entry.get();
                entry.insert(before.max(mark.number));
                Some(before)
            }
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(mark.number);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(number: u64) -> Mark {
        Mark {
            run: 1,
            sender: 3,
            number,
        }
    }

    #[test]
    fn order_and_counts_are_exact() {
        let mut tally = Tally::default();
        tally.next_run();
        let mut seen = Seen::default();
        for _ in 0..3 {
            tally.send();
            tally.acknowledge(1, Instant::now(), 1);
        }
        assert!(!tally.is_settled());
        for number in [0, 1, 2] {
            tally.deliver(mark(number), seen.note(mark(number)));
        }
        assert!(tally.is_settled());
        assert_eq!(tally.fault(true), None);
        for number in [2, 1] {
            tally.deliver(mark(number), seen.note(mark(number)));
        }
        assert_eq!((tally.doubles, tally.inversions), (1, 1));
        assert!(tally.fault(false).is_some());
        let old = tally.next_run();
        assert_eq!((old.delivered, tally.delivered), (5, 0));
        // Late ones of the run before do not count.
        tally.deliver(mark(7), seen.note(mark(7)));
        assert_eq!(tally.delivered, 0);
    }
}
