select m.room_id as "room_id!", m.seq as "seq!", m.epoch as "epoch!",
  m.kind as "kind!: StoredMessageKind", m.sender_user as "sender_user!",
  m.sender_device as "sender_device!", m.client_id as "client_id!",
  m.sent_at as "sent_at!", m.body as "body!"
from rows from (messages_page($1::uuid[], $2::bigint[], $3::bigint[], $4)) with ordinality as m
order by m.ordinality
