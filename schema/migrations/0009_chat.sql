-- Conversations, their members and their messages. Messages have numbers without holes, given under
-- the lock of the conversation's row; every visible change of a message takes the next change number.

CREATE TABLE conversation (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('direct', 'group', 'self')),
    low bigint,
    high bigint,
    title text NOT NULL,
    people integer NOT NULL CHECK (people BETWEEN 0 AND 500),
    last_number bigint NOT NULL DEFAULT 0 CHECK (last_number >= 0),
    last_change bigint NOT NULL DEFAULT 0 CHECK (last_change >= last_number),
    version bigint NOT NULL DEFAULT 1,
    room text,
    room_epoch integer NOT NULL DEFAULT 0,
    approval boolean NOT NULL DEFAULT false,
    all_muted boolean NOT NULL DEFAULT false,
    announcement text,
    announced_by bigint,
    announced_at timestamptz,
    burn_seconds integer,
    asked bytea,
    created_by bigint NOT NULL,
    created_at timestamptz NOT NULL,
    CHECK ((kind = 'group') = (low IS NULL)),
    CHECK ((kind = 'group') = (high IS NULL)),
    CHECK ((kind = 'group') = (room IS NOT NULL)),
    CHECK (kind <> 'direct' OR low < high),
    CHECK (kind <> 'self' OR low = high)
) WITH (fillfactor = 60);
COMMENT ON TABLE conversation IS
    'Two people, a group, or notes to oneself; its row is locked to number messages. distribution key: id';

CREATE TABLE chat_member (
    conversation uuid NOT NULL,
    person bigint NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    joined_number bigint NOT NULL,
    joined_at timestamptz NOT NULL,
    muted_until timestamptz,
    read_through bigint NOT NULL,
    read_at timestamptz,
    notify text NOT NULL DEFAULT 'all' CHECK (notify IN ('all', 'mentions', 'none')),
    pinned boolean NOT NULL DEFAULT false,
    hidden_through bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, person)
) WITH (fillfactor = 70);
-- A person's list of conversations. On a cluster it asks every node once, at sign-in and at syncing.
CREATE INDEX chat_member_person ON chat_member (person);
COMMENT ON TABLE chat_member IS
    'Who is in a conversation, as what, and how far they have read. distribution key: conversation';

CREATE TABLE message (
    conversation uuid NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    change bigint NOT NULL CHECK (change > 0),
    id uuid NOT NULL,
    sender bigint NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    reply_to bigint,
    mentions bigint[] NOT NULL DEFAULT '{}',
    sent_at timestamptz NOT NULL,
    edited_at timestamptz,
    recalled_by bigint,
    reactions jsonb,
    asked bytea,
    PRIMARY KEY (conversation, number),
    -- The id first: a batch looks its ids up at once, and ids made one after another lie side by side.
    UNIQUE (id, conversation),
    UNIQUE (conversation, change)
);
COMMENT ON TABLE message IS
    'What was said; asked is the fingerprint of the request, for repeats. distribution key: conversation';

CREATE TABLE message_mention (
    conversation uuid NOT NULL,
    person bigint NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (conversation, person, number)
);
COMMENT ON TABLE message_mention IS
    'Whom a message mentions; person 0 is everyone. distribution key: conversation';

CREATE TABLE message_words (
    conversation uuid NOT NULL,
    number bigint NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (conversation, number)
);
CREATE INDEX message_words_gin ON message_words USING gin (words);
COMMENT ON TABLE message_words IS
    'What can be searched; no row for what was recalled or burnt. distribution key: conversation';

CREATE TABLE chat_read (
    conversation uuid NOT NULL,
    person bigint NOT NULL,
    through bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (conversation, person, through)
);
COMMENT ON TABLE chat_read IS
    'When a member had read through which number, one row a minute at most. distribution key: conversation';

CREATE TABLE chat_invite (
    token_hash bytea PRIMARY KEY,
    conversation uuid NOT NULL,
    inviter bigint NOT NULL,
    uses_left integer NOT NULL CHECK (uses_left >= 0),
    expires_at timestamptz NOT NULL
);
CREATE INDEX chat_invite_conversation ON chat_invite (conversation);
COMMENT ON TABLE chat_invite IS
    'Links and codes that let people into a group. distribution key: token_hash';

CREATE TABLE chat_join (
    conversation uuid NOT NULL,
    person bigint NOT NULL,
    inviter bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (conversation, person)
);
COMMENT ON TABLE chat_join IS 'Who waits to be let into a group. distribution key: conversation';

CREATE TABLE chat_person (
    person bigint PRIMARY KEY,
    receipts boolean NOT NULL DEFAULT true,
    presence boolean NOT NULL DEFAULT true,
    strangers boolean NOT NULL DEFAULT false,
    groups integer NOT NULL DEFAULT 0 CHECK (groups BETWEEN 0 AND 500)
);
COMMENT ON TABLE chat_person IS
    'What a person shows of themselves in chat, and in how many groups they are. distribution key: person';

CREATE UNLOGGED TABLE chat_pace (
    person bigint PRIMARY KEY,
    due_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE chat_pace IS
    'How far ahead of their pace people have sent; may be lost in a crash. distribution key: person';

CREATE UNLOGGED TABLE chat_presence (
    conversation uuid NOT NULL,
    person bigint NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (conversation, person)
) WITH (fillfactor = 50);
COMMENT ON TABLE chat_presence IS
    'Who has a conversation on the screen now; may be lost in a crash. distribution key: conversation';

CREATE TABLE chat_report (
    id uuid NOT NULL,
    reporter bigint NOT NULL,
    conversation uuid NOT NULL,
    numbers bigint[] NOT NULL,
    reason text NOT NULL,
    note text NOT NULL,
    evidence jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (reporter, id)
);
COMMENT ON TABLE chat_report IS
    'Reports, with the messages as the reporter saw them. distribution key: reporter';

GRANT SELECT, INSERT, UPDATE ON conversation TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON chat_member TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON message TO wufu_app;
GRANT SELECT, INSERT, DELETE ON message_mention TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON message_words TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON chat_read TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON chat_invite TO wufu_app;
GRANT SELECT, INSERT, DELETE ON chat_join TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON chat_person TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON chat_pace TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON chat_presence TO wufu_app;
GRANT SELECT, INSERT ON chat_report TO wufu_app;
