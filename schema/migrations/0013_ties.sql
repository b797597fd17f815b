-- Ties made by invitation, what people let others see, suggestions they put away, and their private labels.

ALTER TABLE tie DROP CONSTRAINT tie_cause_check;
ALTER TABLE tie ADD CONSTRAINT tie_cause_check
    CHECK (cause IN ('asked', 'imported', 'invited', 'name', 'code', 'phone', 'suggestion', 'group'));
ALTER TABLE tie_request DROP CONSTRAINT tie_request_cause_check;
ALTER TABLE tie_request ADD CONSTRAINT tie_request_cause_check
    CHECK (cause IN ('asked', 'imported', 'name', 'code', 'phone', 'suggestion', 'group'));

-- In the row that suggestions read anyway for the number of friends: a consent costs no look-up of its own.
ALTER TABLE tie_person
    ADD COLUMN by_name boolean NOT NULL DEFAULT true,
    ADD COLUMN by_code boolean NOT NULL DEFAULT true,
    ADD COLUMN by_phone boolean NOT NULL DEFAULT true,
    ADD COLUMN suggested boolean NOT NULL DEFAULT true,
    ADD COLUMN friends_seen text NOT NULL DEFAULT 'friends'
        CHECK (friends_seen IN ('nobody', 'friends', 'everyone'));
COMMENT ON TABLE tie_person IS
    'Counters of a person''s ties, what they let others find and see, and the row every change of them locks. distribution key: person';

-- A person's friends once more, in one value: their numbers as 8 big-endian bytes each, in order. Walking over
-- friends of friends reads some ten thousand numbers from fifty values in half a millisecond; reading them from
-- as many rows and adding up in SQL takes ten times as long.
CREATE TABLE tie_list (
    person bigint PRIMARY KEY,
    friends bytea NOT NULL CHECK (octet_length(friends) % 8 = 0)
);
ALTER TABLE tie_list ALTER COLUMN friends SET STORAGE EXTERNAL;
COMMENT ON TABLE tie_list IS
    'The friends of a person in one value, for walking; follows from tie. distribution key: person';
GRANT SELECT, INSERT, UPDATE ON tie_list TO wufu_app;
INSERT INTO tie_list (person, friends)
SELECT person, string_agg(int8send(friend), ''::bytea ORDER BY friend) FROM tie GROUP BY person;

-- An import of a whole graph leaves tables that want their statistics and their visibility map at once.
GRANT MAINTAIN ON tie, tie_person, tie_list TO wufu_app;

CREATE TABLE tie_invitation (
    inviter bigint NOT NULL,
    id uuid NOT NULL,
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    salt bytea NOT NULL CHECK (octet_length(salt) = 16),
    note text NOT NULL CHECK (char_length(note) <= 24),
    uses integer NOT NULL CHECK (uses BETWEEN 1 AND 500),
    used integer NOT NULL CHECK (used BETWEEN 0 AND uses),
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > made_at),
    revoked_at timestamptz,
    PRIMARY KEY (inviter, id),
    UNIQUE (inviter, code_hash)
);
CREATE INDEX tie_invitation_age ON tie_invitation (expires_at);
COMMENT ON TABLE tie_invitation IS
    'Codes that make their user a friend of the inviter; only their hashes are kept. distribution key: inviter';

CREATE TABLE tie_invitation_use (
    inviter bigint NOT NULL,
    invitation uuid NOT NULL,
    person bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (inviter, invitation, person),
    CHECK (inviter <> person)
);
COMMENT ON TABLE tie_invitation_use IS 'Who used an invitation, and when. distribution key: inviter';

CREATE TABLE tie_guess (
    key text PRIMARY KEY CHECK (char_length(key) <= 100),
    wrong integer NOT NULL CHECK (wrong > 0),
    since timestamptz NOT NULL
);
CREATE INDEX tie_guess_age ON tie_guess (since);
COMMENT ON TABLE tie_guess IS
    'Codes nobody made, tried by a person or from an address, in the hour that began at `since`. distribution key: key';

CREATE TABLE tie_dismissal (
    person bigint NOT NULL,
    other bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (person, other),
    CHECK (person <> other)
);
CREATE INDEX tie_dismissal_age ON tie_dismissal (at);
COMMENT ON TABLE tie_dismissal IS
    'Whom a person does not want suggested for 90 days. distribution key: person';

CREATE TABLE tie_label (
    person bigint NOT NULL,
    friend bigint NOT NULL,
    remark text NOT NULL CHECK (char_length(remark) <= 24),
    starred boolean NOT NULL,
    tags text[] NOT NULL CHECK (cardinality(tags) <= 10),
    PRIMARY KEY (person, friend)
);
COMMENT ON TABLE tie_label IS
    'What a person calls a friend; nobody else sees it. distribution key: person';

CREATE TABLE tie_group (
    person bigint NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 24),
    PRIMARY KEY (person, id)
);
COMMENT ON TABLE tie_group IS 'Lists into which a person sorts friends; nobody else sees them. distribution key: person';

CREATE TABLE tie_group_member (
    person bigint NOT NULL,
    group_id uuid NOT NULL,
    friend bigint NOT NULL,
    PRIMARY KEY (person, group_id, friend)
);
COMMENT ON TABLE tie_group_member IS 'Which friends are in such a list. distribution key: person';

GRANT SELECT, INSERT, UPDATE, DELETE ON tie_invitation TO wufu_app;
GRANT SELECT, INSERT, DELETE ON tie_invitation_use TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tie_guess TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tie_dismissal TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tie_label TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tie_group TO wufu_app;
GRANT SELECT, INSERT, DELETE ON tie_group_member TO wufu_app;
