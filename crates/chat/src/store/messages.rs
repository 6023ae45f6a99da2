//! The log of rooms.

use protocol::rest::rooms::Envelope;
use sqlx::{PgExecutor, Result, query, query_as, query_file, query_file_as, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoredMessageKind;

/// A row of a log whose body is still there.
#[derive(Clone, Debug)]
pub struct Row {
    /// The room.
    pub room_id: Uuid,
    /// The place in it.
    pub seq: i64,
    /// The epoch that it was sealed in.
    pub epoch: i64,
    /// What it holds.
    pub kind: StoredMessageKind,
    /// Who sent it.
    pub sender_user: Uuid,
    /// From which device.
    pub sender_device: Uuid,
    /// The sender's own id of it.
    pub client_id: Uuid,
    /// When it was stored.
    pub sent_at: OffsetDateTime,
    /// The MLSMessage.
    pub body: Vec<u8>,
}

impl Row {
    /// The row as it goes over the wire, with the body in the form that the caller needs.
    pub fn into_envelope<M: From<Vec<u8>>>(self) -> Envelope<M> {
        Envelope {
            room_id: self.room_id.into(),
            seq: self.seq.max(0) as u64,
            epoch: self.epoch.max(0) as u64,
            kind: self.kind.into(),
            sender_user: self.sender_user.into(),
            sender_device: self.sender_device.into(),
            client_id: self.client_id.into(),
            sent_at: self.sent_at.into(),
            message: self.body.into(),
            href: None,
        }
    }
}

/// A batch of application messages, a column each.
#[derive(Debug, Default)]
pub struct Batch<'a> {
    /// The rooms.
    pub rooms: Vec<Uuid>,
    /// Who sends.
    pub users: Vec<Uuid>,
    /// From which devices.
    pub devices: Vec<Uuid>,
    /// For direct messages by person: whose room with the sender it must be.
    pub peers: Vec<Option<Uuid>>,
    /// The senders' own ids.
    pub clients: Vec<Uuid>,
    /// The epochs they were sealed in.
    pub epochs: Vec<i64>,
    /// The MLSMessages.
    pub bodies: Vec<&'a [u8]>,
}

/// The answer to one message of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Appended {
    /// 0 stored, 1 no member, 2 closed, 3 stale epoch, 4 not the room of that pair.
    pub code: i16,
    /// The place, when stored now or before.
    pub seq: Option<i64>,
    /// When it was stored.
    pub sent_at: Option<OffsetDateTime>,
    /// The room's epoch.
    pub epoch: Option<i64>,
    /// Stored by this very message.
    pub fresh: bool,
}

/// Appends a batch in one round trip; an answer for each message, in order. On return it is on
/// disk.
pub async fn append(db: impl PgExecutor<'_>, batch: &Batch<'_>) -> Result<Vec<Appended>> {
    query_as!(
        Appended,
        r#"select code as "code!", seq as "seq?", sent_at as "sent_at?", epoch as "epoch?",
             fresh as "fresh!"
           from append_messages($1, $2, $3, $4, $5, $6, $7) order by ord"#,
        &batch.rooms,
        &batch.users,
        &batch.devices,
        &batch.peers as &[Option<Uuid>],
        &batch.clients,
        &batch.epochs,
        &batch.bodies as &[&[u8]]
    )
    .fetch_all(db)
    .await
}

/// A commit to be added.
pub struct NewCommit<'a> {
    /// The room.
    pub room: Uuid,
    /// The place in it.
    pub seq: i64,
    /// The epoch that it starts from; a second commit of one violates `one_commit_an_epoch`.
    pub epoch: i64,
    /// Who sends it.
    pub user: Uuid,
    /// From which device.
    pub device: Uuid,
    /// The sender's own id.
    pub client: Uuid,
    /// The MLSMessage.
    pub body: &'a [u8],
}

/// Adds a commit; the caller holds the room's lock. Returns when it was stored.
pub async fn add_commit(db: impl PgExecutor<'_>, new: NewCommit<'_>) -> Result<OffsetDateTime> {
    query_scalar!(
        "insert into messages
           (room_id, seq, epoch, kind, sender_user, sender_device, client_id, body)
         values ($1, $2, $3, 'commit', $4, $5, $6, $7) returning sent_at",
        new.room,
        new.seq,
        new.epoch,
        new.user,
        new.device,
        new.client,
        new.body
    )
    .fetch_one(db)
    .await
}

/// What became of a device's commit before: its place and the epoch that it led to.
pub async fn repeated_commit(
    db: impl PgExecutor<'_>,
    room: Uuid,
    device: Uuid,
    client: Uuid,
) -> Result<Option<(i64, i64)>> {
    let row = query!(
        "select seq, epoch from messages
         where room_id = $1 and sender_device = $2 and client_id = $3 and kind = 'commit'",
        room,
        device,
        client
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.seq, row.epoch + 1)))
}

