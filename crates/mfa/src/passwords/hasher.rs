//! Argon2id on threads of its own: a storm of logins waits or is refused, it never eats the memory,
//! and what else the service does goes before.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use zeroize::Zeroizing;

use super::argon2id::Memory;

/// The fewest passes: OWASP's minimum for argon2id with 19 MiB.
const PASSES_MIN: u32 = 2;
const PASSES_MAX: u32 = 8;

/// Requests that may wait for a hash; more are refused.
const QUEUE: usize = 64;

/// After this time without a hash a thread gives its memory back.
const KEPT: Duration = Duration::from_secs(5);

/// How much a hash yields to everything else (`nice`, 0 to 19): a code is checked in a millisecond
/// and shall not wait for passwords that take fifty each. A third of the weight of other threads:
/// enough to let them by, and a login still gets its turn on a machine that is busy for long.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// Hashes and verifies passwords, as many at a time as there are processors.
#[derive(Clone)]
pub struct Hasher(Arc<Inner>);

struct Inner {
    passes: u32,
    /// What is verified when there is no account: the same work, never a match.
    dummy: String,
    /// One for each that is hashed or waits.
    places: Arc<Semaphore>,
    /// The threads end with it.
    jobs: Sender<Job>,
}

/// A place in the queue.
#[must_use]
pub struct Place(OwnedSemaphorePermit);

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// Too many requests wait for a hash already.
#[derive(Debug, thiserror::Error)]
#[error("too many passwords wait to be checked")]
pub struct QueueFull;

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Wrong password, or no account.
    Wrong,
    /// Right.
    Right,
    /// Right, and hashed with less work than now: hash it again.
    Outdated,
}

