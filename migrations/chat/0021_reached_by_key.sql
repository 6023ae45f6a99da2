-- One plan for every batch (0018), made while a table was empty, could join by reading a whole index:
-- without sequential scans that is still a way, and for seven rows the cheapest. It stayed until the
-- first ANALYZE, and each batch read the log: 299 microseconds of PostgreSQL a message instead of 43.
-- Here nothing is joined to a table. Each row is looked up by its key, beside the row that wants it,
-- and what is changed is named by rooms of the batch or found in a loop over them.

create or replace function append_messages(
  rooms_in uuid[], users_in uuid[], devices_in uuid[], peers_in uuid[], clients_in uuid[],
  epochs_in bigint[], bodies_in bytea[]
)
returns table (ord bigint, code smallint, seq bigint, sent_at timestamptz, epoch bigint, fresh boolean)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  perform 1 from rooms r where r.room_id = any (rooms_in) order by r.room_id for no key update;
  return query
  with input as (
    select * from unnest(rooms_in, users_in, devices_in, peers_in, clients_in, epochs_in, bodies_in)
      with ordinality as t(room_id, sender, device, peer, client, epoch, body, ord)
  ),
  judged as (
    select i.*, r.epoch as current,
      case
        when k.seq is not null then 0
        when d.device_id is null or d.user_id <> i.sender
          or d.left_seq is not null or d.removal_due then 1
        when i.peer is not null and (r.kind <> 'direct' or i.peer = i.sender
          or i.peer not in (r.direct_a, r.direct_b)) then 4
        when r.closed_at is not null then 2
        when r.epoch <> i.epoch then 3
        else 0
      end as verdict,
      k.seq as known_seq, k.sent_at as known_at
    from input i
    left join lateral (
      select m.seq, m.sent_at from messages m
      where m.room_id = i.room_id and m.sender_device = i.device and m.client_id = i.client
      limit 1
    ) k on true
    left join lateral (select * from rooms x where x.room_id = i.room_id limit 1) r on true
    left join lateral (
      select * from members x where x.room_id = i.room_id and x.device_id = i.device limit 1
    ) d on true
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
    where r.room_id = any (rooms_in) and r.room_id = c.room_id
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

-- As in 0019.
create or replace function move_cursors(rooms_in uuid[], devices_in uuid[], seqs_in bigint[])
returns table (ord bigint, code smallint, user_id uuid, low bigint)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  moved_rooms uuid[];
  lows bigint[];
  highs bigint[];
  place integer;
  floor_seq bigint;
begin
  -- Until the end of the transaction, not of the function.
  perform set_config('synchronous_commit', 'off', true);

  -- One order for all, so that two nodes cannot deadlock.
  perform 1
  from (
    select distinct u.room_id, u.device_id
    from unnest(rooms_in, devices_in) as u(room_id, device_id)
    order by u.room_id, u.device_id
  ) t
  cross join lateral (
    select 1 from members d where d.room_id = t.room_id and d.device_id = t.device_id
    limit 1 for no key update
  ) l;

  -- Only what lies between an old and a new cursor can become free.
  select array_agg(g.room_id), array_agg(g.low), array_agg(g.high)
  into moved_rooms, lows, highs
  from (
    select t.room_id, min(d.acked_seq) as low, max(t.seq) as high
    from unnest(rooms_in, devices_in, seqs_in) as t(room_id, device_id, seq)
    cross join lateral (
      select x.acked_seq from members x
      where x.room_id = t.room_id and x.device_id = t.device_id limit 1
    ) d
    cross join lateral (select x.seq from rooms x where x.room_id = t.room_id limit 1) r
    where d.acked_seq < t.seq and t.seq <= r.seq
    group by t.room_id
  ) g;

  return query
  with input as (
    select * from unnest(rooms_in, devices_in, seqs_in) with ordinality as t(room_id, device, seq, ord)
  ),
  judged as (
    select i.*, d.user_id as owner, d.acked_seq as had,
      case when d.device_id is null then 1 when i.seq > r.seq then 2 else 0 end as verdict
    from input i
    left join lateral (
      select * from members x where x.room_id = i.room_id and x.device_id = i.device limit 1
    ) d on true
    left join lateral (select * from rooms x where x.room_id = i.room_id limit 1) r on true
  ),
  moved as (
    update members d set acked_seq = least(j.seq, coalesce(d.left_seq, j.seq))
    from (
      select g.room_id, g.device, max(g.seq) as seq, min(g.had) as had from judged g
      where g.verdict = 0
      group by g.room_id, g.device
    ) j
    where d.room_id = any (rooms_in) and d.room_id = j.room_id and d.device_id = j.device
      and d.acked_seq < least(j.seq, coalesce(d.left_seq, j.seq))
    returning d.room_id, d.device_id, d.user_id, d.acked_seq, j.had
  ),
  people as (
    update room_users u set delivered_seq = m.seq, moved_at = clock_timestamp()
    from (
      -- Behind what a device had when it joined there may be years.
      select v.room_id, v.user_id, max(v.acked_seq) as seq,
        greatest(max(o.delivered_seq), min(v.had)) as low
      from moved v
      cross join lateral (
        select x.delivered_seq from room_users x
        where x.room_id = v.room_id and x.user_id = v.user_id limit 1
      ) o
      group by v.room_id, v.user_id
    ) m
    where u.room_id = any (rooms_in) and u.room_id = m.room_id and u.user_id = m.user_id
      and u.delivered_seq < m.seq
    returning u.room_id, u.user_id, m.low
  )
  select j.ord, j.verdict::smallint, j.owner,
    p.low
  from judged j
  left join people p on j.verdict = 0 and p.room_id = j.room_id and p.user_id = j.owner
  order by j.ord;

  for place in 1 .. coalesce(array_length(moved_rooms, 1), 0) loop
    -- What everybody has: up to the slowest present device, and not owed to one that was removed.
    floor_seq := least(highs[place], coalesce(
      (select min(d.acked_seq) from members d
        where d.room_id = moved_rooms[place] and d.left_seq is null and not d.removal_due),
      highs[place]));
    if floor_seq > lows[place] then
      update messages m set body = null
      where m.room_id = moved_rooms[place] and m.seq > lows[place] and m.seq <= floor_seq
        and m.body is not null
        and not exists (
          select from members d
          where d.room_id = moved_rooms[place] and d.left_seq is not null and not d.removal_due
            and d.acked_seq < m.seq and d.joined_seq < m.seq and m.seq <= d.left_seq
        );
    end if;
  end loop;
end
$$;
