CREATE TABLE public.account (
    id uuid NOT NULL,
    holder text NOT NULL,
    purpose text NOT NULL,
    asset text NOT NULL,
    may_overdraw boolean NOT NULL,
    debits bigint DEFAULT 0 NOT NULL,
    credits bigint DEFAULT 0 NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT account_is_sound CHECK (
CASE
    WHEN may_overdraw THEN ((debits = 0) AND (credits = 0) AND (closed_at IS NULL))
    WHEN (closed_at IS NULL) THEN ((0 <= debits) AND (debits <= credits))
    ELSE ((0 <= debits) AND (debits = credits))
END)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.account IS 'A holder''s amount of one asset for one purpose, as two growing counters; the id is the hash of the three names. distribution key: id';
CREATE TABLE public.bank_key (
    bank text NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT bank_key_key_check CHECK ((octet_length(key) = 32))
);
COMMENT ON TABLE public.bank_key IS 'The key the sandbox bank and the wallet share. reference table';
CREATE TABLE public.bank_order (
    reference text NOT NULL,
    kind text NOT NULL,
    minor bigint NOT NULL,
    state text NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    notified_at timestamp with time zone,
    tries integer NOT NULL,
    next_try_at timestamp with time zone NOT NULL,
    CONSTRAINT bank_order_check CHECK (((state = 'accepted'::text) = (ended_at IS NULL))),
    CONSTRAINT bank_order_kind_check CHECK ((kind = ANY (ARRAY['top_up'::text, 'withdrawal'::text]))),
    CONSTRAINT bank_order_minor_check CHECK ((minor > 0)),
    CONSTRAINT bank_order_reference_check CHECK (((char_length(reference) >= 1) AND (char_length(reference) <= 80))),
    CONSTRAINT bank_order_state_check CHECK ((state = ANY (ARRAY['accepted'::text, 'confirmed'::text, 'failed'::text])))
);
COMMENT ON TABLE public.bank_order IS 'The sandbox bank''s own book. distribution key: reference';
CREATE TABLE public.campaign (
    id text NOT NULL,
    title text NOT NULL,
    title_en text NOT NULL,
    template text NOT NULL,
    spec jsonb NOT NULL,
    state text NOT NULL,
    sponsor text NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    settles_at timestamp with time zone NOT NULL,
    clock_at timestamp with time zone NOT NULL,
    clock_from timestamp with time zone NOT NULL,
    clock_speed double precision NOT NULL,
    announced_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT campaign_check CHECK ((settles_at > opens_at)),
    CONSTRAINT campaign_clock_speed_check CHECK ((clock_speed >= (0)::double precision)),
    CONSTRAINT campaign_id_check CHECK ((id ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text)),
    CONSTRAINT campaign_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'announced'::text, 'running'::text, 'settling'::text, 'settled'::text, 'cancelling'::text, 'cancelled'::text])))
);
COMMENT ON TABLE public.campaign IS 'A campaign, its rules and its clock. reference table';
CREATE TABLE public.campaign_count (
    campaign text NOT NULL,
    players bigint DEFAULT 0 NOT NULL
);
COMMENT ON TABLE public.campaign_count IS 'How many players have a number. reference table';
CREATE TABLE public.campaign_round (
    campaign text NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    spec jsonb NOT NULL,
    spec_hash bytea NOT NULL,
    commitment bytea NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    paused_at timestamp with time zone,
    seeds_root bytea,
    players bigint,
    beacon_value bytea,
    secret bytea,
    CONSTRAINT campaign_round_check CHECK ((closes_at > opens_at)),
    CONSTRAINT campaign_round_check1 CHECK (((secret IS NULL) OR (state = 'closed'::text))),
    CONSTRAINT campaign_round_check2 CHECK (((state = 'planned'::text) OR ((seeds_root IS NOT NULL) AND (players IS NOT NULL)))),
    CONSTRAINT campaign_round_commitment_check CHECK ((length(commitment) = 32)),
    CONSTRAINT campaign_round_number_check CHECK ((number >= 0)),
    CONSTRAINT campaign_round_secret_check CHECK ((length(secret) = 32)),
    CONSTRAINT campaign_round_seeds_root_check CHECK ((length(seeds_root) = 32)),
    CONSTRAINT campaign_round_spec_hash_check CHECK ((length(spec_hash) = 32)),
    CONSTRAINT campaign_round_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'open'::text, 'paused'::text, 'closed'::text])))
);
COMMENT ON TABLE public.campaign_round IS 'A round and what is published of it; `secret` only once it closed. Round 0 draws the cards for new friends. reference table';
CREATE TABLE public.card_request (
    id uuid NOT NULL,
    campaign text NOT NULL,
    person bigint NOT NULL,
    card text NOT NULL,
    asked_of bigint,
    state text NOT NULL,
    gift uuid,
    at timestamp with time zone NOT NULL,
    CONSTRAINT card_request_check CHECK ((asked_of <> person)),
    CONSTRAINT card_request_check1 CHECK (((state = 'given'::text) = (gift IS NOT NULL))),
    CONSTRAINT card_request_state_check CHECK ((state = ANY (ARRAY['open'::text, 'given'::text, 'withdrawn'::text])))
);
COMMENT ON TABLE public.card_request IS 'A wish for a card; its text token travels anywhere. distribution key: id';
CREATE TABLE public.cash_packet (
    person bigint NOT NULL,
    id uuid NOT NULL,
    campaign text NOT NULL,
    round integer NOT NULL,
    tap bigint NOT NULL,
    minor bigint NOT NULL,
    passed_to bigint,
    passed_at timestamp with time zone,
    returned_at timestamp with time zone,
    CONSTRAINT cash_packet_check CHECK (((passed_to IS NULL) OR (returned_at IS NULL))),
    CONSTRAINT cash_packet_minor_check CHECK ((minor > 0))
);
COMMENT ON TABLE public.cash_packet IS 'A cash win and the equal packet its winner may pass to one friend. distribution key: person';
CREATE TABLE public.claim_offer (
    person bigint NOT NULL,
    code_hash bytea NOT NULL,
    offered_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT claim_offer_code_hash_check CHECK ((octet_length(code_hash) = 32))
);
COMMENT ON TABLE public.claim_offer IS 'One-time codes by which imported people claim their account. distribution key: person';
CREATE TABLE public.friend_reward (
    person bigint NOT NULL,
    campaign text NOT NULL,
    cards text[] NOT NULL,
    at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.friend_reward IS 'The cards given once for new friends. distribution key: person';
CREATE TABLE public.gift (
    id uuid NOT NULL,
    campaign text NOT NULL,
    giver bigint NOT NULL,
    receiver bigint NOT NULL,
    card text NOT NULL,
    request uuid,
    at timestamp with time zone NOT NULL,
    CONSTRAINT gift_check CHECK ((receiver <> giver))
);
COMMENT ON TABLE public.gift IS 'A card given to a friend. distribution key: id';
CREATE TABLE public.hold (
    id uuid NOT NULL,
    source uuid NOT NULL,
    source_holder text NOT NULL,
    source_purpose text NOT NULL,
    source_may_overdraw boolean NOT NULL,
    target_holder text NOT NULL,
    target_purpose text NOT NULL,
    target_may_overdraw boolean NOT NULL,
    asset text NOT NULL,
    minor bigint NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    outcome text DEFAULT 'placed'::text NOT NULL,
    posted_minor bigint DEFAULT 0 NOT NULL,
    CONSTRAINT hold_check CHECK (((posted_minor >= 0) AND (posted_minor <= minor))),
    CONSTRAINT hold_check1 CHECK (((ended_at IS NULL) = (outcome = 'placed'::text))),
    CONSTRAINT hold_check2 CHECK (((posted_minor > 0) = (outcome = 'posted'::text))),
    CONSTRAINT hold_minor_check CHECK ((minor > 0)),
    CONSTRAINT hold_outcome_check CHECK ((outcome = ANY (ARRAY['placed'::text, 'posted'::text, 'voided'::text, 'expired'::text])))
);
COMMENT ON TABLE public.hold IS 'An amount set aside for a target until it is posted, voided or expires. distribution key: id';
CREATE TABLE public.inbox (
    person bigint NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT inbox_number_check CHECK ((number > 0))
);
COMMENT ON TABLE public.inbox IS 'The facts pushed to a person''s phones, numbered without holes. distribution key: person';
CREATE TABLE public.inbox_head (
    person bigint NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT inbox_head_number_check CHECK ((number >= 0))
);
COMMENT ON TABLE public.inbox_head IS 'The number of each person''s newest fact. distribution key: person';
CREATE TABLE public.job (
    name text NOT NULL,
    ran_at timestamp with time zone NOT NULL,
    took_seconds double precision NOT NULL,
    failure text
);
COMMENT ON TABLE public.job IS 'When each clock job last ran, and how it ended. reference table';
CREATE TABLE public.login (
    login text NOT NULL,
    person bigint NOT NULL,
    CONSTRAINT login_login_check CHECK ((login = lower(login)))
);
COMMENT ON TABLE public.login IS 'Whose a login is; its key is what makes it unique. distribution key: login';
CREATE TABLE public.migration (
    number integer NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
COMMENT ON TABLE public.migration IS 'The schema files applied so far. reference table';
CREATE TABLE public.new_friend (
    person bigint NOT NULL,
    campaign text NOT NULL,
    friend bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.new_friend IS 'Friends made for the first time since the campaign was announced. distribution key: person';
CREATE TABLE public.outbox (
    id bigint NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    audience bigint[] NOT NULL,
    at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.outbox IS 'Announced facts that the relay has not carried on yet; short-lived. distribution key: id';
ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.password (
    person bigint NOT NULL,
    login text NOT NULL,
    hash text NOT NULL,
    changed_at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.password IS 'Argon2id hashes of passwords. distribution key: person';
CREATE TABLE public.person (
    id bigint NOT NULL,
    name text NOT NULL,
    avatar smallint NOT NULL,
    line text NOT NULL,
    origin text NOT NULL,
    language text NOT NULL,
    findable boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT person_avatar_check CHECK (((avatar >= 0) AND (avatar <= 63))),
    CONSTRAINT person_language_check CHECK ((language = ANY (ARRAY['zh'::text, 'en'::text]))),
    CONSTRAINT person_line_check CHECK ((char_length(line) <= 60)),
    CONSTRAINT person_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 24))),
    CONSTRAINT person_origin_check CHECK ((origin = ANY (ARRAY['registered'::text, 'imported'::text, 'persona'::text])))
);
COMMENT ON TABLE public.person IS 'A human being, or a demo''s invented one. distribution key: id';
CREATE TABLE public.person_external (
    external text NOT NULL,
    person bigint NOT NULL,
    CONSTRAINT person_external_external_check CHECK (((char_length(external) >= 1) AND (char_length(external) <= 200)))
);
COMMENT ON TABLE public.person_external IS 'What an imported person is called where they came from. distribution key: external';
ALTER TABLE public.person ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.person_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.pin (
    person bigint NOT NULL,
    hash text NOT NULL,
    wrong smallint NOT NULL,
    lockouts integer NOT NULL,
    locked_until timestamp with time zone,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT pin_lockouts_check CHECK ((lockouts >= 0)),
    CONSTRAINT pin_wrong_check CHECK (((wrong >= 0) AND (wrong <= 4)))
);
COMMENT ON TABLE public.pin IS 'Payment PINs, wrong tries since the last right one, and the lock. distribution key: person';
CREATE TABLE public.player (
    person bigint NOT NULL,
    campaign text NOT NULL,
    number bigint NOT NULL,
    seed bytea NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    CONSTRAINT player_number_check CHECK ((number > 0)),
    CONSTRAINT player_seed_check CHECK ((length(seed) = 32))
);
COMMENT ON TABLE public.player IS 'Who plays, under which number and with which seed. distribution key: person';
CREATE TABLE public.round_secret (
    campaign text NOT NULL,
    number integer NOT NULL,
    secret bytea NOT NULL,
    CONSTRAINT round_secret_secret_check CHECK ((length(secret) = 32))
);
COMMENT ON TABLE public.round_secret IS 'The secret behind a round''s commitment; never leaves the server before the round closed. reference table';
CREATE TABLE public.seal_block (
    number bigint NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    rows integer NOT NULL,
    seqs bigint[] NOT NULL,
    digests bytea NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    CONSTRAINT seal_block_check CHECK ((first_seq <= last_seq)),
    CONSTRAINT seal_block_check1 CHECK (((cardinality(seqs) = rows) AND (length(digests) = (32 * rows)))),
    CONSTRAINT seal_block_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT seal_block_number_check CHECK ((number > 0))
);
ALTER TABLE ONLY public.seal_block ALTER COLUMN seqs SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.seal_block ALTER COLUMN digests SET STORAGE EXTERNAL;
COMMENT ON TABLE public.seal_block IS 'The transfers of one range of seq, digest by digest, chained to the block before; append only. distribution key: number';
CREATE TABLE public.session (
    person bigint NOT NULL,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    device text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT session_check CHECK (((created_at <= seen_at) AND (seen_at < expires_at))),
    CONSTRAINT session_device_check CHECK ((char_length(device) <= 60)),
    CONSTRAINT session_token_hash_check CHECK ((octet_length(token_hash) = 32))
);
COMMENT ON TABLE public.session IS 'A device that is signed in; only the hash of its token is kept. distribution key: person';
CREATE TABLE public.settlement (
    campaign text NOT NULL,
    pool_minor bigint NOT NULL,
    winners bigint NOT NULL,
    each_minor bigint NOT NULL,
    remainder_minor bigint NOT NULL,
    winners_root bytea NOT NULL,
    frozen_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT settlement_check CHECK ((((each_minor * winners) + remainder_minor) = pool_minor)),
    CONSTRAINT settlement_each_minor_check CHECK ((each_minor >= 0)),
    CONSTRAINT settlement_pool_minor_check CHECK ((pool_minor >= 0)),
    CONSTRAINT settlement_remainder_minor_check CHECK ((remainder_minor >= 0)),
    CONSTRAINT settlement_winners_check CHECK ((winners >= 0)),
    CONSTRAINT settlement_winners_root_check CHECK ((length(winners_root) = 32))
);
COMMENT ON TABLE public.settlement IS 'How the pool was split, and how far it is paid out. reference table';
CREATE TABLE public.settlement_lane (
    campaign text NOT NULL,
    lane smallint NOT NULL,
    after_place bigint NOT NULL,
    last_place bigint NOT NULL,
    paid_through bigint NOT NULL,
    CONSTRAINT settlement_lane_after_place_check CHECK ((after_place >= 0)),
    CONSTRAINT settlement_lane_check CHECK (((after_place <= paid_through) AND (paid_through <= last_place))),
    CONSTRAINT settlement_lane_lane_check CHECK ((lane >= 0))
);
COMMENT ON TABLE public.settlement_lane IS 'Stretches of winners, places after_place + 1 to last_place, and how far each is paid. reference table';
CREATE TABLE public.settlement_winner (
    person bigint NOT NULL,
    campaign text NOT NULL,
    place bigint NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT settlement_winner_place_check CHECK ((place > 0))
);
COMMENT ON TABLE public.settlement_winner IS 'Who held the full set at settlement, in order of player number. distribution key: person';
CREATE TABLE public.sign_in_try (
    key text NOT NULL,
    wrong integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    wait_until timestamp with time zone NOT NULL,
    CONSTRAINT sign_in_try_wrong_check CHECK ((wrong > 0))
);
COMMENT ON TABLE public.sign_in_try IS 'Wrong sign-ins by login, by person and by network address, until an hour after the last. distribution key: key';
CREATE TABLE public.stock (
    campaign text NOT NULL,
    prize text NOT NULL,
    released bigint NOT NULL,
    CONSTRAINT stock_released_check CHECK ((released >= 0))
);
COMMENT ON TABLE public.stock IS 'How much of a limited prize has been put in stock so far, by its schedule. reference table';
CREATE TABLE public.swap (
    id uuid NOT NULL,
    campaign text NOT NULL,
    proposer bigint NOT NULL,
    partner bigint NOT NULL,
    gives text NOT NULL,
    wants text NOT NULL,
    state text NOT NULL,
    at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT swap_check CHECK ((partner <> proposer)),
    CONSTRAINT swap_check1 CHECK ((wants <> gives)),
    CONSTRAINT swap_check2 CHECK (((state = 'offered'::text) = (ended_at IS NULL))),
    CONSTRAINT swap_state_check CHECK ((state = ANY (ARRAY['offered'::text, 'done'::text, 'refused'::text, 'withdrawn'::text, 'gone'::text])))
);
COMMENT ON TABLE public.swap IS 'An offer of one card for another between friends. distribution key: id';
CREATE TABLE public.tapping (
    person bigint NOT NULL,
    campaign text NOT NULL,
    round integer NOT NULL,
    next bigint NOT NULL,
    tokens_milli bigint NOT NULL,
    tokens_at timestamp with time zone NOT NULL,
    last_first bigint NOT NULL,
    last_answer jsonb,
    CONSTRAINT tapping_next_check CHECK ((next >= 0))
)
WITH (fillfactor='60');
COMMENT ON TABLE public.tapping IS 'How far a player has tapped in a round, the token bucket, and the last answer for a repeat. distribution key: person';
CREATE TABLE public.tie (
    person bigint NOT NULL,
    friend bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    cause text NOT NULL,
    CONSTRAINT tie_cause_check CHECK ((cause = ANY (ARRAY['asked'::text, 'imported'::text]))),
    CONSTRAINT tie_check CHECK ((person <> friend))
);
COMMENT ON TABLE public.tie IS 'One direction of a friendship; the other direction is a row too. distribution key: person';
CREATE TABLE public.tie_ask (
    asker bigint NOT NULL,
    asked bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    refused_at timestamp with time zone,
    CONSTRAINT tie_ask_check CHECK ((asked <> asker))
);
COMMENT ON TABLE public.tie_ask IS 'What the asker sees of a request: it looks open also when refused or blocked. distribution key: asker';
CREATE TABLE public.tie_block (
    person bigint NOT NULL,
    blocked bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT tie_block_check CHECK ((person <> blocked))
);
COMMENT ON TABLE public.tie_block IS 'Whom a person does not want to hear from. distribution key: person';
CREATE TABLE public.tie_former (
    person bigint NOT NULL,
    friend bigint NOT NULL,
    parted_at timestamp with time zone NOT NULL,
    CONSTRAINT tie_former_check CHECK ((person <> friend))
);
COMMENT ON TABLE public.tie_former IS 'Who were friends once and parted, so that making it up again is no new tie. distribution key: person';
CREATE TABLE public.tie_person (
    person bigint NOT NULL,
    friends integer NOT NULL,
    asks_on date NOT NULL,
    asks integer NOT NULL,
    CONSTRAINT tie_person_asks_check CHECK ((asks >= 0)),
    CONSTRAINT tie_person_friends_check CHECK (((friends >= 0) AND (friends <= 5000)))
);
COMMENT ON TABLE public.tie_person IS 'Counters of a person''s ties, and the row every change of them locks. distribution key: person';
CREATE TABLE public.tie_request (
    asked bigint NOT NULL,
    asker bigint NOT NULL,
    cause text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT tie_request_cause_check CHECK ((cause = ANY (ARRAY['asked'::text, 'imported'::text]))),
    CONSTRAINT tie_request_check CHECK ((asked <> asker))
);
COMMENT ON TABLE public.tie_request IS 'What waits for an answer by the one asked; hidden once refused. distribution key: asked';
CREATE TABLE public.transfer (
    group_id uuid NOT NULL,
    ordinal smallint NOT NULL,
    seq bigint NOT NULL,
    source uuid NOT NULL,
    target uuid NOT NULL,
    minor bigint NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT transfer_moves_something CHECK (((minor > 0) AND (source <> target))),
    CONSTRAINT transfer_ordinal_check CHECK ((ordinal >= 0))
);
COMMENT ON TABLE public.transfer IS 'One amount moved from one account to another; append only. distribution key: group_id';
ALTER TABLE public.transfer ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.transfer_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallet_limit (
    name text NOT NULL,
    minor bigint NOT NULL,
    CONSTRAINT wallet_limit_minor_check CHECK ((minor > 0)),
    CONSTRAINT wallet_limit_name_check CHECK ((name = ANY (ARRAY['transfer'::text, 'transfer_day'::text, 'top_up'::text, 'withdrawal'::text, 'withdrawal_day'::text])))
);
COMMENT ON TABLE public.wallet_limit IS 'The most that may be moved at once or in a day, in fen. reference table';
CREATE TABLE public.wallet_order (
    person bigint NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    minor bigint NOT NULL,
    state text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    next_look_at timestamp with time zone NOT NULL,
    looks integer NOT NULL,
    ledger_id uuid NOT NULL,
    CONSTRAINT wallet_order_check CHECK (((state = 'asked'::text) = (ended_at IS NULL))),
    CONSTRAINT wallet_order_kind_check CHECK ((kind = ANY (ARRAY['top_up'::text, 'withdrawal'::text]))),
    CONSTRAINT wallet_order_minor_check CHECK ((minor > 0)),
    CONSTRAINT wallet_order_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'confirmed'::text, 'failed'::text])))
);
COMMENT ON TABLE public.wallet_order IS 'Money a person asked to bring in or take out, and what the bank made of it. distribution key: person';
CREATE TABLE public.wallet_person (
    person bigint NOT NULL,
    day date NOT NULL,
    sent_minor bigint NOT NULL,
    withdrawn_minor bigint NOT NULL,
    CONSTRAINT wallet_person_sent_minor_check CHECK ((sent_minor >= 0)),
    CONSTRAINT wallet_person_withdrawn_minor_check CHECK ((withdrawn_minor >= 0))
);
COMMENT ON TABLE public.wallet_person IS 'What a person sent and withdrew on their latest day; locked by whatever they do with money. distribution key: person';
CREATE TABLE public.wallet_transfer (
    person bigint NOT NULL,
    id uuid NOT NULL,
    recipient bigint NOT NULL,
    minor bigint NOT NULL,
    note text NOT NULL,
    at timestamp with time zone NOT NULL,
    group_id uuid,
    balance_minor bigint,
    refusal jsonb,
    CONSTRAINT wallet_transfer_check CHECK ((((refusal IS NULL) = (group_id IS NOT NULL)) AND ((refusal IS NULL) = (balance_minor IS NOT NULL)))),
    CONSTRAINT wallet_transfer_check1 CHECK (((refusal IS NOT NULL) OR ((minor > 0) AND (person <> recipient)))),
    CONSTRAINT wallet_transfer_note_check CHECK ((char_length(note) <= 100))
);
COMMENT ON TABLE public.wallet_transfer IS 'Money one person sent another, and what was refused, as it was answered. distribution key: person';
CREATE TABLE public.win (
    person bigint NOT NULL,
    campaign text NOT NULL,
    round integer NOT NULL,
    tap bigint NOT NULL,
    prize text NOT NULL,
    outcome text NOT NULL,
    minor bigint,
    at timestamp with time zone NOT NULL,
    CONSTRAINT win_check CHECK (((outcome = 'cash'::text) <= (minor IS NOT NULL))),
    CONSTRAINT win_minor_check CHECK ((minor > 0)),
    CONSTRAINT win_outcome_check CHECK ((outcome = ANY (ARRAY['card'::text, 'cash'::text, 'sold out'::text])))
);
COMMENT ON TABLE public.win IS 'Each tap that hit a prize, and what came of it. distribution key: person';
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.bank_key
    ADD CONSTRAINT bank_key_pkey PRIMARY KEY (bank);
