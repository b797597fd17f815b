-- The operator's console: who may use it, what they did, and what it remembers of the laws and of each night.

CREATE TABLE operator (
    person bigint PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('watch', 'act')),
    granted_at timestamptz NOT NULL,
    granted_by text NOT NULL
);
COMMENT ON TABLE operator IS 'Who may look at the console, and who may act there. reference table';

CREATE TABLE operator_act (
    person bigint NOT NULL,
    id uuid NOT NULL,
    verb text NOT NULL,
    facts jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (person, id)
);
CREATE INDEX operator_act_age ON operator_act (at);
COMMENT ON TABLE operator_act IS 'What operators did in the console; append only. distribution key: person';

CREATE TABLE law_check (
    at timestamptz PRIMARY KEY,
    took_seconds real NOT NULL,
    laws integer NOT NULL,
    broken jsonb NOT NULL
);
COMMENT ON TABLE law_check IS
    'When all laws were checked, and those that did not hold with their first rows. reference table';

CREATE TABLE night_sample (
    campaign text NOT NULL,
    at timestamptz NOT NULL,
    holders bigint NOT NULL,
    players bigint NOT NULL,
    taps bigint NOT NULL,
    PRIMARY KEY (campaign, at)
);
COMMENT ON TABLE night_sample IS
    'How a campaign stood at an instant of its own clock: the live curve. reference table';

CREATE TABLE night_forecast (
    campaign text PRIMARY KEY,
    made_at timestamptz NOT NULL,
    people bigint NOT NULL,
    forecast jsonb NOT NULL
);
COMMENT ON TABLE night_forecast IS 'The newest forecast of a campaign, as `wufu.forecast` answered. reference table';

GRANT SELECT, INSERT, UPDATE, DELETE ON operator TO wufu_app;
GRANT SELECT, INSERT ON operator_act TO wufu_app;
GRANT SELECT, INSERT, DELETE ON law_check TO wufu_app;
GRANT SELECT, INSERT ON night_sample TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON night_forecast TO wufu_app;