impl Hasher {
    /// A pool of `parallel` threads; a hash takes `passes` passes over 19 MiB.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn new(passes: u32, parallel: usize) -> anyhow::Result<Self> {
        Self::with_queue(passes, parallel, QUEUE)
    }

    fn with_queue(passes: u32, parallel: usize, queue: usize) -> anyhow::Result<Self> {
        let passes = passes.clamp(PASSES_MIN, PASSES_MAX);
        let dummy = Memory::default().hash(b"nobody's password", passes)?;
        let parallel = parallel.max(1);
        let places = Arc::new(Semaphore::new(parallel + queue));
        let (jobs, queue) = crossbeam_channel::unbounded();
        for number in 0..parallel {
            let queue = queue.clone();
            thread::Builder::new()
                .name(format!("passwords-{number}"))
                .spawn(move || serve(&queue))?;
        }
        Ok(Self(Arc::new(Inner {
            passes,
            dummy,
            places,
            jobs,
        })))
    }

    /// Takes a place: whoever is refused should be so before anything was read or counted for them.
    ///
    /// # Errors
    /// When too many requests wait already.
    pub fn place(&self) -> Result<Place, QueueFull> {
        let places = self.0.places.clone();
        places.try_acquire_owned().map(Place).map_err(|_| QueueFull)
    }

    /// Hashes a [normalised](super::normalise) password to a PHC string.
    ///
    /// # Errors
    /// When too many requests wait already.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, QueueFull> {
        let passes = self.0.passes;
        self.run(self.place()?, move |memory| {
            // Cannot fail with valid parameters; a hash that nothing fits is the safe answer.
            let hash = memory.hash(password.as_bytes(), passes);
            hash.unwrap_or_else(|_| "!".to_owned())
        })
        .await
    }

    /// Verifies a [normalised](super::normalise) password. Without a hash the answer is
    /// [`Verdict::Wrong`], after the same work.
    ///
    /// # Errors
    /// When the threads are gone.
    pub async fn verify(
        &self,
        place: Place,
        password: Zeroizing<String>,
        hash: Option<String>,
    ) -> Result<Verdict, QueueFull> {
        let inner = self.0.clone();
        self.run(place, move |memory| {
            let found = hash.and_then(|hash| memory.verify(password.as_bytes(), &hash));
            match found {
                Some((true, passes)) if passes < inner.passes => Verdict::Outdated,
                Some((true, _)) => Verdict::Right,
                Some((false, _)) => Verdict::Wrong,
                None => {
                    let _ = memory.verify(password.as_bytes(), &inner.dummy);
                    Verdict::Wrong
                }
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        Place(place): Place,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, QueueFull> {
        let (done, result) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            let _place = place;
            // A request that went away while it waited costs nothing more.
            if !done.is_closed() {
                let _ = done.send(work(memory));
            }
        });
        self.0.jobs.send(job).map_err(|_| QueueFull)?;
        result.await.map_err(|_| QueueFull)
    }
}

/// A thread of the pool: one hash after the other, in one piece of memory.
fn serve(queue: &Receiver<Job>) {
    yield_to_others();
    while let Ok(first) = queue.recv() {
        let mut memory = Memory::default();
        first(&mut memory);
        loop {
            match queue.recv_timeout(KEPT) {
                Ok(job) => job(&mut memory),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn yield_to_others() {
    // On Linux the "process" 0 is the calling thread alone: setpriority(2).
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!(%error, "passwords are hashed at the priority of everything else");
    }
}

#[cfg(not(target_os = "linux"))]
fn yield_to_others() {}

/// The passes that make one hash take about `target` on this machine, within sane limits.
pub fn measure_passes(target: Duration) -> anyhow::Result<u32> {
    if target.is_zero() {
        return Ok(PASSES_MIN);
    }
    let mut memory = Memory::default();
    // The first one finds the pages; the pool keeps them.
    memory.hash(b"how long does it take", PASSES_MIN)?;
    let start = Instant::now();
    memory.hash(b"how long does it take", PASSES_MIN)?;
    let one_pass = start.elapsed().as_secs_f64() / f64::from(PASSES_MIN);
    Ok(((target.as_secs_f64() / one_pass) as u32).clamp(PASSES_MIN, PASSES_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[tokio::test]
    async fn rule_08_argon2id_with_at_least_19_mib_2_1() {
        let hasher = Hasher::new(0, 1).unwrap();
        let hash = hasher.hash(password("radium and polonium")).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let right = hasher
            .verify(
                hasher.place().unwrap(),
                password("radium and polonium"),
                Some(hash.clone()),
            )
            .await;
        assert_eq!(right.unwrap(), Verdict::Right);
        let wrong = hasher
            .verify(
                hasher.place().unwrap(),
                password("radium and polonium!"),
                Some(hash),
            )
            .await;
        assert_eq!(wrong.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn rule_01_no_account_takes_a_hash_and_never_matches() {
        let hasher = Hasher::new(2, 1).unwrap();
        let nobody = hasher
            .verify(hasher.place().unwrap(), password("nobody's password"), None)
            .await;
        assert_eq!(nobody.unwrap(), Verdict::Wrong);
        let broken = hasher
            .verify(hasher.place().unwrap(), password("x"), Some("!".to_owned()))
            .await;
        assert_eq!(broken.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn rule_08_grown_parameters_ask_for_a_new_hash() {
        let old = Hasher::new(2, 1)
            .unwrap()
            .hash(password("an old password"))
            .await
            .unwrap();
        let new = Hasher::new(3, 1).unwrap();
        let verdict = new
            .verify(new.place().unwrap(), password("an old password"), Some(old))
            .await
            .unwrap();
        assert_eq!(verdict, Verdict::Outdated);
    }

    #[tokio::test]
    async fn rule_08_a_full_queue_refuses() {
        let hasher = Hasher::with_queue(2, 1, 3).unwrap();
        let storm: Vec<_> = (0..12)
            .map(|_| {
                let hasher = hasher.clone();
                tokio::spawn(async move {
                    let Ok(place) = hasher.place() else {
                        return false;
                    };
                    hasher.verify(place, password("guess"), None).await.is_ok()
                })
            })
            .collect();
        let mut served = 0;
        for request in storm {
            served += usize::from(request.await.unwrap());
        }
        assert!((3..12).contains(&served), "{served}");
        assert!(
            hasher.hash(password("later")).await.is_ok(),
            "and it recovers"
        );
    }

    #[tokio::test]
    async fn a_request_that_went_away_is_not_hashed() {
        let hasher = Hasher::with_queue(2, 1, 2).unwrap();
        let (hold, held) = crossbeam_channel::bounded::<()>(0);
        let busy = hasher.run(hasher.place().unwrap(), move |_| held.recv().is_ok());
        let mut busy = Box::pin(busy);
        assert!(futures_util::poll!(&mut busy).is_pending());
        let (touched, mut untouched) = oneshot::channel();
        let mut gone = Box::pin(hasher.run(hasher.place().unwrap(), move |_| touched.send(())));
        assert!(futures_util::poll!(&mut gone).is_pending());
        drop(gone);
        hold.send(()).unwrap();
        assert!(busy.await.unwrap());
        // The queue is worked off in order: what stood before this is done or dropped.
        hasher.hash(password("the next")).await.unwrap();
        assert!(untouched.try_recv().is_err());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn hashes_yield_to_everything_else() {
        let niceness = || rustix::process::getpriority_process(None).unwrap();
        let here = niceness();
        let hasher = Hasher::new(2, 1).unwrap();
        assert_eq!(
            hasher
                .run(hasher.place().unwrap(), move |_| niceness())
                .await
                .unwrap(),
            NICE
        );
        assert_eq!(niceness(), here, "and nothing else does");
    }
}
