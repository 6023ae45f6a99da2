delete from messages where ctid = any (array(
  select ctid from messages where sent_at < $1 limit $2))
