//! What is under way with the server, and what waits before it is tried again.
//!
//! Every exchange is a job. What has to be done follows from the state; a job only says that it is
//! being done, so that nothing is lost when jobs are: they are never stored.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use e2ee::Suite;
use protocol::{ClientId, Code, Problem, RoomId, UserId};
use rand_core::CryptoRng;

use crate::{ConversationId, MessageRef};

/// Shortest pause before a second try, in milliseconds.
const PAUSE: i64 = 500;
/// Longest pause.
const PAUSE_MAX: i64 = 60_000;

/// An exchange with the server; at most one of each at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Job {
    /// `POST /api/keys`
    Keys,
    /// `POST /api/key-packages`
    KeyPackages,
    /// `GET /api/rooms`
    Rooms,
    /// `GET /api/users/{id}/devices`
    Devices(UserId),
    /// `POST /api/key-packages`, of the experimental suite.
    ExperimentPackages,
    /// `GET /api/key-packages/count`, of the experimental suite.
    ExperimentCount,
    /// `POST /api/key-packages/claim`, for a new direct room of this suite.
    ClaimForRoom(ConversationId, Suite),
    /// `POST /api/key-packages/claim`, for a new group of this suite.
    ClaimForGroup(RoomId, Suite),
    /// `POST /api/key-packages/claim`, for a commit.
    ClaimForCommit(RoomId),
    /// `POST /api/rooms/{id}/leave`
    Leave(RoomId),
    /// `POST /api/rooms/{id}/close`
    Close(RoomId),
    /// `GET /api/rooms/{id}/tree`
    Tree(RoomId),
    /// `GET /api/rooms/{id}/group-info`
    GroupInfo(RoomId),
    /// `GET /api/rooms/{id}/group-info`, to see where the server stands.
    Standing(RoomId),
    /// `GET /api/rooms/{id}/tree`, after the group info.
    RejoinTree(RoomId),
    /// A commit that came by reference.
    Fetch(RoomId),
    /// `GET /api/me`
    Me,
    /// `PATCH /api/me`, for the archive.
    ArchiveSwitch,
    /// `PATCH /api/devices/{id}`
    Rename,
    /// `PUT /api/devices/list`
    DeviceList,
    /// `POST /api/links`
    LinkCreate,
    /// `GET /api/links`
    Links,
    /// `PUT /api/links/{id}/{step}`
    LinkWrite,
    /// `DELETE /api/links/{id}`
    LinkEnd,
    /// `GET /api/recovery`, to see whether a fresh factor was given.
    LinkProbe,
    /// The life of a link: no exchange, but a time to wait for.
    LinkLife,
    /// `GET /api/vault`
    VaultLoad,
    /// `PUT /api/vault`
    VaultStore,
    /// `GET /api/recovery`
    RecoveryLoad,
    /// `GET /api/recovery`, for whether the key that is kept opens it still
    RecoveryCheck,
    /// `PUT /api/recovery`
    RecoveryStore,
    /// `POST /api/archive`
    ArchiveStore,
    /// `GET /api/archive/rooms`
    ArchiveRooms,
    /// `GET /api/archive`
    ArchivePage(ConversationId),
    /// `GET /api/archive`, once more.
    ArchiveLook(RoomId),
    /// The next time to look again: no exchange, but a time to wait for.
    LookAgain,
    /// `DELETE /api/archive`
    ArchiveDrop,
    /// A group's name is to be said again: no exchange, but a time to wait for.
    SayName,
    /// `POST /api/messages/image`, for a room.
    Upload(ClientId, RoomId),
    /// Reading a message's index, then its entry.
    Entry(ConversationId, MessageRef),
    /// Reading what was there before the archive was switched on.
    Fill,
    /// Reading what was shown of messages whose records do not open.
    LostOutgoing,
    /// Reading the newest entry.
    Newest(ConversationId),
    /// `device`
    Device,
    /// `sync`
    Sync,
    /// `ack`
    Ack,
    /// `create_room`
    CreateRoom(RoomId),
    /// `commit`
    Commit(RoomId),
    /// `message`: one at a time in each conversation, which keeps their order.
    Message(ConversationId),
    /// `welcome_done`
    WelcomeDone(RoomId),
    /// `read`
    Read(RoomId),
    /// `typing`
    Typing(RoomId),
}

impl Job {
    /// Whether it goes over the socket, and dies with it.
    pub(crate) const fn by_socket(self) -> bool {
        matches!(
            self,
            Self::Device
                | Self::Sync
                | Self::Ack
                | Self::CreateRoom(_)
                | Self::Commit(_)
                | Self::Message(_)
                | Self::WelcomeDone(_)
                | Self::Read(_)
                | Self::Typing(_)
        )
    }
}

#[derive(Default)]
pub(crate) struct Jobs {
    last_id: u64,
    running: BTreeMap<u64, Job>,
    /// Not before this time.
    paused: BTreeMap<Job, i64>,
    failures: BTreeMap<Job, u32>,
}

impl Jobs {
    /// Whether the job may be started now.
    pub(crate) fn idle(&self, job: Job) -> bool {
        !self.paused.contains_key(&job) && !self.is_running(job)
    }

    pub(crate) fn is_running(&self, job: Job) -> bool {
        self.running.values().any(|running| *running == job)
    }

    /// How many of a kind are under way.
    pub(crate) fn running(&self, of: impl Fn(&Job) -> bool) -> usize {
        self.running.values().filter(|job| of(job)).count()
    }

