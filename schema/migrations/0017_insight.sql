-- Insight: facts on their way into files, which files there are, and who asked to be forgotten in them.

CREATE TABLE insight_fact (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    day integer NOT NULL,
    a bigint NOT NULL,
    b bigint,
    word text,
    campaign text,
    count bigint NOT NULL CHECK (count > 0),
    flag boolean
);
CREATE INDEX insight_fact_day ON insight_fact (kind, day, number);
COMMENT ON TABLE insight_fact IS
    'What is kept of facts, numbers only, until a file holds it. distribution key: number';

CREATE TABLE insight_file (
    path text PRIMARY KEY,
    kind text NOT NULL,
    day integer NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL CHECK (last >= first),
    rows bigint NOT NULL CHECK (rows > 0),
    bytes bigint NOT NULL CHECK (bytes >= 0),
    state text NOT NULL CHECK (state IN ('writing', 'kept', 'dropped')),
    at timestamptz NOT NULL
);
CREATE INDEX insight_file_state ON insight_file (state, kind, day);
COMMENT ON TABLE insight_file IS
    'The files of the facts: being written, kept, or to be erased; only kept ones count. reference table';

CREATE TABLE insight_progress (
    what text PRIMARY KEY,
    first bigint NOT NULL,
    second bigint NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE insight_progress IS
    'How far the export, the back-fills and the counting of generations have come. reference table';

CREATE TABLE insight_import (
    at timestamptz PRIMARY KEY
);
COMMENT ON TABLE insight_import IS
    'Moments at which ties were imported that are yet to be fetched from ties. reference table';

CREATE TABLE insight_forgotten (
    person bigint PRIMARY KEY,
    stand_in bigint NOT NULL UNIQUE CHECK (stand_in < 0),
    at timestamptz NOT NULL
);
COMMENT ON TABLE insight_forgotten IS
    'Who is being taken out of the files, and the number that stays in their place; a day. reference table';

GRANT SELECT, INSERT, UPDATE, DELETE ON insight_fact, insight_file, insight_progress, insight_import,
    insight_forgotten TO wufu_app;
