-- Ties between people who know each other. A friendship is two directed rows, so
-- that each person's list is read by that person's key.

CREATE TABLE tie (
    person bigint NOT NULL,
    friend bigint NOT NULL,
    since timestamptz NOT NULL,
    cause text NOT NULL CHECK (cause IN ('asked', 'imported')),
    PRIMARY KEY (person, friend),
    CHECK (person <> friend)
);
COMMENT ON TABLE tie IS
    'One direction of a friendship; the other direction is a row too. distribution key: person';

CREATE TABLE tie_request (
    asked bigint NOT NULL,
    asker bigint NOT NULL,
    cause text NOT NULL CHECK (cause IN ('asked', 'imported')),
    at timestamptz NOT NULL,
    PRIMARY KEY (asked, asker),
    CHECK (asked <> asker)
);
COMMENT ON TABLE tie_request IS
    'What waits for an answer by the one asked; hidden once refused. distribution key: asked';

CREATE TABLE tie_ask (
    asker bigint NOT NULL,
    asked bigint NOT NULL,
    at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    refused_at timestamptz,
    PRIMARY KEY (asker, asked),
    CHECK (asked <> asker)
);
COMMENT ON TABLE tie_ask IS
    'What the asker sees of a request: it looks open also when refused or blocked. distribution key: asker';

CREATE TABLE tie_block (
    person bigint NOT NULL,
    blocked bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (person, blocked),
    CHECK (person <> blocked)
);
COMMENT ON TABLE tie_block IS 'Whom a person does not want to hear from. distribution key: person';

CREATE TABLE tie_former (
    person bigint NOT NULL,
    friend bigint NOT NULL,
    parted_at timestamptz NOT NULL,
    PRIMARY KEY (person, friend),
    CHECK (person <> friend)
);
COMMENT ON TABLE tie_former IS
    'Who were friends once and parted, so that making it up again is no new tie. distribution key: person';

CREATE TABLE tie_person (
    person bigint PRIMARY KEY,
    friends integer NOT NULL CHECK (friends BETWEEN 0 AND 5000),
    asks_on date NOT NULL,
    asks integer NOT NULL CHECK (asks >= 0)
);
COMMENT ON TABLE tie_person IS
    'Counters of a person''s ties, and the row every change of them locks. distribution key: person';

GRANT SELECT, INSERT, UPDATE, DELETE ON tie TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tie_request TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tie_ask TO wufu_app;
GRANT SELECT, INSERT, DELETE ON tie_block TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON tie_former TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON tie_person TO wufu_app;
