-- Facts whose listener failed again and again: set aside, so that everybody else's go on.

CREATE TABLE fact_parked (
    id bigint NOT NULL,
    listener text NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    audience bigint[] NOT NULL,
    at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('failed', 'waiting', 'dropped')),
    tries int NOT NULL DEFAULT 0 CHECK (tries >= 0),
    error text NOT NULL DEFAULT '',
    parked_at timestamptz NOT NULL,
    PRIMARY KEY (id, listener)
);
CREATE INDEX fact_parked_open ON fact_parked (id) WHERE state <> 'dropped';
COMMENT ON TABLE fact_parked IS
    'Facts that one listener could not hear, or that wait behind one for the same people. distribution key: id';

GRANT SELECT, INSERT, UPDATE, DELETE ON fact_parked TO wufu_app;
