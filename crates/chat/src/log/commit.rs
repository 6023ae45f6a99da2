//! Takes commits: epoch compare-and-set, log row, public group, membership, welcomes and group
//! info in one transaction.

use std::collections::BTreeSet;

use bytes::Bytes;
use e2ee::{Change, Kind, Member, PublicRoom, RoomPolicy};
use protocol::{
    Code, Problem, limits,
    socket::{AddedDevice, CommitAck},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Log,
    group::{
        blocking, check_contacts, check_devices, check_framing, cut, envelope, join, policy, stale,
        store_welcomes,
    },
};
use crate::{
    error::{Result, violates},
    store::{devices, leaving, members, messages, rooms, welcomes},
};

/// A commit to be taken.
pub struct CommitRequest {
    /// Who commits.
    pub user: Uuid,
    /// With which device.
    pub device: Uuid,
    /// The room.
    pub room: Uuid,
    /// The sender's own id; a repeat gets the first result.
    pub client: Uuid,
    /// The commit.
    pub commit: Bytes,
    /// For the devices that it adds.
    pub welcome: Option<Bytes>,
    /// The devices that it adds.
    pub devices: Vec<AddedDevice>,
    /// The group info of the next epoch.
    pub group_info: Bytes,
}

impl Log {
    /// Takes a commit from the current epoch to the next. A repeat gets the first result.
    ///
    /// # Errors
    /// 409 `stale-epoch` or `removal-required`, 403 `not-a-member` or `room-closed`, 422 `policy`
    /// or `invalid-message`.
    pub async fn commit(&self, request: CommitRequest) -> Result<CommitAck> {
        let from = check_framing(&request.commit, request.room, None)?;
        let CommitRequest {
            user,
            device,
            room: room_id,
            client,
            ..
        } = request;
        let mut db = self.pool.begin().await?;
        let room = rooms::lock(&mut *db, room_id)
            .await?
            .ok_or(Code::NotAMember)?;
        if let Some((seq, epoch)) =
            messages::repeated_commit(&mut *db, room_id, device, client).await?
        {
            return Ok(CommitAck {
                seq: seq.max(0) as u64,
                epoch: epoch.max(0) as u64,
            });
        }
        // A device that is not in the room may join by external commit when its person is.
        if !members::has_user(&mut *db, room_id, user).await?
            || devices::find(&mut *db, device).await?.is_none()
        {
            return Err(Code::NotAMember.into());
        }
        if !room.open {
            return Err(Code::RoomClosed.into());
        }
        let epoch = room.epoch.max(0) as u64;
        if from != epoch {
            return Err(stale(epoch));
        }
        let state = rooms::group(&mut *db, room_id)
            .await?
            .ok_or_else(|| anyhow::anyhow!("room {room_id} has no group"))?;
        let (commit, group_info) = (request.commit.clone(), request.group_info.clone());
        let (before, change, next, size, state, tree) = blocking(move || {
            let mut public = PublicRoom::load(&state)?;
            let before = public.policy().clone();
            let change = public.accept((user, device), &commit, &group_info)?;
            Ok((
                before,
                change,
                public.policy().clone(),
                public.members()?.len(),
                public.to_state()?,
                public.tree()?,
            ))
        })
        .await?;
        if size > limits::ROOM_DEVICES {
            return Err(policy("room-full"));
        }
        check_removals(&mut db, room_id, &change, &before).await?;
        let joins: Vec<Member> = invited(&change);
        check_devices(&mut db, &change.added, 0).await?;
        let mut strangers: BTreeSet<Uuid> = joins.iter().map(|member| member.user).collect();
        strangers.remove(&user);
        for known in strangers.clone() {
            if members::has_user(&mut *db, room_id, known).await? {
                strangers.remove(&known);
            }
        }
        check_contacts(&mut db, user, &strangers).await?;
        let welcomes = cut(request.welcome.as_ref(), &request.devices, &joins)?;

        let seq = room.seq + 1;
        let row = messages::NewCommit {
            room: room_id,
            seq,
            epoch: room.epoch,
            user,
            device,
            client,
            body: &request.commit,
        };
        let sent_at = match messages::add_commit(&mut *db, row).await {
            Ok(sent_at) => sent_at,
            Err(error) if violates(&error, "one_commit_an_epoch") => return Err(stale(epoch)),
            Err(error) => return Err(error.into()),
        };
        rooms::advance(&mut *db, room_id, room.epoch + 1, seq).await?;
        let added: BTreeSet<Uuid> = change.added.iter().map(|member| member.device).collect();
        let removed: Vec<Uuid> = change
            .removed
            .iter()
            .map(|member| member.device)
            .filter(|one| !added.contains(one))
            .collect();
        members::leave(&mut *db, room_id, &removed, seq).await?;
        join(&mut db, room_id, &joins, seq).await?;
        if added.contains(&device) {
            // Joined by its own external commit: it gets that one as an echo.
            members::join(&mut db, room_id, &[device], &[user], seq - 1).await?;
            welcomes::remove(&mut *db, room_id, device).await?;
        }
        if change.admins.is_some() || !change.added.is_empty() {
            leaving::set_admins(&mut *db, room_id, &next.admins).await?;
        }
        if !change.removed.is_empty() || next.absent != before.absent {
            members::settle_away(&mut *db, room_id, &change.absent).await?;
        }
        store_welcomes(&mut db, room_id, &welcomes, room.epoch + 1, seq).await?;
        let next = room.epoch + 1;
        rooms::set_group(&mut db, room_id, next, &state, &tree, &request.group_info).await?;
        let entered = added.contains(&device).then_some(device);
        self.tell_others(&mut db, (room_id, seq), !welcomes.is_empty(), entered)
            .await?;
        db.commit().await?;

        let seq = seq.max(0) as u64;
        let sender = (user, device);
        let envelope = envelope(room_id, seq, epoch, sender, client, sent_at, request.commit);
        if added.contains(&device) {
            self.listen(room_id, room.kind.into(), device, seq - 1, seq);
        }
        self.announce(envelope, &removed, &welcomes);
        metrics::counter!("chat_commits_total").increment(1);
        if is_external(&change) {
            // It could not remove others; somebody is asked to.
            self.want_removals(room_id).await?;
        }
        Ok(CommitAck {
            seq,
            epoch: epoch + 1,
        })
    }
}

