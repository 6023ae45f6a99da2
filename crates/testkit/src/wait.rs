//! Waiting for something to become true: no sleep for luck, a deadline for what never comes.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, sleep};

/// Far beyond what anything here takes: a busy machine is no failure.
const DEADLINE: Duration = Duration::from_secs(30);

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none within 30 seconds; `what` says what was waited for.
pub async fn until<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "waited in vain for: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}
