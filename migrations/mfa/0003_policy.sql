-- What an application asks of its people's factors, and how much it may ask of the service.

alter table apps
    -- Kinds that are taken. Without `email` and `telegram`, which assertions mark `restricted`, only
    -- what nobody can read in a mailbox opens anything.
    add column factors text[] not null default '{totp,email,telegram,passkey}'
        check (factors <@ '{totp,email,telegram,passkey}' and cardinality(factors) > 0),
    -- For new TOTP factors; those that stand keep what they were set up with.
    add column totp_algorithm text not null default 'SHA1'
        check (totp_algorithm in ('SHA1', 'SHA256', 'SHA512')),
    add column totp_digits smallint not null default 6 check (totp_digits in (6, 8)),
    add column totp_period smallint not null default 30 check (totp_period between 15 and 120),
    -- Earlier steps whose codes are taken; null: TOTP_WINDOW.
    add column totp_window smallint check (totp_window between 0 and 10),
    -- Passkeys: the domain that they belong to and the pages that may use them.
    add column rp_id text,
    add column origins text[] not null default '{}',
    -- In the form of RATE_LIMIT; null: the variable of the same name.
    add column rate_limit text,
    add column rate_limit_address text,
    add column rate_limit_signup text,
    add column rate_limit_mail text;

-- TOTP factors only.
alter table factors
    add column algorithm text check (algorithm in ('SHA1', 'SHA256', 'SHA512')),
    add column digits smallint check (digits in (6, 8)),
    add column period smallint check (period between 15 and 120);
update factors set algorithm = 'SHA1', digits = 6, period = 30 where kind = 'totp';
alter table factors
    add check (kind <> 'totp' or num_nulls(algorithm, digits, period) = 0);
