-- What chat keeps of secret messages (never their content), of media, and of notifications.

CREATE TABLE secret_device (
    person bigint NOT NULL,
    device uuid NOT NULL,
    session uuid NOT NULL,
    key bytea NOT NULL CHECK (octet_length(key) = 32),
    since timestamptz NOT NULL,
    PRIMARY KEY (person, device),
    UNIQUE (person, session)
);
COMMENT ON TABLE secret_device IS
    'The public X25519 key of each signed-in device that can read secrets. distribution key: person';

CREATE TABLE secret_message (
    conversation uuid NOT NULL,
    message uuid NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    sender bigint NOT NULL,
    object uuid NOT NULL,
    -- Keyed with the message's id, so that it says nothing once the row is gone.
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    timer_seconds integer NOT NULL CHECK (timer_seconds IN (1, 3, 5, 10, 30, 60, 86400)),
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > sent_at),
    PRIMARY KEY (conversation, message)
);
CREATE INDEX secret_message_expiry ON secret_message (expires_at);
COMMENT ON TABLE secret_message IS
    'Secret messages that are not burnt yet, and the object that holds their ciphertext. distribution key: conversation';

CREATE TABLE secret_reader (
    conversation uuid NOT NULL,
    message uuid NOT NULL,
    person bigint NOT NULL,
    seen_at timestamptz,
    burns_at timestamptz,
    burnt_at timestamptz,
    screenshot_at timestamptz,
    PRIMARY KEY (conversation, message, person),
    FOREIGN KEY (conversation, message) REFERENCES secret_message (conversation, message) ON DELETE CASCADE,
    CHECK ((seen_at IS NULL) = (burns_at IS NULL)),
    CHECK (burns_at > seen_at)
);
CREATE INDEX secret_reader_burns ON secret_reader (burns_at) WHERE burnt_at IS NULL AND burns_at IS NOT NULL;
COMMENT ON TABLE secret_reader IS
    'Who may read a secret message, since when it was on their screen, and whether it is burnt for them. distribution key: conversation';

CREATE TABLE secret_held (
    conversation uuid NOT NULL,
    message uuid NOT NULL,
    object uuid NOT NULL,
    burnt_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (conversation, message)
);
CREATE INDEX secret_held_until ON secret_held (until);
COMMENT ON TABLE secret_held IS
    'Burnt ciphertext under the operator''s hold; empty unless switched on at installation. distribution key: conversation';

CREATE TABLE secret_policy (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    retention_seconds bigint NOT NULL CHECK (retention_seconds >= 0),
    settled_at timestamptz NOT NULL
);
COMMENT ON TABLE secret_policy IS
    'How long burnt ciphertext is held: settled at the first start, never changed. reference table';

CREATE TABLE media (
    id uuid PRIMARY KEY,
    person bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('picture', 'voice', 'video', 'file')),
    media_type text NOT NULL,
    name text NOT NULL CHECK (char_length(name) <= 120),
    bytes bigint NOT NULL CHECK (bytes > 0),
    width integer NOT NULL CHECK (width >= 0),
    height integer NOT NULL CHECK (height >= 0),
    tenths integer NOT NULL CHECK (tenths >= 0),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    object uuid NOT NULL,
    thumb uuid,
    uses integer NOT NULL DEFAULT 0 CHECK (uses >= 0),
    uploaded_at timestamptz NOT NULL
);
CREATE INDEX media_unsent ON media (uploaded_at) WHERE uses = 0;
CREATE INDEX media_person ON media (person, uploaded_at);
COMMENT ON TABLE media IS
    'Uploaded pictures, voices, films and files; tenths of a second, the digest of what was uploaded. distribution key: id';

CREATE TABLE media_use (
    media uuid NOT NULL,
    conversation uuid NOT NULL,
    message uuid NOT NULL,
    PRIMARY KEY (media, conversation, message)
);
CREATE INDEX media_use_message ON media_use (conversation, message);
COMMENT ON TABLE media_use IS 'Which messages show which media. distribution key: media';

CREATE TABLE push_key (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    private_key bytea NOT NULL CHECK (octet_length(private_key) = 32),
    made_at timestamptz NOT NULL
);
COMMENT ON TABLE push_key IS
    'The key by which push services know this installation (VAPID, P-256). reference table';

CREATE TABLE push_subscription (
    person bigint NOT NULL,
    session uuid NOT NULL,
    endpoint text NOT NULL CHECK (char_length(endpoint) BETWEEN 9 AND 1000),
    p256dh bytea NOT NULL CHECK (octet_length(p256dh) = 65),
    auth bytea NOT NULL CHECK (octet_length(auth) = 16),
    preview boolean NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (person, session)
);
COMMENT ON TABLE push_subscription IS
    'Where a signed-in device wants to be woken. distribution key: person';

CREATE TABLE push_person (
    person bigint PRIMARY KEY,
    quiet_from smallint CHECK (quiet_from BETWEEN 0 AND 1439),
    quiet_to smallint CHECK (quiet_to BETWEEN 0 AND 1439),
    offset_minutes smallint NOT NULL DEFAULT 480 CHECK (offset_minutes BETWEEN -840 AND 840),
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
);
COMMENT ON TABLE push_person IS
    'When a person does not want to be woken: minutes of their own day. distribution key: person';

CREATE TABLE push_mark (
    person bigint NOT NULL,
    conversation uuid NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    PRIMARY KEY (person, conversation)
);
COMMENT ON TABLE push_mark IS
    'Up to which message a person was told of a conversation, or need not be. distribution key: person';

CREATE TABLE push_due (
    person bigint NOT NULL,
    session uuid NOT NULL,
    conversation uuid NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    tries integer NOT NULL CHECK (tries >= 0),
    next_at timestamptz NOT NULL,
    PRIMARY KEY (person, session, conversation)
);
CREATE INDEX push_due_next ON push_due (next_at);
COMMENT ON TABLE push_due IS
    'Notifications on their way to a device; gone when taken, read meanwhile or given up. distribution key: person';

GRANT SELECT, INSERT, UPDATE, DELETE ON secret_device TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON secret_message TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON secret_reader TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON secret_held TO wufu_app;
GRANT SELECT, INSERT ON secret_policy TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON media TO wufu_app;
GRANT SELECT, INSERT, DELETE ON media_use TO wufu_app;
GRANT SELECT, INSERT ON push_key TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON push_subscription TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON push_person TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON push_mark TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON push_due TO wufu_app;
