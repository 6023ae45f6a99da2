select m.room_id as "room_id!", m.seq as "seq!", m.epoch as "epoch!",
  m.kind as "kind!: StoredMessageKind", m.sender_user as "sender_user!",
  m.sender_device as "sender_device!", m.client_id as "client_id!",
  m.sent_at as "sent_at!", m.body as "body!"
from unnest($1::uuid[], $2::bigint[], $3::bigint[])
  with ordinality as t(room_id, after, until, ord)
cross join lateral (
  select * from messages x
  where x.room_id = t.room_id and x.seq > t.after and x.seq <= t.until
    and x.body is not null
  order by x.seq limit $4
) m
order by t.ord, m.seq limit $4
