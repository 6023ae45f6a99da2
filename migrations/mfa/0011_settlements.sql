-- Time-based codes are settled in batches: one commit for all that came in meanwhile.

-- What became of one answer to a challenge.
create type settlement as (
    place integer,                      -- of the input, from 1
    outcome text,                       -- ok, locked, exhausted, invalid-code, code-used, challenge-used
    until timestamptz                   -- end of a lock
);

-- Judges answers: charges wrong ones, takes the time steps of right ones once, and writes all of
-- them down. A code that fits is worth nothing while its address is locked or the account's
-- failures are used up, and nobody learns that it did.
create function settle_codes(
    at timestamptz, free integer, most integer,
    apps uuid[], accounts uuid[], challenges uuid[],
    fitting uuid[], steps bigint[],     -- the factor whose code it is, or null, and the time step
    addresses bytea[],                  -- digests, for the failures
    clients text[], requests text[]     -- for the audit trail
) returns setof settlement language plpgsql as $$
declare
    places integer[];
    results settlement[] := array_fill(null::settlement, array[cardinality(accounts)]);
    done settlement;
    i integer;
    who bytea;
    near_until timestamptz;
    all_until timestamptz;
    charged integer;
    spent integer;
    is_open boolean;
    is_new boolean;
begin
    -- Every batch takes its locks in this order: no two wait for each other.
    select array_agg(n order by apps[n], accounts[n], n) into places
        from generate_subscripts(accounts, 1) as n;
    foreach i in array places loop
        who := uuid_send(accounts[i]);
        -- Parallel guesses at one account are judged one after the other.
        perform pg_advisory_xact_lock(7305092, hashtext(accounts[i]::text));
        select f.failures, f.locked_until into charged, near_until from failures f
            where f.subject = who and f.factor = 'totp' and f.address = addresses[i] for update;
        select f.failures, f.locked_until into spent, all_until from failures f
            where f.subject = who and f.factor = 'totp' and f.address = '' for update;
        if near_until > at then
            done := row(i, 'locked', near_until);
        elsif spent >= most then
            done := row(i, 'exhausted', all_until);
        elsif fitting[i] is null then
            insert into failures as f (subject, factor, address, failures, updated_at)
                values (who, 'totp', addresses[i], 1, at)
                on conflict (subject, factor, address) do update set
                    failures = f.failures + 1,
                    updated_at = at,
                    locked_until = case when f.failures + 1 >= free then at + least(3600,
                        30 * power(2, least(f.failures + 1 - free, 7))) * interval '1 second' end;
            insert into failures as f (subject, factor, address, failures, updated_at)
                values (who, 'totp', '', 1, at)
                on conflict (subject, factor, address) do update set
                    failures = f.failures + 1,
                    updated_at = at,
                    locked_until = case when f.failures + 1 >= most
                        then at + interval '1 hour' end;
            done := row(i, 'invalid-code', null);
        else
            with open as (
                select c.id from challenges c where c.id = settle_codes.challenges[i]
                    and c.completed_at is null and c.expires_at > at for update),
            taken as (
                update factors f set last_step = steps[i], last_used_at = at
                where f.id = fitting[i] and f.activated_at is not null and f.last_step < steps[i]
                    and exists (select from open)
                returning f.id),
            answered as (
                update challenges c set completed_at = at from open
                where c.id = open.id and exists (select from taken)
                returning c.id)
            select exists (select from open), exists (select from answered) into is_open, is_new;
            done := row(i, case when is_new then 'ok' when is_open then 'code-used'
                else 'challenge-used' end, null);
            if is_new and (charged is not null or spent is not null) then
                update failures f set failures = 0, locked_until = null, updated_at = at,
                    succeeded_at = case when f.address = '' then null else at end
                    where f.subject = who and f.factor = 'totp' and f.address in (addresses[i], '');
            end if;
        end if;
        results[i] := done;
    end loop;
    -- The chain's head is locked last, as everywhere.
    foreach i in array places loop
        done := results[i];
        perform audit_append(apps[i], at, accounts[i], 'verify', 'totp',
            case done.outcome when 'exhausted' then 'locked' else done.outcome end,
            clients[i], requests[i]);
        return next done;
    end loop;
end $$;
