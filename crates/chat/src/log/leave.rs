//! Leaving a group: refused at once, removed by the next commit of somebody who stays. And giving a
//! direct room up for another.

use protocol::{Code, Problem};
use uuid::Uuid;

use super::{Log, group::policy};
use crate::{
    cluster::Notice,
    error::Result,
    store::{StoredRoomKind, leaving, marks, members, rooms},
};

impl Log {
    /// Takes a person out of a group. With the last one the room goes.
    ///
    /// # Errors
    /// 403 `not-a-member`; 409 `last-admin` when others stay without one; 422 `policy` for a direct
    /// room, which ends by parting.
    pub async fn leave(&self, room_id: Uuid, user: Uuid) -> Result<()> {
        let mut db = self.pool.begin().await?;
        let room = rooms::lock(&mut *db, room_id).await?;
        let room = room.ok_or(Code::NotAMember)?;
        if !members::has_user(&mut *db, room_id, user).await? {
            return Err(Code::NotAMember.into());
        }
        if room.kind == StoredRoomKind::Direct {
            return Err(policy("direct-room"));
        }
        let staying = leaving::staying(&mut *db, room_id, user).await?;
        if staying.people == 0 {
            leaving::remove_room(&mut *db, room_id).await?;
        } else if staying.admins == 0 {
            return Err(Problem::new(Code::LastAdmin).into());
        } else {
            leaving::leave(&mut db, room_id, user).await?;
            marks::drop_behind(&mut *db, &[room_id], user).await?;
        }
        let notice = Notice::Left {
            room: room_id,
            user,
        };
        self.cluster.notify_within(&mut *db, notice).await?;
        db.commit().await?;
        self.hub.deafen(room_id, user);
        tracing::info!(room = %room_id, %user, "somebody left a room");
        self.want_removals(room_id).await
    }

    /// Closes a direct room whose keys lead nowhere, so that the two can make another; tells who the
    /// other is, `None` when it was closed before.
    ///
    /// # Errors
    /// 403 `not-a-member`; 422 `policy` for a group, which is left instead.
    pub async fn close(&self, room_id: Uuid, user: Uuid) -> Result<Option<Uuid>> {
        let mut db = self.pool.begin().await?;
        let other = rooms::close(&mut db, room_id, user).await?;
        db.commit().await?;
        if other.is_some() {
            tracing::info!(room = %room_id, %user, "a direct room was given up");
            return Ok(other);
        }
        if rooms::is_of(&self.pool, room_id, user).await? {
            return Ok(None);
        }
        if members::has_user(&self.pool, room_id, user).await? {
            return Err(policy("group-room"));
        }
        Err(Code::NotAMember.into())
    }

    /// Takes somebody out of a group who is no more, whoever stays without an admin.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expel(&self, room_id: Uuid, user: Uuid) -> Result<()> {
        let mut db = self.pool.begin().await?;
        if rooms::lock(&mut *db, room_id).await?.is_none() {
            return Ok(());
        }
        if leaving::staying(&mut *db, room_id, user).await?.people == 0 {
            leaving::remove_room(&mut *db, room_id).await?;
        } else {
            leaving::leave(&mut db, room_id, user).await?;
            marks::drop_behind(&mut *db, &[room_id], user).await?;
        }
        let notice = Notice::Left {
            room: room_id,
            user,
        };
        self.cluster.notify_within(&mut *db, notice).await?;
        db.commit().await?;
        self.hub.deafen(room_id, user);
        self.want_removals(room_id).await
    }
}