ALTER TABLE ONLY public.bank_order
    ADD CONSTRAINT bank_order_pkey PRIMARY KEY (reference);
ALTER TABLE ONLY public.campaign_count
    ADD CONSTRAINT campaign_count_pkey PRIMARY KEY (campaign);
ALTER TABLE ONLY public.campaign
    ADD CONSTRAINT campaign_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.campaign_round
    ADD CONSTRAINT campaign_round_pkey PRIMARY KEY (campaign, number);
ALTER TABLE ONLY public.card_request
    ADD CONSTRAINT card_request_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.cash_packet
    ADD CONSTRAINT cash_packet_pkey PRIMARY KEY (person, id);
ALTER TABLE ONLY public.claim_offer
    ADD CONSTRAINT claim_offer_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.friend_reward
    ADD CONSTRAINT friend_reward_pkey PRIMARY KEY (person, campaign);
ALTER TABLE ONLY public.gift
    ADD CONSTRAINT gift_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inbox_head
    ADD CONSTRAINT inbox_head_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (person, number);
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.login
    ADD CONSTRAINT login_pkey PRIMARY KEY (login);
ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.new_friend
    ADD CONSTRAINT new_friend_pkey PRIMARY KEY (person, campaign, friend);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.password
    ADD CONSTRAINT password_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.person_external
    ADD CONSTRAINT person_external_pkey PRIMARY KEY (external);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.pin
    ADD CONSTRAINT pin_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.player
    ADD CONSTRAINT player_pkey PRIMARY KEY (person, campaign);
