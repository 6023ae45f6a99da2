//! A device with its disk, every time the same.

use std::collections::BTreeMap;

use engine::{Effect, Engine, Input, Outcome, ReadRange, Record, STATE_PREFIX};
use protocol::Binary;
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;

/// Most answers of the disk to one input: an engine that asks for more goes in circles.
const MOST_READS: usize = 1_000;

/// Records by key.
pub type Disk = BTreeMap<String, Binary>;

/// An engine whose records are read and written at once. Clock and randomness follow from the
/// number of the step.
pub struct Device {
    engine: Engine,
    /// What is stored.
    pub disk: Disk,
    begun: i64,
    steps: i64,
}

impl Device {
    /// Starts from its disk, at a time in milliseconds since 1970.
    pub fn start(disk: Disk, now: i64) -> Self {
        Self {
            engine: Engine::load(state_of(&disk)),
            disk,
            begun: now,
            steps: 0,
        }
    }

    /// Takes an input; what is left to do beside the disk.
    ///
    /// # Panics
    /// When what the engine asks of the disk has no end, or contradicts itself.
    pub fn step(&mut self, input: Input) -> Vec<Effect> {
        let mut left = Vec::new();
        let mut inputs = vec![input];
        let mut reads = 0;
        while let Some(input) = inputs.pop() {
            self.steps += 1;
            let now = self.begun + 40 * self.steps;
            let mut rng = ChaCha12Rng::seed_from_u64(self.steps.unsigned_abs());
            for effect in self.engine.step(input, now, &mut rng) {
                match effect {
                    Effect::Persist { puts, deletes } => self.write(puts, &deletes),
                    Effect::Read { id, range } => {
                        reads += 1;
                        assert!(reads < MOST_READS, "reads without an end");
                        let records = read(&self.disk, range);
                        let outcome = Outcome::Records { records };
                        inputs.insert(0, Input::Reply { id, outcome });
                    }
                    other => left.push(other),
                }
            }
        }
        left
    }

    fn write(&mut self, puts: Vec<Record>, deletes: &[String]) {
        for Record { key, value } in puts {
            assert!(!deletes.contains(&key), "{key} is put and deleted");
            self.disk.insert(key, value);
        }
        for key in deletes {
            self.disk.remove(key);
        }
    }
}

/// The records that an engine is loaded from.
pub fn state_of(disk: &Disk) -> Vec<Record> {
    let records = disk.range(STATE_PREFIX.to_owned()..);
    records
        .take_while(|(key, _)| key.starts_with(STATE_PREFIX))
        .map(record)
        .collect()
}

fn record((key, value): (&String, &Binary)) -> Record {
    Record {
        key: key.clone(),
        value: value.clone(),
    }
}

fn read(disk: &Disk, range: ReadRange) -> Vec<Record> {
    match range {
        ReadRange::Keys { keys } => {
            let found = keys.iter().filter_map(|key| disk.get_key_value(key));
            found.map(record).collect()
        }
        ReadRange::Last { from, to } => {
            // An empty range is no range for the tree.
            let last = (from < to).then(|| disk.range(from..to).next_back());
            last.flatten().map(record).into_iter().collect()
        }
    }
}
