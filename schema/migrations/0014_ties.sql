-- What two people did with each other, a day at a time, and what follows from it: how strong a tie is. A pair
-- is one row, the smaller number first: `ab` is what a did towards b, `ba` the other way.

CREATE TABLE tie_act (
    a bigint NOT NULL,
    b bigint NOT NULL,
    day date NOT NULL,
    kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 20),
    ab integer NOT NULL CHECK (ab BETWEEN 0 AND 1000000),
    ba integer NOT NULL CHECK (ba BETWEEN 0 AND 1000000),
    campaign_ab integer NOT NULL CHECK (campaign_ab BETWEEN 0 AND 1000000),
    campaign_ba integer NOT NULL CHECK (campaign_ba BETWEEN 0 AND 1000000),
    PRIMARY KEY (a, b, day, kind),
    CHECK (a < b)
) WITH (fillfactor = 80);
COMMENT ON TABLE tie_act IS
    'How often two people did what on a day in China, what a campaign triggered apart. distribution key: a';

CREATE TABLE tie_strength (
    a bigint NOT NULL,
    b bigint NOT NULL,
    days integer NOT NULL CHECK (days >= 0),
    first_day date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= first_day),
    squares bigint NOT NULL CHECK (squares >= 0),
    gap integer NOT NULL CHECK (gap >= 256),
    pace integer NOT NULL CHECK (pace >= 256),
    run smallint NOT NULL CHECK (run BETWEEN 0 AND 1000),
    before text NOT NULL CHECK (before IN ('growing', 'steady', 'fading', 'silent')),
    ab bigint NOT NULL CHECK (ab >= 0),
    ba bigint NOT NULL CHECK (ba >= 0),
    PRIMARY KEY (a, b),
    CHECK (a < b)
) WITH (fillfactor = 70);
-- A person's pairs in which theirs is the larger number. On a cluster it asks every node once.
CREATE INDEX tie_strength_b ON tie_strength (b, a);
COMMENT ON TABLE tie_strength IS
    'What follows from the acts of a pair as of its last active day; days 0: none counts. distribution key: a';

GRANT SELECT, INSERT, UPDATE, DELETE ON tie_act, tie_strength TO wufu_app;
