//! The state machine: loading, and the shape of a step.

use protocol::{Code, Problem, socket::Ack};
use rand_core::CryptoRng;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    ClientEvent, Effect, Failure, Input, Method, Notice, Outcome, Record, ResponseKind,
    jobs::{Job, is_transient},
    session::{Link, Session},
    state::{Keys, State},
    table::Batch,
};

/// A client: see the crate's documentation.
pub struct Engine {
    state: State,
    keys: Option<Keys>,
    session: Session,
}

impl Engine {
    /// An engine from the records under [`crate::STATE_PREFIX`]; none at first. One that the host
    /// cannot open any more is handed over with an empty value. What such records held is made up
    /// for: a room is joined anew, and without its keys the device begins anew.
    pub fn load(records: Vec<Record>) -> Self {
        let (state, keys) = State::load(records);
        Self {
            state,
            keys,
            session: Session::new(),
        }
    }

    /// Takes one input; says what to do, in order. `now` is in milliseconds since 1970; `rng` is
    /// fresh with every process, never a seed that was used before.
    pub fn step(&mut self, input: Input, now: i64, rng: &mut impl CryptoRng) -> Vec<Effect> {
        let mut step = self.begin(now, rng);
        step.session.jobs.wake(now);
        step.fade();
        step.recovery_shown();
        step.handle(input);
        step.pump();
        step.finish()
    }

    /// A step that nothing was done in yet.
    pub(crate) fn begin<'a>(&'a mut self, now: i64, rng: &'a mut dyn CryptoRng) -> Step<'a> {
        Step {
            state: &mut self.state,
            keys: &mut self.keys,
            session: &mut self.session,
            now,
            rng,
            batch: Batch::default(),
            outgoing: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// This device, once it has keys.
    pub fn device_id(&self) -> Option<protocol::DeviceId> {
        self.state.account.get().map(|account| account.device_id)
    }

    /// The account key's secret bytes, to be handed to a further device of the same person
    /// ([`Command::SetUp`]) over a channel that nobody else reads.
    pub fn account_key(&self) -> Option<Zeroizing<[u8; 32]>> {
        self.keys.as_ref().map(|keys| keys.account.to_bytes())
    }
}

/// One step under way: state is changed in memory, then written in one batch, then spoken of.
pub(crate) struct Step<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) keys: &'a mut Option<Keys>,
    pub(crate) session: &'a mut Session,
    pub(crate) now: i64,
    pub(crate) rng: &'a mut dyn CryptoRng,
    pub(crate) batch: Batch,
    outgoing: Vec<Effect>,
    notices: Vec<Notice>,
}

