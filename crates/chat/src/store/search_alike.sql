-- $1 who asks, $2 how many, $3 the text in lower case: what is almost it, by the trigram index.
select p.user_id, p.username, p.name, p.avatar,
  exists (select from contacts c
    where (c.user_a, c.user_b) = (least($1, p.user_id), greatest($1, p.user_id))) as "contact!",
  exists (select from friend_requests r
    where r.from_user = p.user_id and r.to_user = $1) as "incoming!",
  exists (select from friend_requests r
    where r.from_user = $1 and r.to_user = p.user_id) as "outgoing!",
  exists (select from blocks b where b.blocker = $1 and b.blocked = p.user_id) as "blocked!"
from users p
where $3 <% p.haystack
  and p.searchable and p.deactivated_at is null and p.user_id <> $1
  and not exists (select from blocks b where b.blocker = p.user_id and b.blocked = $1)
order by word_similarity($3, p.haystack) desc, p.username
limit $2