ALTER TABLE ONLY public.round_secret
    ADD CONSTRAINT round_secret_pkey PRIMARY KEY (campaign, number);
ALTER TABLE ONLY public.seal_block
    ADD CONSTRAINT seal_block_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_person_token_hash_key UNIQUE (person, token_hash);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (person, id);
ALTER TABLE ONLY public.settlement_lane
    ADD CONSTRAINT settlement_lane_pkey PRIMARY KEY (campaign, lane);
ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT settlement_pkey PRIMARY KEY (campaign);
ALTER TABLE ONLY public.settlement_winner
    ADD CONSTRAINT settlement_winner_pkey PRIMARY KEY (person, campaign);
ALTER TABLE ONLY public.sign_in_try
    ADD CONSTRAINT sign_in_try_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.stock
    ADD CONSTRAINT stock_pkey PRIMARY KEY (campaign, prize);
ALTER TABLE ONLY public.swap
    ADD CONSTRAINT swap_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tapping
    ADD CONSTRAINT tapping_pkey PRIMARY KEY (person, campaign, round);
ALTER TABLE ONLY public.tie_ask
    ADD CONSTRAINT tie_ask_pkey PRIMARY KEY (asker, asked);
ALTER TABLE ONLY public.tie_block
    ADD CONSTRAINT tie_block_pkey PRIMARY KEY (person, blocked);