impl Step<'_> {
    fn handle(&mut self, input: Input) {
        match input {
            Input::Started => {
                self.check_suites();
                self.describe();
            }
            Input::Command { command } => self.command(command),
            Input::Connected { connected } => self.connected(&connected),
            Input::Disconnected => self.session.disconnected(),
            Input::Event { event } => self.event(event),
            Input::Reply { id, outcome } => self.reply(id, outcome),
            // A host may come early, where its clock cannot be set so far: it is told again.
            Input::Tick => self.session.told_wake = None,
        }
    }

    /// Starts whatever the state asks for and nothing stands against.
    fn pump(&mut self) {
        self.pump_setup();
        self.pump_links();
        self.pump_recovery();
        self.pump_device();
        self.pump_welcomes();
        self.pump_sync();
        if self.session.is_live() {
            self.pump_groups();
            self.pump_rooms();
            self.pump_entering();
            self.pump_names();
            self.pump_suspects();
            self.pump_rejoins();
            self.pump_commits();
            self.pump_renewals();
            self.pump_closes();
            self.pump_outbox();
            self.pump_reads();
            self.pump_own();
            self.pump_vault();
            self.pump_archive();
        }
        self.pump_works();
        self.pump_newest();
        self.pump_lost_outgoing();
        self.pump_acks();
        self.pump_acquaintances();
        self.pump_lookups();
    }

    /// The effects: first the batch, then what goes out, then what is told.
    fn finish(mut self) -> Vec<Effect> {
        let fading = self.next_fading();
        self.tell_changes();
        self.tell_own();
        self.state.flush(&mut self.batch);
        if let Some(keys) = self.keys {
            keys.flush(&mut self.batch);
        }
        let wake = self.next_wake().into_iter().chain(fading).min();
        let mut effects = Vec::new();
        if let Some((puts, deletes)) = self.batch.split() {
            effects.push(Effect::Persist { puts, deletes });
        }
        effects.append(&mut self.outgoing);
        effects.extend(
            self.notices
                .into_iter()
                .map(|notice| Effect::Notify { notice }),
        );
        if wake != self.session.told_wake {
            self.session.told_wake = wake;
            effects.extend(wake.map(|at| Effect::Wake { at }));
        }
        effects
    }

    /// When something is to be done without an input.
    fn next_wake(&self) -> Option<i64> {
        let jobs = self.session.jobs.next_wake();
        jobs.into_iter().chain(self.next_renewal()).min()
    }

    pub(crate) fn emit(&mut self, job: Job, event: ClientEvent) {
        debug_assert!(job.by_socket() && self.session.link != Link::Offline);
        let id = self.session.jobs.start(job);
        self.outgoing.push(Effect::Emit { id, event });
    }

    pub(crate) fn get(&mut self, job: Job, path: String, response: ResponseKind) {
        let id = self.session.jobs.start(job);
        self.outgoing.push(Effect::Request {
            id,
            method: Method::Get,
            path,
            body: None,
            response,
        });
    }

    pub(crate) fn post(&mut self, job: Job, path: &str, body: &impl Serialize) {
        self.send_json(job, Method::Post, path, serde_json::to_value(body).ok());
    }

    pub(crate) fn put(&mut self, job: Job, path: &str, body: &impl Serialize) {
        self.send_json(job, Method::Put, path, serde_json::to_value(body).ok());
    }

    pub(crate) fn patch(&mut self, job: Job, path: &str, body: &impl Serialize) {
        self.send_json(job, Method::Patch, path, serde_json::to_value(body).ok());
    }

    pub(crate) fn delete(&mut self, job: Job, path: &str) {
        self.send_json(job, Method::Delete, path, None);
    }

    fn send_json(&mut self, job: Job, method: Method, path: &str, body: Option<Value>) {
        let id = self.session.jobs.start(job);
        self.outgoing.push(Effect::Request {
            id,
            method,
            path: path.to_owned(),
            body,
            response: ResponseKind::Json,
        });
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.outgoing.push(effect);
    }

    pub(crate) fn notify(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    /// Pauses the job when a repeat may help; says whether it does.
    pub(crate) fn retries(&mut self, job: Job, problem: &Problem) -> bool {
        let transient = is_transient(problem);
        if transient {
            self.back_off(job, Some(problem));
        }
        transient
    }

    pub(crate) fn back_off(&mut self, job: Job, problem: Option<&Problem>) {
        let now = self.now;
        self.session.jobs.back_off(job, problem, now, self.rng);
    }

    /// Lets the job be done again: at once the first time, later with a pause.
    pub(crate) fn repeat(&mut self, job: Job) {
        let now = self.now;
        self.session.jobs.repeat(job, now, self.rng);
    }

    pub(crate) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// Seconds since 1970 by the server's clock, for lifetimes of key packages.
    pub(crate) fn server_seconds(&self) -> u64 {
        u64::try_from((self.now + self.session.clock_offset) / 1000).unwrap_or(0)
    }

    /// Milliseconds since 1970, for ids.
    pub(crate) fn unix_millis(&self) -> u64 {
        u64::try_from(self.now).unwrap_or(0)
    }
}

impl From<&Problem> for Failure {
    fn from(problem: &Problem) -> Self {
        Self {
            code: problem.code,
            detail: problem.detail.clone(),
        }
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self {
            code,
            detail: code.title().to_owned(),
        }
    }
}

/// Why the server did not do it.
pub(crate) type Refusal = Box<Problem>;

pub(crate) fn json<T: DeserializeOwned>(outcome: Outcome) -> Result<T, Box<Problem>> {
    match outcome {
        Outcome::Json { value } => serde_json::from_value(value).map_err(|_| unreadable()),
        Outcome::Bytes { .. } | Outcome::Records { .. } => Err(unreadable()),
        Outcome::Problem { problem } => Err(Box::new(problem)),
    }
}

/// A 2xx answer without a body.
pub(crate) fn done(outcome: Outcome) -> Result<(), Box<Problem>> {
    match outcome {
        Outcome::Json { .. } | Outcome::Bytes { .. } | Outcome::Records { .. } => Ok(()),
        Outcome::Problem { problem } => Err(Box::new(problem)),
    }
}

pub(crate) fn ack<T: DeserializeOwned>(outcome: Outcome) -> Result<T, Box<Problem>> {
    match json(outcome)? {
        Ack::Ok(reply) => Ok(reply),
        Ack::Refused(problem) => Err(problem),
    }
}

/// Records that the host read.
pub(crate) fn records(outcome: Outcome) -> Result<Vec<Record>, Box<Problem>> {
    match outcome {
        Outcome::Records { records } => Ok(records),
        Outcome::Problem { problem } => Err(Box::new(problem)),
        Outcome::Json { .. } | Outcome::Bytes { .. } => Err(unreadable()),
    }
}

pub(crate) fn bytes(outcome: Outcome) -> Result<Vec<u8>, Box<Problem>> {
    match outcome {
        Outcome::Bytes { value } => Ok(value.0.to_vec()),
        Outcome::Json { .. } | Outcome::Records { .. } => Err(unreadable()),
        Outcome::Problem { problem } => Err(Box::new(problem)),
    }
}

/// An answer that does not fit is a fault of the server's: worth another try.
fn unreadable() -> Box<Problem> {
    Box::new(Problem::new(Code::Internal).detail("The server's answer does not fit."))
}
