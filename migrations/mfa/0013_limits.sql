-- Limits are taken in batches; an application may have one for all its requests together.

alter table apps
    -- In the form of RATE_LIMIT; null: as much as it likes.
    add column rate_limit_app text;

-- What became of one event.
create type taken_limit as (
    place integer,                      -- of the input, from 1
    free_at timestamptz                 -- null: it was taken; else when its cell has room again
);

-- Takes one event from each cell. Events of one cell are taken one after the other, in their
-- order, as long as it has room.
create function take_limits(at timestamptz, keys bytea[], costs bigint[], bursts bigint[])
returns setof taken_limit language plpgsql as $$
declare
    places integer[];
    i integer;
    cost interval;
    burst interval;
    taken taken_limit;
begin
    -- Every batch takes its locks in this order: no two wait for each other.
    select array_agg(n order by keys[n], n) into places from generate_subscripts(keys, 1) as n;
    foreach i in array places loop
        cost := costs[i] * interval '1 microsecond';
        burst := bursts[i] * interval '1 microsecond';
        taken := row(i, null);
        insert into limits as l (key, free_at) values (keys[i], at + cost)
            on conflict (key) do update set free_at = greatest(l.free_at, at) + cost
            where greatest(l.free_at, at) + cost <= at + burst;
        if not found then
            select l.free_at + cost - burst into taken.free_at from limits l where l.key = keys[i];
        end if;
        return next taken;
    end loop;
end $$;
