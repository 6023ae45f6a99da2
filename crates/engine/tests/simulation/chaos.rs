//! How badly the world behaves in one run.

use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};

/// Chances out of 1,000, and the generator that they are drawn from.
pub(crate) struct Chaos {
    rng: ChaCha12Rng,
    /// A live event does not arrive although its socket stays.
    pub(crate) drop_event: u32,
    /// An event arrives twice.
    pub(crate) repeat_event: u32,
    /// What is sent to the server does not arrive.
    pub(crate) lose_request: u32,
    /// The server's answer does not arrive.
    pub(crate) lose_answer: u32,
    /// The process dies before an effect is carried out.
    pub(crate) crash: u32,
    /// The process dies before the effect of this number, once.
    pub(crate) crash_at: Option<u32>,
    /// The socket breaks when something is sent over it.
    pub(crate) disconnect: u32,
    /// Something takes many seconds.
    pub(crate) slow: u32,
    /// A delay otherwise is up to so many milliseconds.
    pub(crate) delay: u32,
}

impl Chaos {
    /// A world that behaves.
    pub(crate) fn none(seed: u64) -> Self {
        Self {
            rng: ChaCha12Rng::seed_from_u64(seed),
            drop_event: 0,
            repeat_event: 0,
            lose_request: 0,
            lose_answer: 0,
            crash: 0,
            crash_at: None,
            disconnect: 0,
            slow: 0,
            delay: 20,
        }
    }

    /// A world with its own mixture of evils.
    pub(crate) fn from_seed(seed: u64) -> Self {
        let mut chaos = Self::none(seed);
        chaos.drop_event = chaos.pick([0, 20, 150]);
        chaos.repeat_event = chaos.pick([0, 50, 300]);
        chaos.lose_request = chaos.pick([0, 20, 80]);
        chaos.lose_answer = chaos.pick([0, 30, 150]);
        chaos.crash = chaos.pick([0, 10, 40]);
        chaos.disconnect = chaos.pick([0, 10, 40]);
        chaos.slow = chaos.pick([0, 10, 50]);
        chaos.delay = chaos.pick([5, 100, 1500]);
        chaos
    }

    /// The evils end.
    pub(crate) fn calm(&mut self) {
        let rng = self.rng.clone();
        *self = Self::none(0);
        self.rng = rng;
    }

    pub(crate) fn happens(&mut self, chance: u32) -> bool {
        chance > 0 && self.rng.next_u32() % 1000 < chance
    }

    /// Whether the process dies before its next effect.
    pub(crate) fn dies(&mut self) -> bool {
        let due = self.crash_at == Some(0);
        self.crash_at = self.crash_at.filter(|left| *left > 0).map(|left| left - 1);
        due || self.happens(self.crash)
    }

    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.rng.next_u32() % bound
    }

    pub(crate) fn travel(&mut self) -> i64 {
        let slow = self.slow;
        let most = if self.happens(slow) {
            20_000
        } else {
            self.delay
        };
        i64::from(1 + self.below(most))
    }

    fn pick(&mut self, of: [u32; 3]) -> u32 {
        of[self.below(3) as usize]
    }
}
