-- The wallet: money sent between people, and money that comes from and goes to a bank.

CREATE TABLE wallet_limit (
    name text PRIMARY KEY CHECK (name IN ('transfer', 'transfer_day', 'top_up', 'withdrawal', 'withdrawal_day')),
    minor bigint NOT NULL CHECK (minor > 0)
);
COMMENT ON TABLE wallet_limit IS 'The most that may be moved at once or in a day, in fen. reference table';
INSERT INTO wallet_limit (name, minor) VALUES
    ('transfer', 5000000), ('transfer_day', 20000000),
    ('top_up', 5000000), ('withdrawal', 5000000), ('withdrawal_day', 20000000);

CREATE TABLE wallet_person (
    person bigint PRIMARY KEY,
    day date NOT NULL,
    sent_minor bigint NOT NULL CHECK (sent_minor >= 0),
    withdrawn_minor bigint NOT NULL CHECK (withdrawn_minor >= 0)
);
COMMENT ON TABLE wallet_person IS
    'What a person sent and withdrew on their latest day; locked by whatever they do with money. distribution key: person';

CREATE TABLE wallet_transfer (
    person bigint NOT NULL,
    id uuid NOT NULL,
    recipient bigint NOT NULL,
    minor bigint NOT NULL,
    note text NOT NULL CHECK (char_length(note) <= 100),
    at timestamptz NOT NULL,
    group_id uuid,
    balance_minor bigint,
    refusal jsonb,
    PRIMARY KEY (person, id),
    CHECK ((refusal IS NULL) = (group_id IS NOT NULL) AND (refusal IS NULL) = (balance_minor IS NOT NULL)),
    CHECK (refusal IS NOT NULL OR (minor > 0 AND person <> recipient))
);
COMMENT ON TABLE wallet_transfer IS
    'Money one person sent another, and what was refused, as it was answered. distribution key: person';

CREATE TABLE wallet_order (
    person bigint NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('top_up', 'withdrawal')),
    minor bigint NOT NULL CHECK (minor > 0),
    state text NOT NULL CHECK (state IN ('asked', 'confirmed', 'failed')),
    asked_at timestamptz NOT NULL,
    ended_at timestamptz,
    next_look_at timestamptz NOT NULL,
    looks integer NOT NULL,
    -- The ledger's group of a top-up, or its hold of a withdrawal.
    ledger_id uuid NOT NULL,
    PRIMARY KEY (person, id),
    CHECK ((state = 'asked') = (ended_at IS NULL))
);
CREATE INDEX wallet_order_open ON wallet_order (next_look_at) WHERE state = 'asked';
COMMENT ON TABLE wallet_order IS
    'Money a person asked to bring in or take out, and what the bank made of it. distribution key: person';

CREATE TABLE bank_order (
    reference text PRIMARY KEY CHECK (char_length(reference) BETWEEN 1 AND 80),
    kind text NOT NULL CHECK (kind IN ('top_up', 'withdrawal')),
    minor bigint NOT NULL CHECK (minor > 0),
    state text NOT NULL CHECK (state IN ('accepted', 'confirmed', 'failed')),
    accepted_at timestamptz NOT NULL,
    ended_at timestamptz,
    notified_at timestamptz,
    tries integer NOT NULL,
    next_try_at timestamptz NOT NULL,
    CHECK ((state = 'accepted') = (ended_at IS NULL))
);
CREATE INDEX bank_order_due ON bank_order (next_try_at) WHERE notified_at IS NULL;
COMMENT ON TABLE bank_order IS 'The sandbox bank''s own book. distribution key: reference';

CREATE TABLE bank_key (
    bank text PRIMARY KEY,
    key bytea NOT NULL CHECK (octet_length(key) = 32)
);
COMMENT ON TABLE bank_key IS 'The key the sandbox bank and the wallet share. reference table';

GRANT SELECT, INSERT ON bank_key TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON wallet_limit TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON wallet_person TO wufu_app;
GRANT SELECT, INSERT ON wallet_transfer TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON wallet_order TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON bank_order TO wufu_app;
