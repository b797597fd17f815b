-- Campaigns: rounds of draws, cards that travel between friends, a pool that is split.

CREATE TABLE campaign (
    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    title text NOT NULL,
    title_en text NOT NULL,
    template text NOT NULL,
    spec jsonb NOT NULL,
    state text NOT NULL CHECK (state IN
        ('draft', 'announced', 'running', 'settling', 'settled', 'cancelling', 'cancelled')),
    sponsor text NOT NULL,
    opens_at timestamptz NOT NULL,
    settles_at timestamptz NOT NULL CHECK (settles_at > opens_at),
    -- The campaign's clock: at the real instant clock_from it showed clock_at, and it
    -- runs clock_speed campaign seconds a real second (0: moved by hand only).
    clock_at timestamptz NOT NULL,
    clock_from timestamptz NOT NULL,
    clock_speed double precision NOT NULL CHECK (clock_speed >= 0),
    announced_at timestamptz,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE campaign IS 'A campaign, its rules and its clock. reference table';

CREATE TABLE campaign_round (
    campaign text NOT NULL REFERENCES campaign (id),
    number int NOT NULL CHECK (number >= 0),
    state text NOT NULL CHECK (state IN ('planned', 'open', 'paused', 'closed')),
    spec jsonb NOT NULL,
    spec_hash bytea NOT NULL CHECK (length(spec_hash) = 32),
    commitment bytea NOT NULL CHECK (length(commitment) = 32),
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL CHECK (closes_at > opens_at),
    paused_at timestamptz,
    seeds_root bytea CHECK (length(seeds_root) = 32),
    players bigint,
    beacon_value bytea,
    secret bytea CHECK (length(secret) = 32),
    PRIMARY KEY (campaign, number),
    CHECK (secret IS NULL OR state = 'closed'),
    CHECK (state = 'planned' OR seeds_root IS NOT NULL AND players IS NOT NULL)
);
COMMENT ON TABLE campaign_round IS
    'A round and what is published of it; `secret` only once it closed. Round 0 draws the cards for new friends. reference table';

CREATE TABLE round_secret (
    campaign text NOT NULL,
    number int NOT NULL,
    secret bytea NOT NULL CHECK (length(secret) = 32),
    PRIMARY KEY (campaign, number)
);
COMMENT ON TABLE round_secret IS
    'The secret behind a round''s commitment; never leaves the server before the round closed. reference table';

CREATE TABLE campaign_count (
    campaign text PRIMARY KEY REFERENCES campaign (id),
    players bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE campaign_count IS 'How many players have a number. reference table';

CREATE TABLE player (
    person bigint NOT NULL,
    campaign text NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    seed bytea NOT NULL CHECK (length(seed) = 32),
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (person, campaign)
);
CREATE INDEX player_number ON player (campaign, number);
COMMENT ON TABLE player IS
    'Who plays, under which number and with which seed. distribution key: person';

CREATE TABLE tapping (
    person bigint NOT NULL,
    campaign text NOT NULL,
    round int NOT NULL,
    next bigint NOT NULL CHECK (next >= 0),
    tokens_milli bigint NOT NULL,
    tokens_at timestamptz NOT NULL,
    last_first bigint NOT NULL,
    last_answer jsonb,
    PRIMARY KEY (person, campaign, round)
) WITH (fillfactor = 60);
COMMENT ON TABLE tapping IS
    'How far a player has tapped in a round, the token bucket, and the last answer for a repeat. distribution key: person';

CREATE TABLE win (
    person bigint NOT NULL,
    campaign text NOT NULL,
    round int NOT NULL,
    tap bigint NOT NULL,
    prize text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('card', 'cash', 'sold out')),
    minor bigint CHECK (minor > 0),
    at timestamptz NOT NULL,
    PRIMARY KEY (person, campaign, round, tap),
    CHECK ((outcome = 'cash') <= (minor IS NOT NULL))
);
COMMENT ON TABLE win IS 'Each tap that hit a prize, and what came of it. distribution key: person';

CREATE TABLE stock (
    campaign text NOT NULL,
    prize text NOT NULL,
    released bigint NOT NULL CHECK (released >= 0),
    PRIMARY KEY (campaign, prize)
);
COMMENT ON TABLE stock IS
    'How much of a limited prize has been put in stock so far, by its schedule. reference table';

CREATE TABLE cash_packet (
    person bigint NOT NULL,
    id uuid NOT NULL,
    campaign text NOT NULL,
    round int NOT NULL,
    tap bigint NOT NULL,
    minor bigint NOT NULL CHECK (minor > 0),
    passed_to bigint,
    passed_at timestamptz,
    returned_at timestamptz,
    PRIMARY KEY (person, id),
    CHECK (passed_to IS NULL OR returned_at IS NULL)
);
CREATE INDEX cash_packet_waiting ON cash_packet (campaign, id)
    WHERE passed_to IS NULL AND returned_at IS NULL;
COMMENT ON TABLE cash_packet IS
    'A cash win and the equal packet its winner may pass to one friend. distribution key: person';

CREATE TABLE gift (
    id uuid PRIMARY KEY,
    campaign text NOT NULL,
    giver bigint NOT NULL,
    receiver bigint NOT NULL CHECK (receiver <> giver),
    card text NOT NULL,
    request uuid,
    at timestamptz NOT NULL
);
COMMENT ON TABLE gift IS 'A card given to a friend. distribution key: id';

CREATE TABLE card_request (
    id uuid PRIMARY KEY,
    campaign text NOT NULL,
    person bigint NOT NULL,
    card text NOT NULL,
    asked_of bigint CHECK (asked_of <> person),
    state text NOT NULL CHECK (state IN ('open', 'given', 'withdrawn')),
    gift uuid,
    at timestamptz NOT NULL,
    CHECK ((state = 'given') = (gift IS NOT NULL))
);
CREATE INDEX card_request_of ON card_request (person, campaign);
CREATE INDEX card_request_to ON card_request (asked_of, campaign) WHERE asked_of IS NOT NULL;
COMMENT ON TABLE card_request IS 'A wish for a card; its text token travels anywhere. distribution key: id';

CREATE TABLE swap (
    id uuid PRIMARY KEY,
    campaign text NOT NULL,
    proposer bigint NOT NULL,
    partner bigint NOT NULL CHECK (partner <> proposer),
    gives text NOT NULL,
    wants text NOT NULL CHECK (wants <> gives),
    state text NOT NULL CHECK (state IN ('offered', 'done', 'refused', 'withdrawn', 'gone')),
    at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK ((state = 'offered') = (ended_at IS NULL))
);
CREATE INDEX swap_by_proposer ON swap (proposer, campaign);
CREATE INDEX swap_by_partner ON swap (partner, campaign);
COMMENT ON TABLE swap IS 'An offer of one card for another between friends. distribution key: id';

CREATE TABLE new_friend (
    person bigint NOT NULL,
    campaign text NOT NULL,
    friend bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (person, campaign, friend)
);
COMMENT ON TABLE new_friend IS
    'Friends made for the first time since the campaign was announced. distribution key: person';

CREATE TABLE friend_reward (
    person bigint NOT NULL,
    campaign text NOT NULL,
    cards text[] NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (person, campaign)
);
COMMENT ON TABLE friend_reward IS 'The cards given once for new friends. distribution key: person';

CREATE TABLE settlement (
    campaign text PRIMARY KEY REFERENCES campaign (id),
    pool_minor bigint NOT NULL CHECK (pool_minor >= 0),
    winners bigint NOT NULL CHECK (winners >= 0),
    each_minor bigint NOT NULL CHECK (each_minor >= 0),
    remainder_minor bigint NOT NULL CHECK (remainder_minor >= 0),
    winners_root bytea NOT NULL CHECK (length(winners_root) = 32),
    paid_through bigint NOT NULL DEFAULT 0,
    frozen_at timestamptz NOT NULL,
    finished_at timestamptz,
    CHECK (each_minor * winners + remainder_minor = pool_minor),
    CHECK (paid_through <= winners)
);
COMMENT ON TABLE settlement IS 'How the pool was split, and how far it is paid out. reference table';

CREATE TABLE settlement_winner (
    person bigint NOT NULL,
    campaign text NOT NULL,
    place bigint NOT NULL CHECK (place > 0),
    number bigint NOT NULL,
    PRIMARY KEY (person, campaign)
);
CREATE INDEX settlement_winner_place ON settlement_winner (campaign, place);
COMMENT ON TABLE settlement_winner IS
    'Who held the full set at settlement, in order of player number. distribution key: person';

GRANT SELECT, INSERT, UPDATE ON
    campaign, campaign_round, campaign_count, tapping, stock, cash_packet, card_request, swap, settlement
    TO wufu_app;
-- What happened stays as it happened.
GRANT SELECT, INSERT ON round_secret, player, win, gift, new_friend, friend_reward, settlement_winner
    TO wufu_app;