    /// Starts a job; the id goes into the effect.
    pub(crate) fn start(&mut self, job: Job) -> u64 {
        self.last_id += 1;
        self.running.insert(self.last_id, job);
        self.last_id
    }

    /// The job that a reply belongs to; `None` when nobody waits for it any more.
    pub(crate) fn finish(&mut self, id: u64) -> Option<Job> {
        self.running.remove(&id)
    }

    /// It worked: the next failure counts as the first.
    pub(crate) fn succeeded(&mut self, job: Job) {
        self.failures.remove(&job);
    }

    /// Pauses a job, longer with each failure in a row, with jitter so that many clients do not
    /// come back at once.
    pub(crate) fn back_off(
        &mut self,
        job: Job,
        problem: Option<&Problem>,
        now: i64,
        rng: &mut dyn CryptoRng,
    ) {
        let failures = self.failures.entry(job).or_default();
        let pause = PAUSE
            .saturating_mul(1 << (*failures).min(10))
            .min(PAUSE_MAX);
        *failures += 1;
        let jitter = i64::from(rng.next_u32() % 1024) * pause / 2048;
        let asked = problem.and_then(|problem| problem.retry_after).unwrap_or(0);
        let asked = i64::try_from(asked).unwrap_or(0).clamp(0, 3600) * 1000;
        self.paused
            .insert(job, now + (pause / 2 + jitter).max(asked));
    }

    /// Not before a time, without any failure.
    pub(crate) fn pause(&mut self, job: Job, until: i64) {
        self.paused.insert(job, until);
    }

    /// Like [`Jobs::back_off`], but the first repeat is at once.
    pub(crate) fn repeat(&mut self, job: Job, now: i64, rng: &mut dyn CryptoRng) {
        match self.failures.entry(job) {
            Entry::Vacant(first) => {
                first.insert(0);
            }
            Entry::Occupied(_) => self.back_off(job, None, now, rng),
        }
    }

    /// Lets jobs go on whose pause is over.
    pub(crate) fn wake(&mut self, now: i64) {
        self.paused.retain(|_, until| *until > now);
    }

    /// When the next pause is over.
    pub(crate) fn next_wake(&self) -> Option<i64> {
        self.paused.values().min().copied()
    }

    /// A new socket: everything may be tried at once.
    pub(crate) fn connected(&mut self) {
        self.disconnected();
        self.paused.clear();
        self.failures.clear();
    }

    /// Lets go of the lookups that are under way, and says whose they are.
    pub(crate) fn drop_lookups(&mut self) -> BTreeSet<UserId> {
        let of = |job: &Job| match job {
            Job::Devices(user) => Some(*user),
            _ => None,
        };
        let users = self.running.values().filter_map(of).collect();
        self.running.retain(|_, job| of(job).is_none());
        users
    }

    /// The socket is gone, and with it the answers to what went over it.
    pub(crate) fn disconnected(&mut self) {
        self.running.retain(|_, job| !job.by_socket());
        self.paused.retain(|job, _| !job.by_socket());
    }

    /// Does not wait for the job's answer any more.
    pub(crate) fn forget(&mut self, job: Job) {
        self.running.retain(|_, running| *running != job);
        self.resume(job);
    }

    /// Forgets a pause.
    pub(crate) fn resume(&mut self, job: Job) {
        self.paused.remove(&job);
        self.failures.remove(&job);
    }
}

/// Whether a repeat may succeed without anybody doing something.
pub(crate) fn is_transient(problem: &Problem) -> bool {
    match problem.code {
        Code::Unavailable
        | Code::Timeout
        | Code::UpstreamUnavailable
        | Code::MfaUnavailable
        | Code::QueueFull
        | Code::RateLimited
        | Code::Internal
        | Code::Locked
        | Code::RequestInProgress
        // Mended by signing in again or by the next socket, not by giving up.
        | Code::Unauthenticated
        | Code::SessionEnded
        | Code::DeviceRequired => true,
        Code::Unknown => problem.status >= 500,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha12Rng;
    use rand_core::SeedableRng;

    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_end() {
        let mut rng = ChaCha12Rng::seed_from_u64(1);
        let mut jobs = Jobs::default();
        let mut last = 0;
        for failure in 0..20 {
            jobs.back_off(Job::Sync, None, 0, &mut rng);
            let pause = jobs.next_wake().unwrap();
            assert!((250..=PAUSE_MAX).contains(&pause), "{failure}: {pause}");
            if failure > 12 {
                assert!(pause >= PAUSE_MAX / 2);
            }
            last = pause;
        }
        assert!(!jobs.idle(Job::Sync));
        jobs.wake(last);
        assert!(jobs.idle(Job::Sync));
        let busy = Problem::new(Code::RateLimited).retry_after(120);
        jobs.back_off(Job::Sync, Some(&busy), 0, &mut rng);
        assert_eq!(jobs.next_wake(), Some(120_000));
    }

    #[test]
    fn answers_of_a_lost_socket_are_not_awaited() {
        let mut jobs = Jobs::default();
        let (sync, rooms) = (jobs.start(Job::Sync), jobs.start(Job::Rooms));
        jobs.disconnected();
        assert_eq!(jobs.finish(sync), None);
        assert_eq!(jobs.finish(rooms), Some(Job::Rooms));
    }
}
