//! Argon2id in a bounded pool: a storm of logins waits or is refused, it never eats the memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, task};
use zeroize::Zeroizing;

use super::argon2id;

/// The fewest passes: OWASP's minimum for argon2id with 19 MiB.
const PASSES_MIN: u32 = 2;
const PASSES_MAX: u32 = 8;

/// Requests that may wait for a hash; more are refused.
const QUEUE: usize = 64;

/// Hashes and verifies passwords, as many at a time as there are processors.
#[derive(Clone)]
pub struct Hasher(Arc<Inner>);

struct Inner {
    passes: u32,
    /// What is verified when there is no account: the same work, never a match.
    dummy: String,
    permits: Arc<Semaphore>,
    queued: AtomicUsize,
    queue: usize,
}

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
    /// A pool of `parallel` hashes of `passes` passes over 19 MiB each.
    pub fn new(passes: u32, parallel: usize) -> anyhow::Result<Self> {
        Self::with_queue(passes, parallel, QUEUE)
    }

    fn with_queue(passes: u32, parallel: usize, queue: usize) -> anyhow::Result<Self> {
        let passes = passes.clamp(PASSES_MIN, PASSES_MAX);
        let dummy = argon2id::hash(b"nobody's password", passes)?;
        let permits = Arc::new(Semaphore::new(parallel.max(1)));
        let queued = AtomicUsize::new(0);
        Ok(Self(Arc::new(Inner {
            passes,
            dummy,
            permits,
            queued,
            queue,
        })))
    }

    /// Hashes a [normalised](super::normalise) password to a PHC string.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, QueueFull> {
        self.run(move |inner| {
            // Cannot fail with valid parameters; a hash that nothing fits is the safe answer.
            argon2id::hash(password.as_bytes(), inner.passes).unwrap_or_else(|_| "!".to_owned())
        })
        .await
    }

    /// Verifies a [normalised](super::normalise) password. Without a hash the answer is
    /// [`Verdict::Wrong`], after the same work.
    pub async fn verify(
        &self,
        password: Zeroizing<String>,
        hash: Option<String>,
    ) -> Result<Verdict, QueueFull> {
        self.run(move |inner| {
            let found = hash.and_then(|hash| argon2id::verify(password.as_bytes(), &hash));
            match found {
                Some((true, passes)) if passes < inner.passes => Verdict::Outdated,
                Some((true, _)) => Verdict::Right,
                Some((false, _)) => Verdict::Wrong,
                None => {
                    let _ = argon2id::verify(password.as_bytes(), &inner.dummy);
                    Verdict::Wrong
                }
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> T + Send + 'static,
    ) -> Result<T, QueueFull> {
        let place = Place::take(&self.0).ok_or(QueueFull)?;
        let permit = self
            .0
            .permits
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| QueueFull)?;
        // The hash goes on when the request goes away, so it keeps its place and permit.
        let hashing = task::spawn_blocking(move || {
            let _held = permit;
            work(&place.0)
        });
        hashing.await.map_err(|_| QueueFull)
    }
}

/// One place in the queue, free again when dropped, even when the request goes away.
struct Place(Arc<Inner>);

impl Place {
    fn take(inner: &Arc<Inner>) -> Option<Self> {
        let place = Self(inner.clone());
        let before = inner.queued.fetch_add(1, SeqCst);
        (before < inner.queue).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, SeqCst);
    }
}

/// The passes that make one hash take about `target` on this machine, within sane limits.
pub fn measure_passes(target: Duration) -> anyhow::Result<u32> {
    if target.is_zero() {
        return Ok(PASSES_MIN);
    }
    let start = Instant::now();
    argon2id::hash(b"how long does it take", PASSES_MIN)?;
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
            .verify(password("radium and polonium"), Some(hash.clone()))
            .await;
        assert_eq!(right.unwrap(), Verdict::Right);
        let wrong = hasher
            .verify(password("radium and polonium!"), Some(hash))
            .await;
        assert_eq!(wrong.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn rule_01_no_account_takes_a_hash_and_never_matches() {
        let hasher = Hasher::new(2, 1).unwrap();
        let nobody = hasher.verify(password("nobody's password"), None).await;
        assert_eq!(nobody.unwrap(), Verdict::Wrong);
        let broken = hasher.verify(password("x"), Some("!".to_owned())).await;
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
            .verify(password("an old password"), Some(old))
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
                tokio::spawn(async move { hasher.verify(password("guess"), None).await.is_ok() })
            })
            .collect();
        let mut served = 0;
        for request in storm {
            served += usize::from(request.await.unwrap());
        }
        assert!((3..12).contains(&served), "{served}");
        assert!(
            hasher.verify(password("later"), None).await.is_ok(),
            "and it recovers"
        );
    }
}
