-- Leaving: what proves who somebody is can be taken away for good. The number stays, as an anonymous holder.

ALTER TABLE person ADD COLUMN left_at timestamptz;
GRANT DELETE ON login, password, pin, claim_offer, person_external TO wufu_app;
CREATE INDEX person_external_person ON person_external (person);

-- Phone numbers: proved by a code, kept as a keyed hash and two digits to recognise them by.

CREATE TABLE phone_key (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    key bytea NOT NULL CHECK (octet_length(key) = 32)
);
COMMENT ON TABLE phone_key IS 'The key of phone numbers'' hashes. reference table';

CREATE TABLE phone_number (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    person bigint NOT NULL,
    ending text NOT NULL CHECK (char_length(ending) = 2),
    since timestamptz NOT NULL
);
CREATE INDEX phone_number_person ON phone_number (person);
COMMENT ON TABLE phone_number IS 'Whose a phone number is. distribution key: digest';

CREATE TABLE phone_proof (
    person bigint PRIMARY KEY,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    ending text NOT NULL CHECK (char_length(ending) = 2),
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    wrong smallint NOT NULL DEFAULT 0 CHECK (wrong >= 0)
);
COMMENT ON TABLE phone_proof IS 'A code that was sent to a number somebody says is theirs. distribution key: person';

CREATE TABLE phone_use (
    key text NOT NULL,
    day date NOT NULL,
    uses integer NOT NULL CHECK (uses > 0),
    PRIMARY KEY (key, day)
);
COMMENT ON TABLE phone_use IS
    'Codes sent and numbers looked up, by person and by number, a day. distribution key: key';

CREATE TABLE text_message (
    id uuid PRIMARY KEY,
    phone text NOT NULL,
    body text NOT NULL,
    at timestamptz NOT NULL,
    next_try_at timestamptz NOT NULL,
    tries smallint NOT NULL DEFAULT 0
);
CREATE INDEX text_message_due ON text_message (next_try_at);
COMMENT ON TABLE text_message IS 'Texts on their way to a phone, for minutes. distribution key: id';

GRANT SELECT, INSERT ON phone_key TO wufu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON phone_number, phone_proof, phone_use, text_message TO wufu_app;
