-- $1 who asks, $2 how many, $3 the pattern of a word that begins with the text, $4 the pattern of
-- what holds it. Both are answered by the trigram index.
select p.user_id, p.username, p.name, p.avatar,
  exists (select from contacts c
    where (c.user_a, c.user_b) = (least($1, p.user_id), greatest($1, p.user_id))) as "contact!",
  exists (select from friend_requests r
    where r.from_user = p.user_id and r.to_user = $1) as "incoming!",
  exists (select from friend_requests r
    where r.from_user = $1 and r.to_user = p.user_id) as "outgoing!",
  exists (select from blocks b where b.blocker = $1 and b.blocked = p.user_id) as "blocked!"
from users p
where (p.haystack like $3 or p.haystack like $4)
  and p.searchable and p.deactivated_at is null and p.user_id <> $1
  and not exists (select from blocks b where b.blocker = p.user_id and b.blocked = $1)
order by p.haystack like $3 desc, p.username
limit $2
