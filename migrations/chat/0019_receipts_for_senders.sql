-- In the place of advance_cursors, which servers of the release before still call, with two
-- changes. It tells between which places a person came further instead of whether they did: a
-- receipt is for those who wrote something there, and everybody else in a room of n heard of n
-- cursors for each message. And its commit does not wait for the disk: a cursor that a crash takes
-- back is told again, and what it had freed is freed again.
--
-- code: 0 done (lower or equal is done too), 1 no member, 2 beyond the end of the room. low: the
-- person had everything up to here; null when they came no further.
create function move_cursors(rooms_in uuid[], devices_in uuid[], seqs_in bigint[])
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
  perform 1 from members d
  join unnest(rooms_in, devices_in) as t(room_id, device_id)
    on (d.room_id, d.device_id) = (t.room_id, t.device_id)
  order by d.room_id, d.device_id
  for no key update of d;

  -- Only what lies between an old and a new cursor can become free.
  select array_agg(g.room_id), array_agg(g.low), array_agg(g.high)
  into moved_rooms, lows, highs
  from (
    select t.room_id, min(d.acked_seq) as low, max(t.seq) as high
    from unnest(rooms_in, devices_in, seqs_in) as t(room_id, device_id, seq)
    join members d on (d.room_id, d.device_id) = (t.room_id, t.device_id)
    join rooms r on r.room_id = t.room_id
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
    left join members d on d.room_id = i.room_id and d.device_id = i.device
    left join rooms r on r.room_id = i.room_id
  ),
  moved as (
    update members d set acked_seq = least(j.seq, coalesce(d.left_seq, j.seq))
    from (
      select g.room_id, g.device, max(g.seq) as seq, min(g.had) as had from judged g
      where g.verdict = 0
      group by g.room_id, g.device
    ) j
    where d.room_id = j.room_id and d.device_id = j.device
      and d.acked_seq < least(j.seq, coalesce(d.left_seq, j.seq))
    returning d.room_id, d.device_id, d.user_id, d.acked_seq, j.had
  ),
  people as (
    update room_users u set delivered_seq = m.seq, moved_at = clock_timestamp()
    from (
      -- Behind what a device had when it joined there may be years.
      select v.room_id, v.user_id, max(v.acked_seq) as seq,
        greatest(max(o.delivered_seq), min(v.had)) as low
      from moved v join room_users o using (room_id, user_id)
      group by v.room_id, v.user_id
    ) m
    where u.room_id = m.room_id and u.user_id = m.user_id and u.delivered_seq < m.seq
    returning u.room_id, u.user_id, m.low
  )
  select j.ord, j.verdict::smallint, j.owner,
    p.low
  from judged j
  left join people p on j.verdict = 0 and p.room_id = j.room_id and p.user_id = j.owner
  order by j.ord;

  if moved_rooms is null then
    return;
  end if;
  -- What everybody has: up to the slowest present device, and not owed to one that was removed.
  update messages m set body = null
  from (
    select t.room_id, t.low, least(t.high, coalesce(
      (select min(d.acked_seq) from members d
        where d.room_id = t.room_id and d.left_seq is null and not d.removal_due), t.high)) as floor
    from unnest(moved_rooms, lows, highs) as t(room_id, low, high)
  ) f
  where m.room_id = f.room_id and m.seq > f.low and m.seq <= f.floor and m.body is not null
    and not exists (
      select from members d
      where d.room_id = m.room_id and d.left_seq is not null and not d.removal_due
        and d.acked_seq < m.seq and d.joined_seq < m.seq and m.seq <= d.left_seq
    );
end
$$;
