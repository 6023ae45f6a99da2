-- Appends a batch of application messages in one round trip: locks the rooms in key order (two
-- batchers cannot deadlock), finds repeats, judges each message on its own, numbers the rest.
--
-- code: 0 stored or stored before, 1 no member, 2 room closed, 3 stale epoch (epoch tells the
-- current one), 4 not the direct room with that peer. fresh: stored by this very row.
create function append_messages(
  rooms_in uuid[], users_in uuid[], devices_in uuid[], peers_in uuid[], clients_in uuid[],
  epochs_in bigint[], bodies_in bytea[]
)
returns table (ord bigint, code smallint, seq bigint, sent_at timestamptz, epoch bigint, fresh boolean)
language plpgsql
as $$
#variable_conflict use_column
begin
  perform 1 from rooms r where r.room_id = any (rooms_in) order by r.room_id for no key update;
  return query
  with input as (
    select * from unnest(rooms_in, users_in, devices_in, peers_in, clients_in, epochs_in, bodies_in)
      with ordinality as t(room_id, sender, device, peer, client, epoch, body, ord)
  ),
  known as (
    select i.ord, m.seq, m.sent_at from input i
    join messages m on (m.room_id, m.sender_device, m.client_id) = (i.room_id, i.device, i.client)
  ),
  judged as (
    select i.*, r.epoch as current,
      case
        when k.ord is not null then 0
        when d.device_id is null then 1
        when i.peer is not null and (r.kind <> 'direct' or i.peer = i.sender
          or i.peer not in (r.direct_a, r.direct_b)) then 4
        when r.closed_at is not null then 2
        when r.epoch <> i.epoch then 3
        else 0
      end as verdict,
      k.seq as known_seq, k.sent_at as known_at
    from input i
    left join known k on k.ord = i.ord
    left join rooms r on r.room_id = i.room_id
    left join members d on d.room_id = i.room_id and d.device_id = i.device
      and d.user_id = i.sender and d.left_seq is null and not d.removal_due
  ),
  firsts as (
    select distinct on (j.room_id, j.device, j.client) j.* from judged j
    where j.verdict = 0 and j.known_seq is null
    order by j.room_id, j.device, j.client, j.ord
  ),
  news as (
    select f.*, row_number() over (partition by f.room_id order by f.ord) as n from firsts f
  ),
  bump as (
    update rooms r set seq = r.seq + c.n
    from (select w.room_id, count(*) as n from news w group by w.room_id) c
    where r.room_id = c.room_id
    returning r.room_id, r.seq - c.n as base
  ),
  put as (
    insert into messages as m (room_id, seq, epoch, kind, sender_user, sender_device, client_id, body)
    select w.room_id, b.base + w.n, w.epoch, 'application', w.sender, w.device, w.client, w.body
    from news w join bump b using (room_id)
    returning m.room_id, m.seq, m.sender_device, m.client_id, m.sent_at
  )
  select j.ord, j.verdict::smallint, coalesce(j.known_seq, p.seq), coalesce(j.known_at, p.sent_at),
    j.current, p.seq is not null and f.ord is not null
  from judged j
  left join put p on j.verdict = 0
    and (p.room_id, p.sender_device, p.client_id) = (j.room_id, j.device, j.client)
  left join firsts f on f.ord = j.ord
  order by j.ord;
end
$$;
