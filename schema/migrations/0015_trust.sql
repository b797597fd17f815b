-- Trust: which accounts look farmed, by what evidence, and what the operator decided.
-- Nothing here is ever shown to other people.

CREATE TABLE trust_mark (
    person bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('device', 'network')),
    mark bytea NOT NULL CHECK (octet_length(mark) = 16),
    made_here boolean NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (person, kind, mark),
    CHECK (first_at <= last_at)
);
CREATE INDEX trust_mark_by_mark ON trust_mark (kind, mark);
CREATE INDEX trust_mark_age ON trust_mark (last_at);
COMMENT ON TABLE trust_mark IS
    'The keyed hash of a device or network prefix a person signed in from; kept 30 days after its last use. distribution key: person';

CREATE TABLE trust_made (
    mark bytea NOT NULL CHECK (octet_length(mark) = 16),
    kind text NOT NULL CHECK (kind IN ('device', 'network')),
    made_on date NOT NULL,
    accounts integer NOT NULL CHECK (accounts > 0),
    PRIMARY KEY (mark, kind, made_on)
);
CREATE INDEX trust_made_age ON trust_made (made_on);
COMMENT ON TABLE trust_made IS
    'How many accounts a device or network made in a day, whoever they are; kept 30 days. distribution key: mark';

CREATE TABLE trust_person (
    person bigint PRIMARY KEY,
    known_at timestamptz NOT NULL,
    registered boolean NOT NULL
);
CREATE INDEX trust_person_age ON trust_person (known_at);
COMMENT ON TABLE trust_person IS
    'Since when a person is known here, and whether they registered themselves. distribution key: person';

CREATE TABLE trust_ask (
    asker bigint NOT NULL,
    asked bigint NOT NULL,
    cause text NOT NULL CHECK (cause IN ('asked', 'invited')),
    at timestamptz NOT NULL,
    answer text CHECK (answer IN ('accepted', 'refused')),
    answered_at timestamptz,
    PRIMARY KEY (asker, asked),
    CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX trust_ask_by_asked ON trust_ask (asked);
CREATE INDEX trust_ask_age ON trust_ask (at);
CREATE INDEX trust_ask_answer_age ON trust_ask (answered_at) WHERE answered_at IS NOT NULL;
COMMENT ON TABLE trust_ask IS
    'Who asked whom to be friends and what became of it, for the graph score; kept 60 days. distribution key: asker';

CREATE TABLE trust_act (
    person bigint NOT NULL,
    what text NOT NULL CHECK (what IN ('ask', 'join', 'open', 'give')),
    target text NOT NULL CHECK (char_length(target) <= 100),
    slot bigint NOT NULL,
    PRIMARY KEY (person, what, target, slot)
);
CREATE INDEX trust_act_age ON trust_act (slot);
COMMENT ON TABLE trust_act IS
    'What people did to what, and in which five minutes, for finding accounts in lockstep; kept three days. distribution key: person';

CREATE TABLE trust_target (
    person bigint PRIMARY KEY,
    fake_asks integer NOT NULL CHECK (fake_asks >= 0),
    fake_accepts integer NOT NULL CHECK (fake_accepts BETWEEN 0 AND fake_asks),
    real_asks integer NOT NULL CHECK (real_asks >= 0),
    real_accepts integer NOT NULL CHECK (real_accepts BETWEEN 0 AND real_asks)
);
COMMENT ON TABLE trust_target IS
    'How often labelled fakes and real people asked a person, and how they were answered. distribution key: person';

CREATE TABLE trust_total (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    fake_asks bigint NOT NULL,
    real_asks bigint NOT NULL,
    fake_told bigint NOT NULL,
    fake_accepts bigint NOT NULL,
    fake_expected double precision NOT NULL,
    real_told bigint NOT NULL,
    real_accepts bigint NOT NULL,
    real_expected double precision NOT NULL,
    counted_at timestamptz NOT NULL
);
COMMENT ON TABLE trust_total IS 'The sums of trust_target when it was last counted. reference table';

CREATE TABLE trust_score (
    person bigint PRIMARY KEY,
    log_odds double precision NOT NULL,
    asks integer NOT NULL CHECK (asks > 0),
    at timestamptz NOT NULL
);
CREATE INDEX trust_score_high ON trust_score (log_odds DESC);
COMMENT ON TABLE trust_score IS
    'The graph score of a new account: log-odds of being fake by whom they ask and how these answer. distribution key: person';

CREATE TABLE trust_case (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('device', 'lockstep', 'graph', 'pace', 'circle', 'hand')),
    subject text NOT NULL,
    evidence jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'confirmed', 'cleared')),
    opened_at timestamptz NOT NULL,
    grown_at timestamptz NOT NULL,
    decided_at timestamptz,
    CHECK ((decided_at IS NULL) = (state = 'open'))
);
CREATE INDEX trust_case_open ON trust_case (opened_at) WHERE state = 'open';
CREATE INDEX trust_case_subject ON trust_case (kind, subject) WHERE state <> 'cleared';
COMMENT ON TABLE trust_case IS
    'A suspicion about one or more accounts, its evidence in numbers, and what was decided. distribution key: id';

CREATE TABLE trust_suspect (
    person bigint NOT NULL,
    "case" uuid NOT NULL,
    held_at timestamptz NOT NULL,
    released_at timestamptz,
    asked_at timestamptz,
    words text CHECK (char_length(words) <= 500),
    PRIMARY KEY (person, "case"),
    CHECK ((asked_at IS NULL) = (words IS NULL))
);
CREATE INDEX trust_suspect_by_case ON trust_suspect ("case");
COMMENT ON TABLE trust_suspect IS
    'Whom a case is about; their rewards are held until released. distribution key: person';

CREATE TABLE trust_pardon (
    person bigint NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (person, kind)
);
COMMENT ON TABLE trust_pardon IS
    'Until when evidence of a kind no longer counts against a person, by an operator''s clearing. distribution key: person';

CREATE TABLE trust_decision (
    "case" uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    verb text NOT NULL CHECK (verb IN ('clear', 'confirm', 'lift')),
    actor text NOT NULL CHECK (actor <> ''),
    why text NOT NULL CHECK (char_length(why) <= 500),
    people bigint[] NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY ("case", number)
);
COMMENT ON TABLE trust_decision IS
    'What the operator decided about a case, when and why; append only. distribution key: case';

GRANT SELECT, INSERT, UPDATE, DELETE ON trust_mark TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON trust_made TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON trust_person TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON trust_ask TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON trust_act TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON trust_target TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON trust_total TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON trust_score TO wufu_app;
GRANT SELECT, INSERT, UPDATE (evidence, state, grown_at, decided_at) ON trust_case TO wufu_app;
GRANT SELECT, INSERT, UPDATE (released_at, asked_at, words), DELETE ON trust_suspect TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON trust_pardon TO wufu_app;
GRANT SELECT, INSERT ON trust_decision TO wufu_app;
