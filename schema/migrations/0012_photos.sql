-- Photo packets: a photo that is seen for a small drawn amount, and is gone at midnight.

CREATE TABLE photo_setting (
    name text PRIMARY KEY CHECK (name IN (
        'posts_day', 'most_minor', 'paid_day_minor', 'credit_minute', 'death_minute', 'dies_at', 'held_by')),
    value bigint NOT NULL CHECK (value >= 0)
);
COMMENT ON TABLE photo_setting IS 'What the operator allows; a name that is missing is as it is by default. reference table';

CREATE TABLE photo (
    id uuid PRIMARY KEY,
    author bigint NOT NULL,
    -- Digest of everything that was asked at posting, the file included: what makes a repetition one.
    asked bytea NOT NULL CHECK (octet_length(asked) = 32),
    message text NOT NULL CHECK (char_length(message) <= 50),
    audience text NOT NULL CHECK (audience IN ('friends', 'conversation', 'link')),
    conversation uuid CHECK ((conversation IS NOT NULL) = (audience = 'conversation')),
    least_minor bigint NOT NULL CHECK (least_minor > 0),
    most_minor bigint NOT NULL CHECK (most_minor >= least_minor),
    visible_mark boolean NOT NULL,
    detail_x smallint,
    detail_y smallint,
    detail_width smallint,
    detail_height smallint,
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    -- What everybody may see; gone when the photo is.
    blur bytea CHECK (octet_length(blur) BETWEEN 1 AND 4096),
    clear_object uuid,
    detail_object uuid,
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32),
    posted_at timestamptz NOT NULL,
    dies_at timestamptz NOT NULL CHECK (dies_at > posted_at),
    credit_at timestamptz CHECK (credit_at > posted_at AND credit_at < dies_at),
    -- When what was set aside went to the author; no group when there was nothing left to move.
    credited_at timestamptz CHECK (credited_at IS NULL OR credit_at IS NOT NULL),
    credit_group uuid CHECK (credit_group IS NULL OR credited_at IS NOT NULL),
    ended text CHECK (ended IN ('died', 'removed', 'taken_down')),
    ended_at timestamptz CHECK ((ended_at IS NULL) = (ended IS NULL)),
    held_at timestamptz,
    likes integer NOT NULL DEFAULT 0 CHECK (likes >= 0),
    comments integer NOT NULL DEFAULT 0 CHECK (comments >= 0),
    payers integer NOT NULL DEFAULT 0 CHECK (payers >= 0),
    CHECK ((ended IS NULL) = (clear_object IS NOT NULL)),
    CHECK ((ended IS NULL) = (blur IS NOT NULL)),
    CHECK (detail_object IS NULL OR (ended IS NULL AND detail_x IS NOT NULL)),
    CHECK ((detail_x IS NULL) = (detail_y IS NULL) AND (detail_x IS NULL) = (detail_width IS NULL)
           AND (detail_x IS NULL) = (detail_height IS NULL))
);
CREATE INDEX photo_author ON photo (author, posted_at);
CREATE INDEX photo_dies ON photo (dies_at) WHERE ended IS NULL;
CREATE INDEX photo_credit ON photo (credit_at) WHERE credit_at IS NOT NULL AND credited_at IS NULL;
COMMENT ON TABLE photo IS 'A photo somebody posted, and what became of it. distribution key: id';

CREATE TABLE photo_secret (
    photo uuid PRIMARY KEY,
    secret bytea NOT NULL CHECK (octet_length(secret) = 32)
);
COMMENT ON TABLE photo_secret IS
    'What the amounts of a photo are drawn from; shown when the photo has ended. distribution key: photo';

CREATE TABLE photo_view (
    photo uuid NOT NULL,
    viewer bigint NOT NULL,
    let_in_at timestamptz,
    seed bytea CHECK (octet_length(seed) = 32),
    minor bigint CHECK ((minor IS NULL) = (seed IS NULL) AND minor > 0),
    paid_at timestamptz CHECK (paid_at IS NULL OR minor IS NOT NULL),
    pay_group uuid CHECK ((pay_group IS NULL) = (paid_at IS NULL)),
    to_pending boolean NOT NULL DEFAULT false CHECK (NOT to_pending OR paid_at IS NOT NULL),
    seen_at timestamptz CHECK (seen_at IS NULL OR paid_at IS NOT NULL),
    liked_at timestamptz,
    refunded_at timestamptz CHECK (refunded_at IS NULL OR paid_at IS NOT NULL),
    refund_group uuid CHECK ((refund_group IS NULL) = (refunded_at IS NULL)),
    PRIMARY KEY (photo, viewer)
);
CREATE INDEX photo_view_viewer ON photo_view (viewer, photo);
COMMENT ON TABLE photo_view IS
    'What one viewer did with a photo: asked, paid, saw, liked. distribution key: photo';

CREATE TABLE photo_comment (
    photo uuid NOT NULL,
    id uuid NOT NULL,
    writer bigint NOT NULL,
    text text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 100),
    at timestamptz NOT NULL,
    PRIMARY KEY (photo, id)
);
COMMENT ON TABLE photo_comment IS 'What payers say under a photo; gone when it is. distribution key: photo';

CREATE TABLE photo_report (
    photo uuid NOT NULL,
    reporter bigint NOT NULL,
    reason text NOT NULL CHECK (reason IN ('indecent', 'violence', 'fraud', 'other')),
    note text NOT NULL CHECK (char_length(note) <= 200),
    had_paid boolean NOT NULL,
    at timestamptz NOT NULL,
    reviewed_at timestamptz,
    PRIMARY KEY (photo, reporter)
);
CREATE INDEX photo_report_open ON photo_report (at) WHERE reviewed_at IS NULL;
COMMENT ON TABLE photo_report IS 'Who found something wrong with a photo. distribution key: photo';

CREATE TABLE photo_review (
    photo uuid NOT NULL,
    at timestamptz NOT NULL,
    reviewer text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('keep', 'take_down')),
    why text NOT NULL CHECK (char_length(why) <= 200),
    PRIMARY KEY (photo, at)
);
COMMENT ON TABLE photo_review IS 'What the operator decided about a photo; append only. distribution key: photo';

CREATE TABLE photo_person (
    person bigint PRIMARY KEY,
    day date NOT NULL,
    posted integer NOT NULL CHECK (posted >= 0),
    paid_minor bigint NOT NULL CHECK (paid_minor >= 0)
);
COMMENT ON TABLE photo_person IS
    'What a person posted and paid on their latest day; locked by both. distribution key: person';

GRANT SELECT, INSERT, UPDATE ON photo_setting, photo, photo_view, photo_report, photo_person TO wufu_app;
GRANT SELECT, INSERT ON photo_secret, photo_review TO wufu_app;
GRANT SELECT, INSERT, DELETE ON photo_comment TO wufu_app;
