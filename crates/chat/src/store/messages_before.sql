select room_id, seq, epoch, kind as "kind: StoredMessageKind", sender_user,
  sender_device, client_id, sent_at, body as "body!"
from messages
where room_id = $1 and seq >= $2 and seq < $3 and body is not null
order by seq desc limit $4
