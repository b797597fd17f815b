-- What the database layer itself keeps: facts on their way out, each phone's
-- numbered facts, and the job clock.

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    body jsonb NOT NULL,
    audience bigint[] NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE outbox IS
    'Announced facts that the relay has not carried on yet; short-lived. distribution key: id';

CREATE TABLE inbox_head (
    person bigint PRIMARY KEY,
    number bigint NOT NULL CHECK (number >= 0)
);
COMMENT ON TABLE inbox_head IS
    'The number of each person''s newest fact. distribution key: person';

CREATE TABLE inbox (
    person bigint NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    kind text NOT NULL,
    body jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (person, number)
);
COMMENT ON TABLE inbox IS
    'The facts pushed to a person''s phones, numbered without holes. distribution key: person';

CREATE TABLE job (
    name text PRIMARY KEY,
    ran_at timestamptz NOT NULL,
    took_seconds double precision NOT NULL,
    failure text
);
COMMENT ON TABLE job IS 'When each clock job last ran, and how it ended. reference table';

GRANT SELECT, INSERT, DELETE ON outbox TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON inbox_head TO wufu_app;
GRANT SELECT, INSERT, DELETE ON inbox TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON job TO wufu_app;
