-- Red packets: sent, opened share by share, passed on, asked for, returned.

CREATE TABLE packet_limit (
    name text PRIMARY KEY,
    value bigint NOT NULL CHECK (value >= 0)
);
COMMENT ON TABLE packet_limit IS
    'Limits of red packets: fen, counts, seconds, minutes of the day in China. reference table';
INSERT INTO packet_limit (name, value) VALUES
    ('share_minor', 20000), ('shares', 100), ('day_minor', 10000000),
    ('merchant_share_minor', 20000), ('merchant_shares', 1000000), ('merchant_day_minor', 100000000000),
    ('quiet_from', 1320), ('quiet_until', 480),
    ('lives_seconds', 86400), ('password_tries', 5), ('asks_a_day', 20);

CREATE TABLE packet (
    id uuid PRIMARY KEY,
    sender bigint NOT NULL,
    split text NOT NULL CHECK (split IN ('lucky', 'equal')),
    minor bigint NOT NULL,
    shares integer NOT NULL,
    most_minor bigint NOT NULL,
    message text NOT NULL CHECK (char_length(message) <= 25),
    cover text NOT NULL,
    target text NOT NULL CHECK (target IN ('friend', 'group', 'link')),
    whom bigint,
    conversation uuid,
    token bytea NOT NULL CHECK (length(token) = 16),
    password text,
    fission boolean NOT NULL,
    merchant boolean NOT NULL,
    secret bytea CHECK (length(secret) = 32),
    commitment bytea CHECK (length(commitment) = 32),
    sent_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > sent_at),
    opened integer NOT NULL DEFAULT 0,
    left_minor bigint NOT NULL,
    best_minor bigint,
    best_place integer,
    best_person bigint,
    state text NOT NULL DEFAULT 'open',
    ended_at timestamptz,
    refund_minor bigint NOT NULL DEFAULT 0,
    CHECK (shares >= 1 AND minor BETWEEN shares AND shares * most_minor),
    CHECK (split = 'lucky' OR minor % shares = 0),
    CHECK ((split = 'lucky') = (secret IS NOT NULL) AND (split = 'lucky') = (commitment IS NOT NULL)),
    -- One constraint for all that changes, since it is checked at every change.
    CONSTRAINT packet_is_sound CHECK (
        opened BETWEEN 0 AND shares
        AND left_minor BETWEEN shares - opened AND minor
        AND (opened = 0) = (best_minor IS NULL)
        AND (state = 'open') = (ended_at IS NULL)
        AND CASE state WHEN 'open' THEN opened < shares AND refund_minor = 0
                       WHEN 'finished' THEN opened = shares AND left_minor = 0 AND refund_minor = 0
                       WHEN 'returned' THEN opened < shares AND refund_minor = left_minor
                       ELSE false END)
-- Half of a page stays free, so that a hot packet's new version fits beside the old one.
) WITH (fillfactor = 50);
COMMENT ON TABLE packet IS
    'A red packet: its terms, its committed secret, and how far it is opened. distribution key: id';
CREATE INDEX packet_by_sender ON packet (sender, sent_at);
CREATE INDEX packet_open_by_end ON packet (ends_at) WHERE state = 'open';

CREATE TABLE packet_opening (
    packet uuid NOT NULL,
    person bigint NOT NULL,
    place integer NOT NULL CHECK (place >= 0),
    minor bigint NOT NULL CHECK (minor > 0),
    at timestamptz NOT NULL,
    -- The person first: one index says who opened what only once, and lists what a person received.
    PRIMARY KEY (person, packet),
    UNIQUE (packet, place)
);
COMMENT ON TABLE packet_opening IS 'A share that was taken; append only. distribution key: packet';

CREATE TABLE packet_sending (
    sender bigint NOT NULL,
    id uuid NOT NULL,
    content bytea NOT NULL CHECK (length(content) = 32),
    balance_minor bigint,
    refusal jsonb,
    at timestamptz NOT NULL,
    PRIMARY KEY (sender, id),
    CHECK ((balance_minor IS NULL) = (refusal IS NOT NULL))
);
COMMENT ON TABLE packet_sending IS
    'What somebody asked to send, and how it was answered. distribution key: sender';

CREATE TABLE packet_scope (
    packet uuid NOT NULL,
    conversation uuid NOT NULL,
    sharer bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (packet, conversation)
);
COMMENT ON TABLE packet_scope IS
    'The conversations that show a packet, and who brought it there. distribution key: packet';

CREATE TABLE packet_try (
    packet uuid NOT NULL,
    person bigint NOT NULL,
    tries integer NOT NULL CHECK (tries > 0),
    PRIMARY KEY (packet, person)
);
COMMENT ON TABLE packet_try IS 'Wrong passwords a person gave for a packet. distribution key: packet';

CREATE TABLE packet_person (
    person bigint PRIMARY KEY,
    day date NOT NULL DEFAULT '2000-01-01',
    sent_minor bigint NOT NULL DEFAULT 0 CHECK (sent_minor >= 0),
    asks integer NOT NULL DEFAULT 0 CHECK (asks >= 0),
    allow_asking boolean NOT NULL DEFAULT true,
    merchant boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE packet_person IS
    'What a person sent and asked on their latest day, and their settings; locked by sending. distribution key: person';

CREATE TABLE packet_ask (
    asker bigint NOT NULL,
    id uuid NOT NULL,
    asked bigint NOT NULL CHECK (asked <> asker),
    minor bigint CHECK (minor > 0),
    message text NOT NULL CHECK (char_length(message) <= 25),
    at timestamptz NOT NULL,
    -- Whether the one asked was told; the asker never learns.
    heard boolean NOT NULL,
    refused boolean NOT NULL DEFAULT false,
    packet uuid,
    PRIMARY KEY (asker, id)
);
COMMENT ON TABLE packet_ask IS 'A wish for a packet, and what became of it. distribution key: asker';
CREATE INDEX packet_ask_of ON packet_ask (asked, at) WHERE heard AND NOT refused AND packet IS NULL;

GRANT SELECT, INSERT, UPDATE ON packet_limit, packet_try, packet_person TO wufu_app;
GRANT SELECT, INSERT, UPDATE (opened, left_minor, best_minor, best_place, best_person, state, ended_at,
                              refund_minor) ON packet TO wufu_app;
GRANT SELECT, INSERT, UPDATE (refused, packet) ON packet_ask TO wufu_app;
-- What happened stays as it happened.
GRANT SELECT, INSERT ON packet_opening, packet_sending, packet_scope TO wufu_app;