/// Rows of one room with `from <= seq <= to`, in order.
pub async fn range(
    db: impl PgExecutor<'_>,
    room: Uuid,
    from: i64,
    to: i64,
    limit: i64,
) -> Result<Vec<Row>> {
    query_as!(
        Row,
        r#"select room_id, seq, epoch, kind as "kind: StoredMessageKind", sender_user,
             sender_device, client_id, sent_at, body as "body!"
           from messages
           where room_id = $1 and seq between $2 and $3 and body is not null
           order by seq limit $4"#,
        room,
        from,
        to,
        limit
    )
    .fetch_all(db)
    .await
}

/// The last rows of one room with `from <= seq < before`, in rising order.
pub async fn before(
    db: impl PgExecutor<'_>,
    room: Uuid,
    from: i64,
    before: i64,
    limit: i64,
) -> Result<Vec<Row>> {
    let mut rows = query_file_as!(
        Row,
        "src/store/messages_before.sql",
        room,
        from,
        before,
        limit
    )
    .fetch_all(db)
    .await?;
    rows.reverse();
    Ok(rows)
}

/// Rows of several rooms, each behind its start and up to its end: room after room in the given
/// order, by place within each. One indexed query whatever the number of rooms.
pub async fn page(
    db: impl PgExecutor<'_>,
    rooms: &[Uuid],
    after: &[i64],
    until: &[i64],
    limit: i64,
) -> Result<Vec<Row>> {
    query_file_as!(
        Row,
        "src/store/messages_page.sql",
        rooms,
        after,
        until,
        limit
    )
    .fetch_all(db)
    .await
}

/// Removes rows older than the retention, at most `limit`; tells how many.
pub async fn sweep(db: impl PgExecutor<'_>, before: OffsetDateTime, limit: i64) -> Result<u64> {
    let done = query_file!("src/store/messages_sweep.sql", before, limit)
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;

    use super::*;
    use crate::MIGRATOR;

    async fn database_with_messages() -> (TestDatabase, Vec<Uuid>) {
        let database = TestDatabase::new(&MIGRATOR).await;
        let mut rooms = vec![Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7()];
        rooms.sort_unstable();
        for room in &rooms {
            query(
                "insert into rooms (room_id, kind, epoch, seq, creator_device)
                 values ($1, 'group', 1, 4, $1)",
            )
            .bind(room)
            .execute(&database.pool)
            .await
            .unwrap();
            query(
                "insert into messages
                   (room_id, seq, epoch, kind, sender_user, sender_device, client_id, sent_at, body)
                 select $1, n, 1, 'application', $1, $1, gen_random_uuid(),
                   now() - make_interval(days => 40 - 10 * n::int), case when n <> 2 then 'x'::bytea end
                 from generate_series(1, 4) as n",
            )
            .bind(room)
            .execute(&database.pool)
            .await
            .unwrap();
        }
        (database, rooms)
    }

    fn places(rows: &[Row], rooms: &[Uuid]) -> Vec<(usize, i64)> {
        let index = |row: &Row| rooms.iter().position(|room| *room == row.room_id).unwrap();
        rows.iter().map(|row| (index(row), row.seq)).collect()
    }

    #[tokio::test]
    async fn pages_go_room_by_room_and_leave_out_what_is_gone() {
        let (database, rooms) = database_with_messages().await;
        let pool = &database.pool;
        // The last room first; the first one from its third place to its third.
        let order = [rooms[2], rooms[0]];
        let rows = page(pool, &order, &[0, 2], &[4, 3], 50).await.unwrap();
        assert_eq!(places(&rows, &rooms), [(2, 1), (2, 3), (2, 4), (0, 3)]);
        let rows = page(pool, &order, &[0, 2], &[4, 3], 2).await.unwrap();
        assert_eq!(places(&rows, &rooms), [(2, 1), (2, 3)]);
        let rows = range(pool, rooms[1], 2, 4, 50).await.unwrap();
        assert_eq!(places(&rows, &rooms), [(1, 3), (1, 4)]);
        let rows = before(pool, rooms[1], 1, 4, 1).await.unwrap();
        assert_eq!(places(&rows, &rooms), [(1, 3)]);
    }

    #[tokio::test]
    async fn what_is_older_than_the_retention_goes() {
        let (database, rooms) = database_with_messages().await;
        let pool = &database.pool;
        let before = OffsetDateTime::now_utc() - time::Duration::days(15);
        assert_eq!(sweep(pool, before, 2).await.unwrap(), 2);
        assert_eq!(sweep(pool, before, 100).await.unwrap(), 4);
        let rows = page(pool, &rooms, &[0, 0, 0], &[4, 4, 4], 50)
            .await
            .unwrap();
        assert_eq!(
            places(&rows, &rooms),
            [(0, 3), (0, 4), (1, 3), (1, 4), (2, 3), (2, 4)]
        );
    }
}
