//! Makes rooms: epoch, log row, public group, membership, welcomes and group info in one
//! transaction.

use std::collections::BTreeSet;

use bytes::Bytes;
use e2ee::{Kind, Member, PublicRoom};
use protocol::{
    rest::rooms::RoomKind,
    socket::{AddedDevice, CommitAck},
};
use uuid::Uuid;

use super::{
    Log,
    group::{
        blocking, check_contacts, check_devices, check_framing, cut, envelope, exists, join,
        policy, store_welcomes,
    },
};
use crate::{
    error::{Result, violates},
    store::{leaving, members, messages, rooms},
};

/// A room to be made.
pub struct CreateRequest {
    /// Who makes it.
    pub user: Uuid,
    /// With which device.
    pub device: Uuid,
    /// The room, also the MLS group.
    pub room: Uuid,
    /// What kind.
    pub kind: RoomKind,
    /// The commit from epoch 0 to 1.
    pub commit: Bytes,
    /// For the devices that it adds.
    pub welcome: Option<Bytes>,
    /// The devices that it adds.
    pub devices: Vec<AddedDevice>,
    /// The group info of epoch 1.
    pub group_info: Bytes,
    /// The ratchet tree of epoch 1.
    pub tree: Bytes,
}

impl Log {
    /// Makes a room at epoch 1. A repeat of its creator gets the first result.
    ///
    /// # Errors
    /// 409 `room-exists`, 403 `not-a-contact`, 422 `policy` or `invalid-message`.
    pub async fn create_room(&self, request: CreateRequest) -> Result<CommitAck> {
        check_framing(&request.commit, request.room, Some(0))?;
        if let Some(room) = rooms::find(&self.pool, request.room).await? {
            return if room.creator_device == request.device {
                Ok(CommitAck { seq: 1, epoch: 1 })
            } else {
                Err(exists(request.room))
            };
        }
        let CreateRequest {
            user,
            device,
            room,
            kind,
            ..
        } = request;
        let (group_info, tree) = (request.group_info.clone(), request.tree);
        let (members, admins, state, tree) = blocking(move || {
            let kind = match kind {
                RoomKind::Direct => Kind::Direct,
                RoomKind::Group => Kind::Group,
            };
            let public = PublicRoom::create(room, kind, (user, device), &group_info, &tree)?;
            let admins = public.policy().admins.clone();
            Ok((
                public.members()?,
                admins,
                public.to_state()?,
                public.tree()?,
            ))
        })
        .await?;
        let added: Vec<Member> = members
            .into_iter()
            .filter(|member| member.device != device)
            .collect();
        let welcomes = cut(request.welcome.as_ref(), &request.devices, &added)?;
        let people: BTreeSet<Uuid> = added
            .iter()
            .map(|member| member.user)
            .filter(|one| *one != user)
            .collect();
        let pair = match (kind, people.len()) {
            (RoomKind::Direct, 1) => people.first().map(|other| (user, *other)),
            (RoomKind::Direct, _) => return Err(policy("two-users")),
            (RoomKind::Group, _) => None,
        };

        let mut db = self.pool.begin().await?;
        check_devices(&mut db, &added, 1).await?;
        check_contacts(&mut db, user, &people).await?;
        match rooms::add(&mut *db, room, kind.into(), device, pair).await {
            Ok(()) => {}
            Err(error) if violates(&error, "one_open_direct_room_a_pair") => {
                db.rollback().await?;
                let (one, other) = pair.unwrap_or_default();
                let open = rooms::direct(&self.pool, one, other).await?;
                return Err(exists(open.unwrap_or(room)));
            }
            Err(error) if violates(&error, "rooms_pkey") => return Err(exists(room)),
            Err(error) => return Err(error.into()),
        }
        rooms::set_group(&mut db, room, 1, &state, &tree, &request.group_info).await?;
        let row = messages::NewCommit {
            room,
            seq: 1,
            epoch: 0,
            user,
            device,
            client: room,
            body: &request.commit,
        };
        let sent_at = messages::add_commit(&mut *db, row).await?;
        // The creator's log starts with its own commit, the others' behind it.
        members::join(&mut db, room, &[device], &[user], 0).await?;
        join(&mut db, room, &added, 1).await?;
        leaving::set_admins(&mut *db, room, &admins).await?;
        store_welcomes(&mut db, room, &welcomes, 1, 1).await?;
        self.tell_others(&mut db, (room, 1), !welcomes.is_empty(), Some(device))
            .await?;
        db.commit().await?;

        let envelope = envelope(room, 1, 0, (user, device), room, sent_at, request.commit);
        self.listen(room, kind, device, 0, 1);
        self.announce(envelope, &[], &welcomes);
        Ok(CommitAck { seq: 1, epoch: 1 })
    }
}
