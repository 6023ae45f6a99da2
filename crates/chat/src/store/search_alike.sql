-- $1 who asks, $2 how many, $3 the text in lower case, $4 how many candidates: what is almost it, by
-- the trigram index. How alike two texts are is computed for each candidate; of a text that a good
-- part of a million people almost have, so many are enough. They are read from the named part one
-- by one; a limit within it would let the planner read the whole table up to there.
with almost as materialized (
  select u.user_id, u.username, u.name, u.avatar, u.haystack
  from users u
  where $3 <% u.haystack
    and u.searchable and u.deactivated_at is null and u.user_id <> $1
    and not exists (select from blocks b where b.blocker = u.user_id and b.blocked = $1)
)
select p.user_id, p.username, p.name, p.avatar,
  exists (select from contacts c
    where (c.user_a, c.user_b) = (least($1, p.user_id), greatest($1, p.user_id))) as "contact!",
  exists (select from friend_requests r
    where r.from_user = p.user_id and r.to_user = $1) as "incoming!",
  exists (select from friend_requests r
    where r.from_user = $1 and r.to_user = p.user_id) as "outgoing!",
  exists (select from blocks b where b.blocker = $1 and b.blocked = p.user_id) as "blocked!"
from (select * from almost limit $4) p
order by word_similarity($3, p.haystack) desc, p.username
limit $2
