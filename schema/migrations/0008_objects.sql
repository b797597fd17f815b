-- Objects: bytes that are too large for a row. The bytes lie in a folder or in S3, what is known of them here.

CREATE TABLE object (
    id uuid PRIMARY KEY,
    -- One of 256 shelves that the bytes are spread over: the last byte of the id.
    shelf smallint NOT NULL CHECK (shelf BETWEEN 0 AND 255),
    owner text NOT NULL CHECK (char_length(owner) BETWEEN 1 AND 200),
    media_type text NOT NULL CHECK (char_length(media_type) BETWEEN 3 AND 100),
    size bigint NOT NULL CHECK (size >= 0),
    -- SHA-256 of each stored piece, one after the other.
    digests bytea NOT NULL CHECK (octet_length(digests) >= 32 AND octet_length(digests) % 32 = 0),
    sealed boolean NOT NULL,
    -- With the server's own key it makes the object's key; gone as soon as the object is dropped.
    seed bytea CHECK (octet_length(seed) = 32),
    kept_at timestamptz NOT NULL,
    dies_at timestamptz,
    dropped_at timestamptz,
    lost_at timestamptz,
    CHECK ((sealed AND dropped_at IS NULL) = (seed IS NOT NULL))
);
CREATE INDEX object_shelf ON object (shelf, id);
CREATE INDEX object_owner ON object (owner);
CREATE INDEX object_dies ON object (dies_at) WHERE dropped_at IS NULL AND dies_at IS NOT NULL;
CREATE INDEX object_dropped ON object (dropped_at, id) WHERE dropped_at IS NOT NULL;
COMMENT ON TABLE object IS
    'What lies in the object store: whose it is, its digests, when it dies. distribution key: id';

CREATE TABLE object_sweep (
    name text PRIMARY KEY CHECK (name IN ('dead', 'dropped')),
    until timestamptz NOT NULL
);
COMMENT ON TABLE object_sweep IS
    'Up to when everything dead was dropped, and everything dropped was erased. reference table';

GRANT SELECT, INSERT, UPDATE, DELETE ON object TO wufu_app;
GRANT SELECT, INSERT, UPDATE ON object_sweep TO wufu_app;
