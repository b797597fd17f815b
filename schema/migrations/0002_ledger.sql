-- The ledger: who holds what, what moved, what is held back, and the sealed chain over it.

CREATE TABLE account (
    id uuid PRIMARY KEY,
    holder text NOT NULL,
    purpose text NOT NULL,
    asset text NOT NULL,
    may_overdraw boolean NOT NULL,
    debits bigint NOT NULL DEFAULT 0,
    credits bigint NOT NULL DEFAULT 0,
    closed_at timestamptz,
    -- One constraint, because all of them are evaluated at every change of a counter.
    CONSTRAINT account_is_sound CHECK (
        CASE WHEN may_overdraw THEN debits = 0 AND credits = 0 AND closed_at IS NULL
             WHEN closed_at IS NULL THEN 0 <= debits AND debits <= credits
             ELSE 0 <= debits AND debits = credits END
    )
-- Half of a page stays free, so that a counter's new version fits beside the old one (a HOT update):
-- no index is touched. For the same reason no index may name debits or credits.
) WITH (fillfactor = 50);
COMMENT ON TABLE account IS
    'A holder''s amount of one asset for one purpose, as two growing counters; the id is the hash of the three names. distribution key: id';

-- Few distinct keys, so it stays small: who holds a set of cards is asked by asset.
CREATE INDEX account_by_asset ON account (asset, purpose);

CREATE TABLE transfer (
    group_id uuid NOT NULL,
    ordinal smallint NOT NULL CHECK (ordinal >= 0),
    -- No cache: a number handed out must never be lower than one already sealed.
    seq bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) NOT NULL,
    source uuid NOT NULL,
    target uuid NOT NULL,
    minor bigint NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (group_id, ordinal),
    CONSTRAINT transfer_moves_something CHECK (minor > 0 AND source <> target)
);
COMMENT ON TABLE transfer IS
    'One amount moved from one account to another; append only. distribution key: group_id';

CREATE INDEX transfer_by_seq ON transfer (seq);
CREATE INDEX transfer_by_source ON transfer (source, seq);
CREATE INDEX transfer_by_target ON transfer (target, seq);

CREATE TABLE hold (
    id uuid PRIMARY KEY,
    source uuid NOT NULL,
    source_holder text NOT NULL,
    source_purpose text NOT NULL,
    source_may_overdraw boolean NOT NULL,
    target_holder text NOT NULL,
    target_purpose text NOT NULL,
    target_may_overdraw boolean NOT NULL,
    asset text NOT NULL,
    minor bigint NOT NULL CHECK (minor > 0),
    placed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text NOT NULL DEFAULT 'placed' CHECK (outcome IN ('placed', 'posted', 'voided', 'expired')),
    posted_minor bigint NOT NULL DEFAULT 0 CHECK (posted_minor BETWEEN 0 AND minor),
    CHECK ((ended_at IS NULL) = (outcome = 'placed')),
    CHECK ((posted_minor > 0) = (outcome = 'posted'))
);
COMMENT ON TABLE hold IS
    'An amount set aside for a target until it is posted, voided or expires. distribution key: id';
CREATE INDEX hold_open_by_expiry ON hold (expires_at) WHERE ended_at IS NULL;
CREATE INDEX hold_open_by_source ON hold (source) WHERE ended_at IS NULL;

CREATE TABLE seal_block (
    number bigint PRIMARY KEY CHECK (number > 0),
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    rows int NOT NULL,
    seqs bigint[] NOT NULL,
    digests bytea NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    sealed_at timestamptz NOT NULL,
    CHECK (first_seq <= last_seq),
    CHECK (cardinality(seqs) = rows AND length(digests) = 32 * rows)
);
COMMENT ON TABLE seal_block IS
    'The transfers of one range of seq, digest by digest, chained to the block before; append only. distribution key: number';
-- Hashes do not compress; trying costs more than the whole sealing.
ALTER TABLE seal_block ALTER COLUMN digests SET STORAGE EXTERNAL, ALTER COLUMN seqs SET STORAGE EXTERNAL;

-- Names and amounts that were written once are not the application's to change.
GRANT SELECT, INSERT, UPDATE (debits, credits, closed_at) ON account TO wufu_app;
GRANT SELECT, INSERT ON transfer TO wufu_app;
GRANT SELECT ON SEQUENCE transfer_seq_seq TO wufu_app;
GRANT SELECT, INSERT, UPDATE (ended_at, outcome, posted_minor) ON hold TO wufu_app;
GRANT SELECT, INSERT ON seal_block TO wufu_app;
