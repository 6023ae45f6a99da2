-- What devices catch up with, in one plan for all: it was planned anew for each of them, since
-- PostgreSQL takes a plan for unknown arrays to be dearer (as in 0018). When a network comes back,
-- everybody asks at once.
create function messages_page(
  rooms_in uuid[], after_in bigint[], until_in bigint[], most bigint
)
returns setof messages
language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  return query
  select m.*
  from unnest(rooms_in, after_in, until_in)
    with ordinality as t(room_id, after, until, ord)
  cross join lateral (
    select * from messages x
    where x.room_id = t.room_id and x.seq > t.after and x.seq <= t.until
      and x.body is not null
    order by x.seq limit most
  ) m
  order by t.ord, m.seq limit most;
end
$$;
