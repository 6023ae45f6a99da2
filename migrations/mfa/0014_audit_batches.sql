-- A batch of answers takes the head of the audit chain once, not once for each entry.

-- Writes the entry that follows a head and tells who listens; the new head. Who calls it holds the
-- lock on the head, and stores the new one.
create function audit_entry(
    head audit_heads, "when" timestamptz, account uuid, act text, what text, outcome text,
    client text, request text
) returns audit_heads language plpgsql as $$
declare
    entry audit;
    event text := audit_event(act, what, outcome);
begin
    entry := row(head.app_id, head.seq + 1, "when", account, act, what, outcome, client, request,
        ''::bytea);
    entry.hash := audit_hash(head.hash, entry);
    insert into audit select entry.*;
    if event is not null then
        perform emit_event(head.app_id, "when", event, jsonb_build_object(
            'account_id', account, 'factor', what, 'address', client, 'audit_seq', entry.seq));
    end if;
    head.seq := entry.seq;
    head.hash := entry.hash;
    return head;
end $$;

-- The head of an application's chain, locked until the transaction ends.
create function audit_head(app uuid) returns audit_heads language plpgsql as $$
declare
    head audit_heads;
begin
    select * into head from audit_heads where app_id = app for update;
    if not found then
        insert into audit_heads (app_id, seq, hash) values (app, 0, '')
            on conflict (app_id) do nothing;
        select * into head from audit_heads where app_id = app for update;
    end if;
    return head;
end $$;

create or replace function audit_append(
    app uuid, "when" timestamptz, account uuid, act text, what text, outcome text, client text,
    request text
) returns void language plpgsql as $$
declare
    head audit_heads := audit_head(app);
begin
    head := audit_entry(head, "when", account, act, what, outcome, client, request);
    update audit_heads set seq = head.seq, hash = head.hash where app_id = app;
end $$;

-- Judges answers: charges wrong ones, takes the time steps of right ones once, and writes all of
-- them down. A code that fits is worth nothing while its address is locked or the account's
-- failures are used up, and nobody learns that it did.
create or replace function settle_codes(
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
    head audit_heads;
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
    -- The chains' heads are locked last, as everywhere, in the order of the applications.
    foreach i in array places loop
        done := results[i];
        if head.app_id is distinct from apps[i] then
            update audit_heads set seq = head.seq, hash = head.hash where app_id = head.app_id;
            head := audit_head(apps[i]);
        end if;
        head := audit_entry(head, at, accounts[i], 'verify', 'totp',
            case done.outcome when 'exhausted' then 'locked' else done.outcome end,
            clients[i], requests[i]);
        return next done;
    end loop;
    update audit_heads set seq = head.seq, hash = head.hash where app_id = head.app_id;
end $$;