ALTER TABLE ONLY public.tie_former
    ADD CONSTRAINT tie_former_pkey PRIMARY KEY (person, friend);
ALTER TABLE ONLY public.tie_person
    ADD CONSTRAINT tie_person_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.tie
    ADD CONSTRAINT tie_pkey PRIMARY KEY (person, friend);
ALTER TABLE ONLY public.tie_request
    ADD CONSTRAINT tie_request_pkey PRIMARY KEY (asked, asker);
ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT transfer_pkey PRIMARY KEY (group_id, ordinal);
ALTER TABLE ONLY public.wallet_limit
    ADD CONSTRAINT wallet_limit_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.wallet_order
    ADD CONSTRAINT wallet_order_pkey PRIMARY KEY (person, id);
ALTER TABLE ONLY public.wallet_person
    ADD CONSTRAINT wallet_person_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.wallet_transfer
    ADD CONSTRAINT wallet_transfer_pkey PRIMARY KEY (person, id);
ALTER TABLE ONLY public.win
    ADD CONSTRAINT win_pkey PRIMARY KEY (person, campaign, round, tap);
CREATE INDEX account_by_asset ON public.account USING btree (asset, purpose);
CREATE INDEX bank_order_due ON public.bank_order USING btree (next_try_at) WHERE (notified_at IS NULL);
CREATE INDEX card_request_of ON public.card_request USING btree (person, campaign);
CREATE INDEX card_request_to ON public.card_request USING btree (asked_of, campaign) WHERE (asked_of IS NOT NULL);
CREATE INDEX cash_packet_waiting ON public.cash_packet USING btree (campaign, id) WHERE ((passed_to IS NULL) AND (returned_at IS NULL));
CREATE INDEX hold_open_by_expiry ON public.hold USING btree (expires_at) WHERE (ended_at IS NULL);
CREATE INDEX hold_open_by_source ON public.hold USING btree (source) WHERE (ended_at IS NULL);
CREATE INDEX person_by_name ON public.person USING btree (name) WHERE findable;
CREATE INDEX person_personas ON public.person USING btree (id) WHERE (origin = 'persona'::text);
CREATE INDEX player_number ON public.player USING btree (campaign, number);
CREATE INDEX session_expiry ON public.session USING btree (expires_at);
CREATE INDEX settlement_winner_place ON public.settlement_winner USING btree (campaign, place);
CREATE INDEX sign_in_try_age ON public.sign_in_try USING btree (last_at);
CREATE INDEX swap_by_partner ON public.swap USING btree (partner, campaign);
CREATE INDEX swap_by_proposer ON public.swap USING btree (proposer, campaign);
CREATE INDEX transfer_by_seq ON public.transfer USING btree (seq);
CREATE INDEX transfer_by_source ON public.transfer USING btree (source, seq);
CREATE INDEX transfer_by_target ON public.transfer USING btree (target, seq);
CREATE INDEX wallet_order_open ON public.wallet_order USING btree (next_look_at) WHERE (state = 'asked'::text);
ALTER TABLE ONLY public.campaign_count
    ADD CONSTRAINT campaign_count_campaign_fkey FOREIGN KEY (campaign) REFERENCES public.campaign(id);
