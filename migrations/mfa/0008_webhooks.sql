-- Events of an application, delivered to its endpoints from the outbox.

-- An endpoint. Its signing secret is an HMAC of id and version under a server key: nothing to keep.
create table webhooks (
    id uuid primary key,
    app_id uuid not null references apps,
    url text not null,
    events text[] not null,             -- empty: all of them
    version integer not null default 1, -- of the secret
    former_until timestamptz,           -- until then the version before signs too
    created_at timestamptz not null
);
create index webhooks_app on webhooks (app_id);

-- An event holds no secret: it waits as it is, for one endpoint.
alter table outbox
    add column webhook_id uuid references webhooks on delete cascade,
    add column event jsonb,
    add check ((channel = 'webhook') = (webhook_id is not null and event is not null));

-- The event that an entry of the audit trail is, or null.
create function audit_event(act text, what text, outcome text) returns text
language sql immutable
return case when outcome = 'ok' then case act
    when 'activate' then 'factor.added'
    when 'remove_factor' then 'factor.removed'
    when 'factor_unreachable' then 'factor.unreachable'
    when 'renew_recovery_codes' then 'recovery_codes.renewed'
    when 'verify' then case what when 'recovery' then 'recovery_code.used' end
    when 'change_password' then 'password.changed'
    when 'reset_password' then 'password.changed'
    when 'delete_account' then 'account.deleted'
    when 'lock' then 'account.locked'
    when 'new_browser' then 'sign_in.new_browser'
    when 'credential_stuffing' then 'credential_stuffing.detected'
end end;

-- Queues an event for every endpoint that wants it.
create function emit_event(app uuid, at timestamptz, name text, data jsonb) returns void
language sql as $$
    insert into outbox (id, app_id, channel, kind, webhook_id, event, next_at, expires_at, created_at)
    select gen_random_uuid(), app, 'webhook', name, w.id,
        jsonb_build_object('type', name, 'timestamp',
            to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'data', jsonb_strip_nulls(data)),
        at, at + interval '1 day', at
    from webhooks w where w.app_id = app and (w.events = '{}' or name = any (w.events));
$$;

create or replace function audit_append(
    app uuid, "when" timestamptz, account uuid, act text, what text, outcome text, client text,
    request text
) returns void language plpgsql as $$
declare
    head audit_heads;
    entry audit;
    event text := audit_event(act, what, outcome);
begin
    insert into audit_heads (app_id, seq, hash) values (app, 0, '')
        on conflict (app_id) do nothing;
    select * into head from audit_heads where app_id = app for update;
    entry := row(app, head.seq + 1, "when", account, act, what, outcome, client, request, ''::bytea);
    entry.hash := audit_hash(head.hash, entry);
    insert into audit select entry.*;
    update audit_heads set seq = entry.seq, hash = entry.hash where app_id = app;
    if event is not null then
        perform emit_event(app, "when", event, jsonb_build_object(
            'account_id', account, 'factor', what, 'address', client, 'audit_seq', entry.seq));
    end if;
end $$;

create function account_completed() returns trigger language plpgsql as $$
begin
    perform emit_event(new.app_id, new.completed_at, 'account.completed',
        jsonb_build_object('account_id', new.id));
    return null;
end $$;
create trigger account_completed after update of completed_at on accounts for each row
    when (old.completed_at is null and new.completed_at is not null)
    execute function account_completed();
