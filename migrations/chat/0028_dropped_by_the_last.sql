-- Two nodes that moved the last two cursors of a room at the same moment did not see each other's:
-- both took the message for one that somebody still lacks, and it stayed as long as RETENTION. And
-- what only a device lacked that left or was shut out stayed as long.

-- Drops, in each room, what lies behind a low and up to a high place and every entitled device has.
create function drop_reached(rooms_in uuid[], lows_in bigint[], highs_in bigint[])
returns void
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  place integer;
  floor_seq bigint;
begin
  -- Until the end of the transaction: whoever comes second sees what the first has stored, as each
  -- of the queries below looks anew. Slots and not rooms, because PostgreSQL has room for some
  -- thousand locks; in one order, and in a transaction once and after its other locks, so that
  -- nobody waits in a circle.
  perform pg_advisory_xact_lock(7305093, s.slot)
  from (
    select distinct hashtext(u.room_id::text) & 1023 as slot
    from unnest(rooms_in) as u(room_id)
    order by slot
  ) s;

  for place in 1 .. coalesce(array_length(rooms_in, 1), 0) loop
    -- What everybody has: up to the slowest present device, and not owed to one that was removed.
    floor_seq := least(highs_in[place], coalesce(
      (select min(d.acked_seq) from members d
        where d.room_id = rooms_in[place] and d.left_seq is null and not d.removal_due),
      highs_in[place]));
    if floor_seq > lows_in[place] then
      update messages m set body = null
      where m.room_id = rooms_in[place] and m.seq > lows_in[place] and m.seq <= floor_seq
        and m.body is not null
        and not exists (
          select from members d
          where d.room_id = rooms_in[place] and d.left_seq is not null and not d.removal_due
            and d.acked_seq < m.seq and d.joined_seq < m.seq and m.seq <= d.left_seq
        );
    end if;
  end loop;
end
$$;

-- Drops what only devices of this person lacked to which these rooms owe nothing any more.
create function drop_behind(rooms_in uuid[], user_in uuid)
returns void
language sql
as $$
  select drop_reached(array_agg(b.room_id), array_agg(b.low), array_agg(b.high))
  from (
    select m.room_id, min(m.acked_seq) as low, max(coalesce(m.left_seq, r.seq)) as high
    from members m join rooms r using (room_id)
    where m.room_id = any (rooms_in) and m.user_id = user_in and m.removal_due
    group by m.room_id
  ) b;
$$;

-- As in 0021, but for who drops.
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

  perform drop_reached(moved_rooms, lows, highs);
end
$$;
