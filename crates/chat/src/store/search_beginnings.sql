-- $1 who asks, $2 how many, $3 the text in lower case.
-- Each half reads its index in order and stops after $2 rows.
select u.user_id as "user_id!", u.username as "username!", u.name, u.avatar,
  exists (select from contacts c
    where (c.user_a, c.user_b) = (least($1, u.user_id), greatest($1, u.user_id))) as "contact!",
  exists (select from friend_requests r
    where r.from_user = u.user_id and r.to_user = $1) as "incoming!",
  exists (select from friend_requests r
    where r.from_user = $1 and r.to_user = u.user_id) as "outgoing!",
  exists (select from blocks b where b.blocker = $1 and b.blocked = u.user_id) as "blocked!"
from (
  (select p.user_id, 0 as place from users p
   where p.username collate "C" >= $3 and p.username collate "C" < $3 || chr(1114111)
     and p.searchable and p.deactivated_at is null and p.user_id <> $1
     and not exists (select from blocks b where b.blocker = p.user_id and b.blocked = $1)
   order by p.username collate "C" limit $2)
  union all
  (select p.user_id, 1 from users p
   where lower(p.name) collate "C" >= $3 and lower(p.name) collate "C" < $3 || chr(1114111)
     and p.searchable and p.deactivated_at is null and p.user_id <> $1
     and not exists (select from blocks b where b.blocker = p.user_id and b.blocked = $1)
   order by lower(p.name) collate "C" limit $2)
) f
join users u using (user_id)
group by u.user_id
order by min(f.place), u.username
limit $2