/// Leaves that join by a welcome: not the committer of an external commit.
fn invited(change: &Change) -> Vec<Member> {
    let invited = |member: &&Member| member.device != change.committer.device;
    change.added.iter().filter(invited).cloned().collect()
}

/// Whether the committer joined by this very commit.
fn is_external(change: &Change) -> bool {
    let committer = change.committer.device;
    change.added.iter().any(|member| member.device == committer)
}

/// Who may remove whom: oneself, and what is due, everybody; others the admins of a group. What is
/// due has to be removed, except by an external commit, which can remove the joiner's own leaf
/// alone. Who is removed belongs to the group no more, unless it is away: then the commit may name
/// it as absent.
async fn check_removals(
    db: &mut PgConnection,
    room: Uuid,
    change: &Change,
    policy_before: &RoomPolicy,
) -> Result<()> {
    let mut due = members::removals_due(&mut *db, room).await?;
    let user = change.committer.user;
    let is_admin = policy_before.kind == Kind::Group && policy_before.admins.contains(&user);
    let may = |member: &Member| is_admin || member.user == user || due.contains(&member.device);
    if !change.removed.iter().all(may) {
        return Err(policy("not-admin"));
    }
    if is_external(change) {
        return Ok(());
    }
    let away = members::away(&mut *db, room).await?;
    let stays = |member: &&Member| change.absent.contains(&member.user);
    let mut stay = change.removed.iter().filter(stays);
    if !stay.all(|member| away.contains(&member.user)) {
        return Err(policy("not-absent"));
    }
    due.retain(|device| !change.removed.iter().any(|member| member.device == *device));
    if due.is_empty() {
        return Ok(());
    }
    Err(Problem::new(Code::RemovalRequired)
        .detail("The commit has to remove these devices too, and may name these people as absent.")
        .with("devices", due)
        .with("absent", away)
        .into())
}
