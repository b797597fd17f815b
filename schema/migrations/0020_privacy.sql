-- Who asked to leave, when that happens, and how far it is.

CREATE TABLE leaving (
    person bigint PRIMARY KEY,
    asked_at timestamptz NOT NULL,
    leaves_at timestamptz NOT NULL CHECK (leaves_at >= asked_at),
    closed_at timestamptz,
    step smallint NOT NULL DEFAULT 0 CHECK (step >= 0),
    done_at timestamptz,
    CHECK (closed_at IS NOT NULL OR step = 0 AND done_at IS NULL)
);
CREATE INDEX leaving_due ON leaving (leaves_at) WHERE done_at IS NULL;
COMMENT ON TABLE leaving IS
    'Accounts on their way out: asked for, closed, and emptied step by step. distribution key: person';

GRANT SELECT, INSERT, UPDATE, DELETE ON leaving TO wufu_app;

-- What an account's end takes away, and the application could not so far.
CREATE INDEX wallet_transfer_note ON wallet_transfer (person, group_id) WHERE note <> '';
GRANT UPDATE (note) ON wallet_transfer TO wufu_app;
GRANT DELETE ON wallet_person, packet_ask, packet_sending, packet_try, packet_person, photo_person,
    tie_former, tie_person, tie_list, tie_group_member, inbox_head, chat_person, push_person TO wufu_app;
GRANT UPDATE (message) ON packet TO wufu_app;