ALTER TABLE ONLY public.campaign_round
    ADD CONSTRAINT campaign_round_campaign_fkey FOREIGN KEY (campaign) REFERENCES public.campaign(id);
ALTER TABLE ONLY public.claim_offer
    ADD CONSTRAINT claim_offer_person_fkey FOREIGN KEY (person) REFERENCES public.person(id);
ALTER TABLE ONLY public.password
    ADD CONSTRAINT password_person_fkey FOREIGN KEY (person) REFERENCES public.person(id);
ALTER TABLE ONLY public.pin
    ADD CONSTRAINT pin_person_fkey FOREIGN KEY (person) REFERENCES public.person(id);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_person_fkey FOREIGN KEY (person) REFERENCES public.person(id);
ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT settlement_campaign_fkey FOREIGN KEY (campaign) REFERENCES public.campaign(id);
GRANT SELECT,INSERT ON TABLE public.account TO wufu_app;
GRANT UPDATE(debits) ON TABLE public.account TO wufu_app;
GRANT UPDATE(credits) ON TABLE public.account TO wufu_app;
GRANT UPDATE(closed_at) ON TABLE public.account TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.bank_key TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.bank_order TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.campaign TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.campaign_count TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.campaign_round TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.card_request TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.cash_packet TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.claim_offer TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.friend_reward TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.gift TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.hold TO wufu_app;
GRANT UPDATE(ended_at) ON TABLE public.hold TO wufu_app;
GRANT UPDATE(outcome) ON TABLE public.hold TO wufu_app;
GRANT UPDATE(posted_minor) ON TABLE public.hold TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.inbox TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.inbox_head TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.job TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.login TO wufu_app;
GRANT SELECT ON TABLE public.migration TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.new_friend TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.outbox TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.password TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.person TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.person_external TO wufu_app;
GRANT USAGE ON SEQUENCE public.person_id_seq TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.pin TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.player TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.round_secret TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.seal_block TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.session TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.settlement TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.settlement_lane TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.settlement_winner TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_try TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.stock TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.swap TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tapping TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_ask TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.tie_block TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tie_former TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tie_person TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_request TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.transfer TO wufu_app;
GRANT SELECT ON SEQUENCE public.transfer_seq_seq TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.wallet_limit TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.wallet_order TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.wallet_person TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.wallet_transfer TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.win TO wufu_app;
