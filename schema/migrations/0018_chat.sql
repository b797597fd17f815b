-- Up to which message of each conversation it was announced who talked to whom (`chat.talked`). A table of its
-- own, so that the job never waits for the conversations that people are writing in.

CREATE TABLE chat_talk (
    conversation uuid PRIMARY KEY,
    number bigint NOT NULL CHECK (number >= 0)
) WITH (fillfactor = 70);
COMMENT ON TABLE chat_talk IS
    'Up to which number the messages of a conversation were announced as talk. distribution key: conversation';

-- Messages lie in the order in which they were sent, so this index of block ranges costs next to nothing; it
-- finds the conversations in which something was said lately.
CREATE INDEX message_sent ON message USING brin (sent_at) WITH (autosummarize = on);

GRANT SELECT, INSERT, UPDATE, DELETE ON chat_talk TO wufu_app;

-- Moderation of chat: what became of reports, who may not write for a while, groups that are closed, and the
-- trail of everything a moderator did. Reports themselves are never changed.

ALTER TABLE conversation ADD COLUMN closed_at timestamptz;

CREATE INDEX chat_report_id ON chat_report (id);
CREATE INDEX chat_report_conversation ON chat_report (conversation);

CREATE TABLE chat_ruling (
    reporter bigint NOT NULL,
    report uuid NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('dismissed', 'acted')),
    by text NOT NULL,
    why text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (reporter, report)
);
COMMENT ON TABLE chat_ruling IS 'What became of a report: one ruling each. distribution key: reporter';

CREATE TABLE chat_report_shown (
    reporter bigint NOT NULL,
    report uuid NOT NULL,
    number bigint NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (reporter, report, number)
);
COMMENT ON TABLE chat_report_shown IS
    'What a reporter chose to show of secrets; goes with the ruling. distribution key: reporter';

CREATE TABLE chat_report_media (
    reporter bigint NOT NULL,
    report uuid NOT NULL,
    media uuid NOT NULL,
    PRIMARY KEY (reporter, report, media)
);
COMMENT ON TABLE chat_report_media IS
    'Media that wait with a report for its ruling, whoever recalls them. distribution key: reporter';

CREATE TABLE chat_silence (
    person bigint PRIMARY KEY,
    until timestamptz,
    since timestamptz NOT NULL
);
COMMENT ON TABLE chat_silence IS
    'Who may not write in chat, until when (without an end: until it is lifted). distribution key: person';

CREATE TABLE chat_moderation (
    id uuid PRIMARY KEY,
    act text NOT NULL CHECK (act IN ('dismiss', 'take_down', 'mute', 'unmute', 'close', 'reopen')),
    by text NOT NULL,
    why text NOT NULL,
    report uuid,
    person bigint,
    conversation uuid,
    numbers bigint[],
    until timestamptz,
    at timestamptz NOT NULL
);
CREATE INDEX chat_moderation_at ON chat_moderation (at);
COMMENT ON TABLE chat_moderation IS
    'Everything that moderators did, in order; only ever added to. distribution key: id';

GRANT SELECT, INSERT ON chat_ruling TO wufu_app;
GRANT SELECT, INSERT, DELETE ON chat_report_shown TO wufu_app;
GRANT SELECT, INSERT, DELETE ON chat_report_media TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON chat_silence TO wufu_app;
GRANT SELECT, INSERT ON chat_moderation TO wufu_app;

-- 12 colours, 4 across and 3 down: what stands in a picture's place until it has come. Older ones have none.
ALTER TABLE media ADD COLUMN blur bytea CHECK (octet_length(blur) = 36);
