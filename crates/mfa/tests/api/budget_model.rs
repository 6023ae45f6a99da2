//! The failure budget against a plain model of it: whatever happens, in whatever order.

use std::{collections::HashMap, time::Duration};

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::json;
use time::OffsetDateTime;

use crate::harness::{Person, Reply, Service, other_than};

/// What somebody does.
#[derive(Clone, Debug)]
enum Act {
    /// A wrong code from an address.
    Wrong(u8),
    /// The right code from an address.
    Right(u8),
    /// A wrong code from each of so many addresses that nobody saw before.
    Swarm(u8),
    /// Time passes, in seconds.
    Wait(u64),
    /// A recovery code from an address.
    Recover(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0..3_u8).prop_map(Act::Wrong),
        1 => (0..3_u8).prop_map(Act::Right),
        4 => (15..40_u8).prop_map(Act::Swarm),
        3 => prop_oneof![Just(20), Just(45), Just(200), Just(4_000)].prop_map(Act::Wait),
        1 => (0..3_u8).prop_map(Act::Recover),
    ]
}

/// The rule in plain words: the fifth failure in a row locks an address for 30 s, each further one
/// for twice as long, up to an hour; a hundred in a row over all addresses need recovery; a
/// success forgives the address and the account.
#[derive(Default)]
struct Model {
    addresses: HashMap<String, Address>,
    all: u32,
}

/// A lock's end lies between two times: the service took its time between the two readings.
#[derive(Clone, Copy, Default)]
struct Address {
    failures: u32,
    until: Option<(OffsetDateTime, OffsetDateTime)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Accepted,
    Wrong,
    Locked,
    Exhausted,
}

impl Model {
    /// What the service may answer between two times.
    fn expect(
        &self,
        address: &str,
        right: bool,
        between: (OffsetDateTime, OffsetDateTime),
    ) -> Vec<Answer> {
        let until = self.addresses.get(address).and_then(|one| one.until);
        let open = match (self.all >= 100, right) {
            (true, _) => Answer::Exhausted,
            (false, true) => Answer::Accepted,
            (false, false) => Answer::Wrong,
        };
        match until {
            Some((first, _)) if between.1 < first => vec![Answer::Locked],
            Some((_, last)) if between.0 < last => vec![Answer::Locked, open],
            _ => vec![open],
        }
    }

    fn follow(&mut self, address: &str, answer: Answer, between: (OffsetDateTime, OffsetDateTime)) {
        let one = self.addresses.entry(address.to_owned()).or_default();
        match answer {
            Answer::Wrong => {
                one.failures += 1;
                self.all += 1;
                one.until = (one.failures >= 5).then(|| {
                    let seconds = (30_i64 << (one.failures - 5).min(7)).min(3_600);
                    let lock = time::Duration::seconds(seconds);
                    (between.0 + lock, between.1 + lock)
                });
            }
            Answer::Accepted => {
                *one = Address::default();
                self.all = 0;
            }
            Answer::Locked | Answer::Exhausted => {}
        }
    }
}

fn answer(reply: &Reply) -> Answer {
    match (reply.status, &*reply.code()) {
        (200, _) => Answer::Accepted,
        (422, "invalid-code") => Answer::Wrong,
        (429, "locked") if reply.body["recovery_required"] == true => Answer::Exhausted,
        (429, "locked") => Answer::Locked,
        _ => panic!("{reply:?}"),
    }
}

struct Play<'a> {
    service: &'a Service,
    person: Person,
    model: Model,
    strangers: u32,
}

impl Play<'_> {
    async fn act(&mut self, act: &Act) {
        match act {
            Act::Wait(seconds) => self.service.clock.advance(Duration::from_secs(*seconds)),
            Act::Wrong(address) => self.guess(&format!("192.0.2.{address}"), false).await,
            Act::Right(address) => {
                self.service.next_step(); // a step is good once
                self.guess(&format!("192.0.2.{address}"), true).await;
            }
            Act::Swarm(size) => {
                for _ in 0..*size {
                    self.strangers += 1;
                    let [_, _, high, low] = self.strangers.to_be_bytes();
                    self.guess(&format!("198.18.{high}.{low}"), false).await;
                }
            }
            Act::Recover(address) => self.recover(&format!("192.0.2.{address}")).await,
        }
    }

    async fn challenge(&self) -> String {
        let body = json!({"account_id": self.person.id, "purpose": "model"});
        let reply = self.service.post("/v1/challenges", body).await;
        reply.text("challenge_id")
    }

    async fn guess(&mut self, address: &str, right: bool) {
        let code = self.service.totp(&self.person);
        let code = if right { code } else { other_than(&code) };
        let path = format!("/v1/challenges/{}/verify", self.challenge().await);
        let body = json!({"method": "totp", "code": code});
        let before = self.service.clock.now().unwrap();
        let reply = self.service.post_from(address, &path, body).await;
        let between = (before, self.service.clock.now().unwrap());
        let answer = answer(&reply);
        let expected = self.model.expect(address, right, between);
        assert!(
            expected.contains(&answer),
            "{address} {right}: {answer:?}, not {expected:?}"
        );
        self.model.follow(address, answer, between);
    }

    /// A recovery code has a budget of its own, which nothing here uses up: it always helps.
    async fn recover(&mut self, address: &str) {
        let Some(code) = self.person.recovery_codes.pop() else {
            return;
        };
        let path = format!("/v1/challenges/{}/verify", self.challenge().await);
        let body = json!({"method": "recovery", "code": code});
        let reply = self.service.post_from(address, &path, body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        self.model = Model::default();
    }
}

#[test]
fn rule_05_the_budget_behaves_like_a_plain_model_of_it() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let generous = [
        "--rate-limit=1000000 per day",
        "--rate-limit-address=1000000 per day",
    ];
    let service = runtime.block_on(Service::with_flags(&generous));
    let config = Config {
        cases: 8,
        failure_persistence: None,
        max_shrink_iters: 20,
        ..Config::default()
    };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let plays = std::cell::Cell::new(0);
    let exhausted = std::cell::Cell::new(false);
    let strategy = prop::collection::vec(act(), 15..30);
    let result = runner.run(&strategy, |acts| {
        plays.set(plays.get() + 1);
        runtime.block_on(async {
            let person = service.member(&format!("person{}", plays.get())).await;
            let mut play = Play {
                service: &service,
                person,
                model: Model::default(),
                strangers: 0,
            };
            for act in &acts {
                play.act(act).await;
                exhausted.set(exhausted.get() || play.model.all >= 100);
            }
        });
        Ok(())
    });
    result.unwrap();
    assert!(exhausted.get(), "some play went all the way");
    drop(service);
    drop(runtime);
}
