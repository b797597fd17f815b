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
    CONSTRAINT card_request_state_check CHECK ((state = ANY (ARRAY['open'::text, 'given'::text, 'withdrawn'::text, 'expired'::text])))
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
CREATE TABLE public.chat_invite (
    token_hash bytea NOT NULL,
    conversation uuid NOT NULL,
    inviter bigint NOT NULL,
    uses_left integer NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT chat_invite_uses_left_check CHECK ((uses_left >= 0))
);
COMMENT ON TABLE public.chat_invite IS 'Links and codes that let people into a group. distribution key: token_hash';
CREATE TABLE public.chat_join (
    conversation uuid NOT NULL,
    person bigint NOT NULL,
    inviter bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.chat_join IS 'Who waits to be let into a group. distribution key: conversation';
CREATE TABLE public.chat_member (
    conversation uuid NOT NULL,
    person bigint NOT NULL,
    role text NOT NULL,
    joined_number bigint NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    muted_until timestamp with time zone,
    read_through bigint NOT NULL,
    read_at timestamp with time zone,
    notify text DEFAULT 'all'::text NOT NULL,
    pinned boolean DEFAULT false NOT NULL,
    hidden_through bigint DEFAULT 0 NOT NULL,
    CONSTRAINT chat_member_notify_check CHECK ((notify = ANY (ARRAY['all'::text, 'mentions'::text, 'none'::text]))),
    CONSTRAINT chat_member_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text])))
)
WITH (fillfactor='70');
COMMENT ON TABLE public.chat_member IS 'Who is in a conversation, as what, and how far they have read. distribution key: conversation';
CREATE TABLE public.chat_moderation (
    id uuid NOT NULL,
    act text NOT NULL,
    by text NOT NULL,
    why text NOT NULL,
    report uuid,
    person bigint,
    conversation uuid,
    numbers bigint[],
    until timestamp with time zone,
    at timestamp with time zone NOT NULL,
    CONSTRAINT chat_moderation_act_check CHECK ((act = ANY (ARRAY['dismiss'::text, 'take_down'::text, 'mute'::text, 'unmute'::text, 'close'::text, 'reopen'::text])))
);
COMMENT ON TABLE public.chat_moderation IS 'Everything that moderators did, in order; only ever added to. distribution key: id';
CREATE UNLOGGED TABLE public.chat_pace (
    person bigint NOT NULL,
    due_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');
COMMENT ON TABLE public.chat_pace IS 'How far ahead of their pace people have sent; may be lost in a crash. distribution key: person';
CREATE TABLE public.chat_person (
    person bigint NOT NULL,
    receipts boolean DEFAULT true NOT NULL,
    presence boolean DEFAULT true NOT NULL,
    strangers boolean DEFAULT false NOT NULL,
    groups integer DEFAULT 0 NOT NULL,
    CONSTRAINT chat_person_groups_check CHECK (((groups >= 0) AND (groups <= 500)))
);
COMMENT ON TABLE public.chat_person IS 'What a person shows of themselves in chat, and in how many groups they are. distribution key: person';
CREATE UNLOGGED TABLE public.chat_presence (
    conversation uuid NOT NULL,
    person bigint NOT NULL,
    until timestamp with time zone NOT NULL
)
WITH (fillfactor='50');
COMMENT ON TABLE public.chat_presence IS 'Who has a conversation on the screen now; may be lost in a crash. distribution key: conversation';
CREATE TABLE public.chat_read (
    conversation uuid NOT NULL,
    person bigint NOT NULL,
    through bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.chat_read IS 'When a member had read through which number, one row a minute at most. distribution key: conversation';
CREATE TABLE public.chat_report (
    id uuid NOT NULL,
    reporter bigint NOT NULL,
    conversation uuid NOT NULL,
    numbers bigint[] NOT NULL,
    reason text NOT NULL,
    note text NOT NULL,
    evidence jsonb NOT NULL,
    at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.chat_report IS 'Reports, with the messages as the reporter saw them. distribution key: reporter';
CREATE TABLE public.chat_report_media (
    reporter bigint NOT NULL,
    report uuid NOT NULL,
    media uuid NOT NULL
);
COMMENT ON TABLE public.chat_report_media IS 'Media that wait with a report for its ruling, whoever recalls them. distribution key: reporter';
CREATE TABLE public.chat_report_shown (
    reporter bigint NOT NULL,
    report uuid NOT NULL,
    number bigint NOT NULL,
    text text NOT NULL
);
COMMENT ON TABLE public.chat_report_shown IS 'What a reporter chose to show of secrets; goes with the ruling. distribution key: reporter';
CREATE TABLE public.chat_ruling (
    reporter bigint NOT NULL,
    report uuid NOT NULL,
    verdict text NOT NULL,
    by text NOT NULL,
    why text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT chat_ruling_verdict_check CHECK ((verdict = ANY (ARRAY['dismissed'::text, 'acted'::text])))
);
COMMENT ON TABLE public.chat_ruling IS 'What became of a report: one ruling each. distribution key: reporter';
CREATE TABLE public.chat_silence (
    person bigint NOT NULL,
    until timestamp with time zone,
    since timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.chat_silence IS 'Who may not write in chat, until when (without an end: until it is lifted). distribution key: person';
CREATE TABLE public.chat_talk (
    conversation uuid NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT chat_talk_number_check CHECK ((number >= 0))
)
WITH (fillfactor='70');
COMMENT ON TABLE public.chat_talk IS 'Up to which number the messages of a conversation were announced as talk. distribution key: conversation';
CREATE TABLE public.claim_offer (
    person bigint NOT NULL,
    code_hash bytea NOT NULL,
    offered_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT claim_offer_code_hash_check CHECK ((octet_length(code_hash) = 32))
);
COMMENT ON TABLE public.claim_offer IS 'One-time codes by which imported people claim their account. distribution key: person';
CREATE TABLE public.conversation (
    id uuid NOT NULL,
    kind text NOT NULL,
    low bigint,
    high bigint,
    title text NOT NULL,
    people integer NOT NULL,
    last_number bigint DEFAULT 0 NOT NULL,
    last_change bigint DEFAULT 0 NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    room text,
    room_epoch integer DEFAULT 0 NOT NULL,
    approval boolean DEFAULT false NOT NULL,
    all_muted boolean DEFAULT false NOT NULL,
    announcement text,
    announced_by bigint,
    announced_at timestamp with time zone,
    burn_seconds integer,
    asked bytea,
    created_by bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT conversation_check CHECK ((last_change >= last_number)),
    CONSTRAINT conversation_check1 CHECK (((kind = 'group'::text) = (low IS NULL))),
    CONSTRAINT conversation_check2 CHECK (((kind = 'group'::text) = (high IS NULL))),
    CONSTRAINT conversation_check3 CHECK (((kind = 'group'::text) = (room IS NOT NULL))),
    CONSTRAINT conversation_check4 CHECK (((kind <> 'direct'::text) OR (low < high))),
    CONSTRAINT conversation_check5 CHECK (((kind <> 'self'::text) OR (low = high))),
    CONSTRAINT conversation_kind_check CHECK ((kind = ANY (ARRAY['direct'::text, 'group'::text, 'self'::text]))),
    CONSTRAINT conversation_last_number_check CHECK ((last_number >= 0)),
    CONSTRAINT conversation_people_check CHECK (((people >= 0) AND (people <= 500)))
)
WITH (fillfactor='60');
COMMENT ON TABLE public.conversation IS 'Two people, a group, or notes to oneself; its row is locked to number messages. distribution key: id';
CREATE TABLE public.fact_parked (
    id bigint NOT NULL,
    listener text NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    audience bigint[] NOT NULL,
    at timestamp with time zone NOT NULL,
    state text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    parked_at timestamp with time zone NOT NULL,
    CONSTRAINT fact_parked_state_check CHECK ((state = ANY (ARRAY['failed'::text, 'waiting'::text, 'dropped'::text]))),
    CONSTRAINT fact_parked_tries_check CHECK ((tries >= 0))
);
COMMENT ON TABLE public.fact_parked IS 'Facts that one listener could not hear, or that wait behind one for the same people. distribution key: id';
CREATE TABLE public.friend_reward (
    person bigint NOT NULL,
    campaign text NOT NULL,
    cards text[] NOT NULL,
    at timestamp with time zone NOT NULL,
    first integer NOT NULL,
    CONSTRAINT friend_reward_first_check CHECK ((first >= 0))
);
COMMENT ON TABLE public.friend_reward IS 'Cards given for new friends, as draws of round 0 from `first` on. distribution key: person';
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
CREATE TABLE public.insight_fact (
    number bigint NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone NOT NULL,
    day integer NOT NULL,
    a bigint NOT NULL,
    b bigint,
    word text,
    campaign text,
    count bigint NOT NULL,
    flag boolean,
    CONSTRAINT insight_fact_count_check CHECK ((count > 0))
);
COMMENT ON TABLE public.insight_fact IS 'What is kept of facts, numbers only, until a file holds it. distribution key: number';
ALTER TABLE public.insight_fact ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.insight_fact_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.insight_file (
    path text NOT NULL,
    kind text NOT NULL,
    day integer NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    rows bigint NOT NULL,
    bytes bigint NOT NULL,
    state text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT insight_file_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT insight_file_check CHECK ((last >= first)),
    CONSTRAINT insight_file_rows_check CHECK ((rows > 0)),
    CONSTRAINT insight_file_state_check CHECK ((state = ANY (ARRAY['writing'::text, 'kept'::text, 'dropped'::text])))
);
COMMENT ON TABLE public.insight_file IS 'The files of the facts: being written, kept, or to be erased; only kept ones count. reference table';
CREATE TABLE public.insight_forgotten (
    person bigint NOT NULL,
    stand_in bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT insight_forgotten_stand_in_check CHECK ((stand_in < 0))
);
COMMENT ON TABLE public.insight_forgotten IS 'Who is being taken out of the files, and the number that stays in their place; a day. reference table';
CREATE TABLE public.insight_import (
    at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.insight_import IS 'Moments at which ties were imported that are yet to be fetched from ties. reference table';
CREATE TABLE public.insight_progress (
    what text NOT NULL,
    first bigint NOT NULL,
    second bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.insight_progress IS 'How far the export, the back-fills and the counting of generations have come. reference table';
CREATE TABLE public.job (
    name text NOT NULL,
    ran_at timestamp with time zone NOT NULL,
    took_seconds double precision NOT NULL,
    failure text
);
COMMENT ON TABLE public.job IS 'When each clock job last ran, and how it ended. reference table';
CREATE TABLE public.late_share (
    person bigint NOT NULL,
    campaign text NOT NULL,
    minor bigint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    paid_at timestamp with time zone,
    CONSTRAINT late_share_minor_check CHECK ((minor > 0))
);
COMMENT ON TABLE public.late_share IS 'What the sponsor owes to somebody whose held cards would have completed the set in time. distribution key: person';
CREATE TABLE public.law_check (
    at timestamp with time zone NOT NULL,
    took_seconds real NOT NULL,
    laws integer NOT NULL,
    broken jsonb NOT NULL
);
COMMENT ON TABLE public.law_check IS 'When all laws were checked, and those that did not hold with their first rows. reference table';
CREATE TABLE public.leaving (
    person bigint NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    leaves_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    step smallint DEFAULT 0 NOT NULL,
    done_at timestamp with time zone,
    CONSTRAINT leaving_check CHECK ((leaves_at >= asked_at)),
    CONSTRAINT leaving_check1 CHECK (((closed_at IS NOT NULL) OR ((step = 0) AND (done_at IS NULL)))),
    CONSTRAINT leaving_step_check CHECK ((step >= 0))
);
COMMENT ON TABLE public.leaving IS 'Accounts on their way out: asked for, closed, and emptied step by step. distribution key: person';
CREATE TABLE public.login (
    login text NOT NULL,
    person bigint NOT NULL,
    CONSTRAINT login_login_check CHECK ((login = lower(login)))
);
COMMENT ON TABLE public.login IS 'Whose a login is; its key is what makes it unique. distribution key: login';
CREATE TABLE public.media (
    id uuid NOT NULL,
    person bigint NOT NULL,
    kind text NOT NULL,
    media_type text NOT NULL,
    name text NOT NULL,
    bytes bigint NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    tenths integer NOT NULL,
    digest bytea NOT NULL,
    object uuid NOT NULL,
    thumb uuid,
    uses integer DEFAULT 0 NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    blur bytea,
    CONSTRAINT media_blur_check CHECK ((octet_length(blur) = 36)),
    CONSTRAINT media_bytes_check CHECK ((bytes > 0)),
    CONSTRAINT media_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT media_height_check CHECK ((height >= 0)),
    CONSTRAINT media_kind_check CHECK ((kind = ANY (ARRAY['picture'::text, 'voice'::text, 'video'::text, 'file'::text]))),
    CONSTRAINT media_name_check CHECK ((char_length(name) <= 120)),
    CONSTRAINT media_tenths_check CHECK ((tenths >= 0)),
    CONSTRAINT media_uses_check CHECK ((uses >= 0)),
    CONSTRAINT media_width_check CHECK ((width >= 0))
);
COMMENT ON TABLE public.media IS 'Uploaded pictures, voices, films and files; tenths of a second, the digest of what was uploaded. distribution key: id';
CREATE TABLE public.media_use (
    media uuid NOT NULL,
    conversation uuid NOT NULL,
    message uuid NOT NULL
);
COMMENT ON TABLE public.media_use IS 'Which messages show which media. distribution key: media';
CREATE TABLE public.message (
    conversation uuid NOT NULL,
    number bigint NOT NULL,
    change bigint NOT NULL,
    id uuid NOT NULL,
    sender bigint NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    reply_to bigint,
    mentions bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    edited_at timestamp with time zone,
    recalled_by bigint,
    reactions jsonb,
    asked bytea,
    CONSTRAINT message_change_check CHECK ((change > 0)),
    CONSTRAINT message_number_check CHECK ((number > 0))
);
COMMENT ON TABLE public.message IS 'What was said; asked is the fingerprint of the request, for repeats. distribution key: conversation';
CREATE TABLE public.message_mention (
    conversation uuid NOT NULL,
    person bigint NOT NULL,
    number bigint NOT NULL
);
COMMENT ON TABLE public.message_mention IS 'Whom a message mentions; person 0 is everyone. distribution key: conversation';
CREATE TABLE public.message_words (
    conversation uuid NOT NULL,
    number bigint NOT NULL,
    words tsvector NOT NULL
);
COMMENT ON TABLE public.message_words IS 'What can be searched; no row for what was recalled or burnt. distribution key: conversation';
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
    at timestamp with time zone NOT NULL,
    design text NOT NULL,
    rewarded boolean NOT NULL
);
COMMENT ON TABLE public.new_friend IS 'Friends made for the first time since the campaign was announced. distribution key: person';
CREATE TABLE public.night_forecast (
    campaign text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    people bigint NOT NULL,
    forecast jsonb NOT NULL
);
COMMENT ON TABLE public.night_forecast IS 'The newest forecast of a campaign, as `wufu.forecast` answered. reference table';
CREATE TABLE public.night_sample (
    campaign text NOT NULL,
    at timestamp with time zone NOT NULL,
    holders bigint NOT NULL,
    players bigint NOT NULL,
    taps bigint NOT NULL
);
COMMENT ON TABLE public.night_sample IS 'How a campaign stood at an instant of its own clock: the live curve. reference table';
CREATE TABLE public.object (
    id uuid NOT NULL,
    shelf smallint NOT NULL,
    owner text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    digests bytea NOT NULL,
    sealed boolean NOT NULL,
    seed bytea,
    kept_at timestamp with time zone NOT NULL,
    dies_at timestamp with time zone,
    dropped_at timestamp with time zone,
    lost_at timestamp with time zone,
    CONSTRAINT object_check CHECK (((sealed AND (dropped_at IS NULL)) = (seed IS NOT NULL))),
    CONSTRAINT object_digests_check CHECK (((octet_length(digests) >= 32) AND ((octet_length(digests) % 32) = 0))),
    CONSTRAINT object_media_type_check CHECK (((char_length(media_type) >= 3) AND (char_length(media_type) <= 100))),
    CONSTRAINT object_owner_check CHECK (((char_length(owner) >= 1) AND (char_length(owner) <= 200))),
    CONSTRAINT object_seed_check CHECK ((octet_length(seed) = 32)),
    CONSTRAINT object_shelf_check CHECK (((shelf >= 0) AND (shelf <= 255))),
    CONSTRAINT object_size_check CHECK ((size >= 0))
);
COMMENT ON TABLE public.object IS 'What lies in the object store: whose it is, its digests, when it dies. distribution key: id';
CREATE TABLE public.object_sweep (
    name text NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT object_sweep_name_check CHECK ((name = ANY (ARRAY['dead'::text, 'dropped'::text])))
);
COMMENT ON TABLE public.object_sweep IS 'Up to when everything dead was dropped, and everything dropped was erased. reference table';
CREATE TABLE public.operator (
    person bigint NOT NULL,
    role text NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    granted_by text NOT NULL,
    CONSTRAINT operator_role_check CHECK ((role = ANY (ARRAY['watch'::text, 'act'::text])))
);
COMMENT ON TABLE public.operator IS 'Who may look at the console, and who may act there. reference table';
CREATE TABLE public.operator_act (
    person bigint NOT NULL,
    id uuid NOT NULL,
    verb text NOT NULL,
    facts jsonb NOT NULL,
    at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.operator_act IS 'What operators did in the console; append only. distribution key: person';
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
CREATE TABLE public.packet (
    id uuid NOT NULL,
    sender bigint NOT NULL,
    split text NOT NULL,
    minor bigint NOT NULL,
    shares integer NOT NULL,
    most_minor bigint NOT NULL,
    message text NOT NULL,
    cover text NOT NULL,
    target text NOT NULL,
    whom bigint,
    conversation uuid,
    token bytea NOT NULL,
    password text,
    fission boolean NOT NULL,
    merchant boolean NOT NULL,
    secret bytea,
    commitment bytea,
    sent_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    opened integer DEFAULT 0 NOT NULL,
    left_minor bigint NOT NULL,
    best_minor bigint,
    best_place integer,
    best_person bigint,
    state text DEFAULT 'open'::text NOT NULL,
    ended_at timestamp with time zone,
    refund_minor bigint DEFAULT 0 NOT NULL,
    CONSTRAINT packet_check CHECK ((ends_at > sent_at)),
    CONSTRAINT packet_check1 CHECK (((shares >= 1) AND ((minor >= shares) AND (minor <= (shares * most_minor))))),
    CONSTRAINT packet_check2 CHECK (((split = 'lucky'::text) OR ((minor % (shares)::bigint) = 0))),
    CONSTRAINT packet_check3 CHECK ((((split = 'lucky'::text) = (secret IS NOT NULL)) AND ((split = 'lucky'::text) = (commitment IS NOT NULL)))),
    CONSTRAINT packet_commitment_check CHECK ((length(commitment) = 32)),
    CONSTRAINT packet_is_sound CHECK ((((opened >= 0) AND (opened <= shares)) AND ((left_minor >= (shares - opened)) AND (left_minor <= minor)) AND ((opened = 0) = (best_minor IS NULL)) AND ((state = 'open'::text) = (ended_at IS NULL)) AND
CASE state
    WHEN 'open'::text THEN ((opened < shares) AND (refund_minor = 0))
    WHEN 'finished'::text THEN ((opened = shares) AND (left_minor = 0) AND (refund_minor = 0))
    WHEN 'returned'::text THEN ((opened < shares) AND (refund_minor = left_minor))
    ELSE false
END)),
    CONSTRAINT packet_message_check CHECK ((char_length(message) <= 25)),
    CONSTRAINT packet_secret_check CHECK ((length(secret) = 32)),
    CONSTRAINT packet_split_check CHECK ((split = ANY (ARRAY['lucky'::text, 'equal'::text]))),
    CONSTRAINT packet_target_check CHECK ((target = ANY (ARRAY['friend'::text, 'group'::text, 'link'::text]))),
    CONSTRAINT packet_token_check CHECK ((length(token) = 16))
)
WITH (fillfactor='50');
COMMENT ON TABLE public.packet IS 'A red packet: its terms, its committed secret, and how far it is opened. distribution key: id';
CREATE TABLE public.packet_ask (
    asker bigint NOT NULL,
    id uuid NOT NULL,
    asked bigint NOT NULL,
    minor bigint,
    message text NOT NULL,
    at timestamp with time zone NOT NULL,
    heard boolean NOT NULL,
    refused boolean DEFAULT false NOT NULL,
    packet uuid,
    CONSTRAINT packet_ask_check CHECK ((asked <> asker)),
    CONSTRAINT packet_ask_message_check CHECK ((char_length(message) <= 25)),
    CONSTRAINT packet_ask_minor_check CHECK ((minor > 0))
);
COMMENT ON TABLE public.packet_ask IS 'A wish for a packet, and what became of it. distribution key: asker';
CREATE TABLE public.packet_limit (
    name text NOT NULL,
    value bigint NOT NULL,
    CONSTRAINT packet_limit_value_check CHECK ((value >= 0))
);
COMMENT ON TABLE public.packet_limit IS 'Limits of red packets: fen, counts, seconds, minutes of the day in China. reference table';
CREATE TABLE public.packet_opening (
    packet uuid NOT NULL,
    person bigint NOT NULL,
    place integer NOT NULL,
    minor bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT packet_opening_minor_check CHECK ((minor > 0)),
    CONSTRAINT packet_opening_place_check CHECK ((place >= 0))
);
COMMENT ON TABLE public.packet_opening IS 'A share that was taken; append only. distribution key: packet';
CREATE TABLE public.packet_person (
    person bigint NOT NULL,
    day date DEFAULT '2000-01-01'::date NOT NULL,
    sent_minor bigint DEFAULT 0 NOT NULL,
    asks integer DEFAULT 0 NOT NULL,
    allow_asking boolean DEFAULT true NOT NULL,
    merchant boolean DEFAULT false NOT NULL,
    CONSTRAINT packet_person_asks_check CHECK ((asks >= 0)),
    CONSTRAINT packet_person_sent_minor_check CHECK ((sent_minor >= 0))
);
COMMENT ON TABLE public.packet_person IS 'What a person sent and asked on their latest day, and their settings; locked by sending. distribution key: person';
CREATE TABLE public.packet_scope (
    packet uuid NOT NULL,
    conversation uuid NOT NULL,
    sharer bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.packet_scope IS 'The conversations that show a packet, and who brought it there. distribution key: packet';
CREATE TABLE public.packet_sending (
    sender bigint NOT NULL,
    id uuid NOT NULL,
    content bytea NOT NULL,
    balance_minor bigint,
    refusal jsonb,
    at timestamp with time zone NOT NULL,
    CONSTRAINT packet_sending_check CHECK (((balance_minor IS NULL) = (refusal IS NOT NULL))),
    CONSTRAINT packet_sending_content_check CHECK ((length(content) = 32))
);
COMMENT ON TABLE public.packet_sending IS 'What somebody asked to send, and how it was answered. distribution key: sender';
CREATE TABLE public.packet_try (
    packet uuid NOT NULL,
    person bigint NOT NULL,
    tries integer NOT NULL,
    CONSTRAINT packet_try_tries_check CHECK ((tries > 0))
);
COMMENT ON TABLE public.packet_try IS 'Wrong passwords a person gave for a packet. distribution key: packet';
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
    left_at timestamp with time zone,
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
CREATE TABLE public.phone_key (
    one boolean DEFAULT true NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT phone_key_key_check CHECK ((octet_length(key) = 32)),
    CONSTRAINT phone_key_one_check CHECK (one)
);
COMMENT ON TABLE public.phone_key IS 'The key of phone numbers'' hashes. reference table';
CREATE TABLE public.phone_number (
    digest bytea NOT NULL,
    person bigint NOT NULL,
    ending text NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT phone_number_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT phone_number_ending_check CHECK ((char_length(ending) = 2))
);
COMMENT ON TABLE public.phone_number IS 'Whose a phone number is. distribution key: digest';
CREATE TABLE public.phone_proof (
    person bigint NOT NULL,
    digest bytea NOT NULL,
    ending text NOT NULL,
    code_hash bytea NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    wrong smallint DEFAULT 0 NOT NULL,
    CONSTRAINT phone_proof_code_hash_check CHECK ((octet_length(code_hash) = 32)),
    CONSTRAINT phone_proof_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT phone_proof_ending_check CHECK ((char_length(ending) = 2)),
    CONSTRAINT phone_proof_wrong_check CHECK ((wrong >= 0))
);
COMMENT ON TABLE public.phone_proof IS 'A code that was sent to a number somebody says is theirs. distribution key: person';
CREATE TABLE public.phone_use (
    key text NOT NULL,
    day date NOT NULL,
    uses integer NOT NULL,
    CONSTRAINT phone_use_uses_check CHECK ((uses > 0))
);
COMMENT ON TABLE public.phone_use IS 'Codes sent and numbers looked up, by person and by number, a day. distribution key: key';
CREATE TABLE public.photo (
    id uuid NOT NULL,
    author bigint NOT NULL,
    asked bytea NOT NULL,
    message text NOT NULL,
    audience text NOT NULL,
    conversation uuid,
    least_minor bigint NOT NULL,
    most_minor bigint NOT NULL,
    visible_mark boolean NOT NULL,
    detail_x smallint,
    detail_y smallint,
    detail_width smallint,
    detail_height smallint,
    width integer NOT NULL,
    height integer NOT NULL,
    blur bytea,
    clear_object uuid,
    detail_object uuid,
    commitment bytea NOT NULL,
    posted_at timestamp with time zone NOT NULL,
    dies_at timestamp with time zone NOT NULL,
    credit_at timestamp with time zone,
    credited_at timestamp with time zone,
    credit_group uuid,
    ended text,
    ended_at timestamp with time zone,
    held_at timestamp with time zone,
    likes integer DEFAULT 0 NOT NULL,
    comments integer DEFAULT 0 NOT NULL,
    payers integer DEFAULT 0 NOT NULL,
    CONSTRAINT photo_asked_check CHECK ((octet_length(asked) = 32)),
    CONSTRAINT photo_audience_check CHECK ((audience = ANY (ARRAY['friends'::text, 'conversation'::text, 'link'::text]))),
    CONSTRAINT photo_blur_check CHECK (((octet_length(blur) >= 1) AND (octet_length(blur) <= 4096))),
    CONSTRAINT photo_check CHECK (((conversation IS NOT NULL) = (audience = 'conversation'::text))),
    CONSTRAINT photo_check1 CHECK ((most_minor >= least_minor)),
    CONSTRAINT photo_check10 CHECK ((((detail_x IS NULL) = (detail_y IS NULL)) AND ((detail_x IS NULL) = (detail_width IS NULL)) AND ((detail_x IS NULL) = (detail_height IS NULL)))),
    CONSTRAINT photo_check2 CHECK ((dies_at > posted_at)),
    CONSTRAINT photo_check3 CHECK (((credit_at > posted_at) AND (credit_at < dies_at))),
    CONSTRAINT photo_check4 CHECK (((credited_at IS NULL) OR (credit_at IS NOT NULL))),
    CONSTRAINT photo_check5 CHECK (((credit_group IS NULL) OR (credited_at IS NOT NULL))),
    CONSTRAINT photo_check6 CHECK (((ended_at IS NULL) = (ended IS NULL))),
    CONSTRAINT photo_check7 CHECK (((ended IS NULL) = (clear_object IS NOT NULL))),
    CONSTRAINT photo_check8 CHECK (((ended IS NULL) = (blur IS NOT NULL))),
    CONSTRAINT photo_check9 CHECK (((detail_object IS NULL) OR ((ended IS NULL) AND (detail_x IS NOT NULL)))),
    CONSTRAINT photo_comments_check CHECK ((comments >= 0)),
    CONSTRAINT photo_commitment_check CHECK ((octet_length(commitment) = 32)),
    CONSTRAINT photo_ended_check CHECK ((ended = ANY (ARRAY['died'::text, 'removed'::text, 'taken_down'::text]))),
    CONSTRAINT photo_height_check CHECK ((height > 0)),
    CONSTRAINT photo_least_minor_check CHECK ((least_minor > 0)),
    CONSTRAINT photo_likes_check CHECK ((likes >= 0)),
    CONSTRAINT photo_message_check CHECK ((char_length(message) <= 50)),
    CONSTRAINT photo_payers_check CHECK ((payers >= 0)),
    CONSTRAINT photo_width_check CHECK ((width > 0))
);
COMMENT ON TABLE public.photo IS 'A photo somebody posted, and what became of it. distribution key: id';
CREATE TABLE public.photo_comment (
    photo uuid NOT NULL,
    id uuid NOT NULL,
    writer bigint NOT NULL,
    text text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT photo_comment_text_check CHECK (((char_length(text) >= 1) AND (char_length(text) <= 100)))
);
COMMENT ON TABLE public.photo_comment IS 'What payers say under a photo; gone when it is. distribution key: photo';
CREATE TABLE public.photo_person (
    person bigint NOT NULL,
    day date NOT NULL,
    posted integer NOT NULL,
    paid_minor bigint NOT NULL,
    CONSTRAINT photo_person_paid_minor_check CHECK ((paid_minor >= 0)),
    CONSTRAINT photo_person_posted_check CHECK ((posted >= 0))
);
COMMENT ON TABLE public.photo_person IS 'What a person posted and paid on their latest day; locked by both. distribution key: person';
CREATE TABLE public.photo_report (
    photo uuid NOT NULL,
    reporter bigint NOT NULL,
    reason text NOT NULL,
    note text NOT NULL,
    had_paid boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    reviewed_at timestamp with time zone,
    CONSTRAINT photo_report_note_check CHECK ((char_length(note) <= 200)),
    CONSTRAINT photo_report_reason_check CHECK ((reason = ANY (ARRAY['indecent'::text, 'violence'::text, 'fraud'::text, 'other'::text])))
);
COMMENT ON TABLE public.photo_report IS 'Who found something wrong with a photo. distribution key: photo';
CREATE TABLE public.photo_review (
    photo uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    reviewer text NOT NULL,
    verdict text NOT NULL,
    why text NOT NULL,
    CONSTRAINT photo_review_verdict_check CHECK ((verdict = ANY (ARRAY['keep'::text, 'take_down'::text]))),
    CONSTRAINT photo_review_why_check CHECK ((char_length(why) <= 200))
);
COMMENT ON TABLE public.photo_review IS 'What the operator decided about a photo; append only. distribution key: photo';
CREATE TABLE public.photo_secret (
    photo uuid NOT NULL,
    secret bytea NOT NULL,
    CONSTRAINT photo_secret_secret_check CHECK ((octet_length(secret) = 32))
);
COMMENT ON TABLE public.photo_secret IS 'What the amounts of a photo are drawn from; shown when the photo has ended. distribution key: photo';
CREATE TABLE public.photo_setting (
    name text NOT NULL,
    value bigint NOT NULL,
    CONSTRAINT photo_setting_name_check CHECK ((name = ANY (ARRAY['posts_day'::text, 'most_minor'::text, 'paid_day_minor'::text, 'credit_minute'::text, 'death_minute'::text, 'dies_at'::text, 'held_by'::text]))),
    CONSTRAINT photo_setting_value_check CHECK ((value >= 0))
);
COMMENT ON TABLE public.photo_setting IS 'What the operator allows; a name that is missing is as it is by default. reference table';
CREATE TABLE public.photo_view (
    photo uuid NOT NULL,
    viewer bigint NOT NULL,
    let_in_at timestamp with time zone,
    seed bytea,
    minor bigint,
    paid_at timestamp with time zone,
    pay_group uuid,
    to_pending boolean DEFAULT false NOT NULL,
    seen_at timestamp with time zone,
    liked_at timestamp with time zone,
    refunded_at timestamp with time zone,
    refund_group uuid,
    CONSTRAINT photo_view_check CHECK ((((minor IS NULL) = (seed IS NULL)) AND (minor > 0))),
    CONSTRAINT photo_view_check1 CHECK (((paid_at IS NULL) OR (minor IS NOT NULL))),
    CONSTRAINT photo_view_check2 CHECK (((pay_group IS NULL) = (paid_at IS NULL))),
    CONSTRAINT photo_view_check3 CHECK (((NOT to_pending) OR (paid_at IS NOT NULL))),
    CONSTRAINT photo_view_check4 CHECK (((seen_at IS NULL) OR (paid_at IS NOT NULL))),
    CONSTRAINT photo_view_check5 CHECK (((refunded_at IS NULL) OR (paid_at IS NOT NULL))),
    CONSTRAINT photo_view_check6 CHECK (((refund_group IS NULL) = (refunded_at IS NULL))),
    CONSTRAINT photo_view_seed_check CHECK ((octet_length(seed) = 32))
);
COMMENT ON TABLE public.photo_view IS 'What one viewer did with a photo: asked, paid, saw, liked. distribution key: photo';
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
CREATE TABLE public.push_due (
    person bigint NOT NULL,
    session uuid NOT NULL,
    conversation uuid NOT NULL,
    number bigint NOT NULL,
    tries integer NOT NULL,
    next_at timestamp with time zone NOT NULL,
    CONSTRAINT push_due_number_check CHECK ((number > 0)),
    CONSTRAINT push_due_tries_check CHECK ((tries >= 0))
);
COMMENT ON TABLE public.push_due IS 'Notifications on their way to a device; gone when taken, read meanwhile or given up. distribution key: person';
CREATE TABLE public.push_key (
    one boolean DEFAULT true NOT NULL,
    private_key bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT push_key_one_check CHECK (one),
    CONSTRAINT push_key_private_key_check CHECK ((octet_length(private_key) = 32))
);
COMMENT ON TABLE public.push_key IS 'The key by which push services know this installation (VAPID, P-256). reference table';
CREATE TABLE public.push_mark (
    person bigint NOT NULL,
    conversation uuid NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT push_mark_number_check CHECK ((number > 0))
);
COMMENT ON TABLE public.push_mark IS 'Up to which message a person was told of a conversation, or need not be. distribution key: person';
CREATE TABLE public.push_person (
    person bigint NOT NULL,
    quiet_from smallint,
    quiet_to smallint,
    offset_minutes smallint DEFAULT 480 NOT NULL,
    CONSTRAINT push_person_check CHECK (((quiet_from IS NULL) = (quiet_to IS NULL))),
    CONSTRAINT push_person_offset_minutes_check CHECK (((offset_minutes >= '-840'::integer) AND (offset_minutes <= 840))),
    CONSTRAINT push_person_quiet_from_check CHECK (((quiet_from >= 0) AND (quiet_from <= 1439))),
    CONSTRAINT push_person_quiet_to_check CHECK (((quiet_to >= 0) AND (quiet_to <= 1439)))
);
COMMENT ON TABLE public.push_person IS 'When a person does not want to be woken: minutes of their own day. distribution key: person';
CREATE TABLE public.push_subscription (
    person bigint NOT NULL,
    session uuid NOT NULL,
    endpoint text NOT NULL,
    p256dh bytea NOT NULL,
    auth bytea NOT NULL,
    preview boolean NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT push_subscription_auth_check CHECK ((octet_length(auth) = 16)),
    CONSTRAINT push_subscription_endpoint_check CHECK (((char_length(endpoint) >= 9) AND (char_length(endpoint) <= 1000))),
    CONSTRAINT push_subscription_p256dh_check CHECK ((octet_length(p256dh) = 65))
);
COMMENT ON TABLE public.push_subscription IS 'Where a signed-in device wants to be woken. distribution key: person';
CREATE TABLE public.reward_hold (
    person bigint NOT NULL,
    campaign text NOT NULL,
    first integer NOT NULL,
    cards integer NOT NULL,
    state text NOT NULL,
    late boolean DEFAULT false NOT NULL,
    held_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT reward_hold_cards_check CHECK ((cards > 0)),
    CONSTRAINT reward_hold_check CHECK (((state = 'held'::text) = (ended_at IS NULL))),
    CONSTRAINT reward_hold_first_check CHECK ((first >= 0)),
    CONSTRAINT reward_hold_state_check CHECK ((state = ANY (ARRAY['held'::text, 'given'::text, 'void'::text])))
);
COMMENT ON TABLE public.reward_hold IS 'Cards that are due and held while somebody looks at the person; `late`: still held when the pool was split. distribution key: person';
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
CREATE TABLE public.secret_device (
    person bigint NOT NULL,
    device uuid NOT NULL,
    session uuid NOT NULL,
    key bytea NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT secret_device_key_check CHECK ((octet_length(key) = 32))
);
COMMENT ON TABLE public.secret_device IS 'The public X25519 key of each signed-in device that can read secrets. distribution key: person';
CREATE TABLE public.secret_held (
    conversation uuid NOT NULL,
    message uuid NOT NULL,
    object uuid NOT NULL,
    burnt_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.secret_held IS 'Burnt ciphertext under the operator''s hold; empty unless switched on at installation. distribution key: conversation';
CREATE TABLE public.secret_message (
    conversation uuid NOT NULL,
    message uuid NOT NULL,
    number bigint NOT NULL,
    sender bigint NOT NULL,
    object uuid NOT NULL,
    digest bytea NOT NULL,
    timer_seconds integer NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT secret_message_check CHECK ((expires_at > sent_at)),
    CONSTRAINT secret_message_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT secret_message_number_check CHECK ((number > 0)),
    CONSTRAINT secret_message_timer_seconds_check CHECK ((timer_seconds = ANY (ARRAY[1, 3, 5, 10, 30, 60, 86400])))
);
COMMENT ON TABLE public.secret_message IS 'Secret messages that are not burnt yet, and the object that holds their ciphertext. distribution key: conversation';
CREATE TABLE public.secret_policy (
    one boolean DEFAULT true NOT NULL,
    retention_seconds bigint NOT NULL,
    settled_at timestamp with time zone NOT NULL,
    CONSTRAINT secret_policy_one_check CHECK (one),
    CONSTRAINT secret_policy_retention_seconds_check CHECK ((retention_seconds >= 0))
);
COMMENT ON TABLE public.secret_policy IS 'How long burnt ciphertext is held: settled at the first start, never changed. reference table';
CREATE TABLE public.secret_reader (
    conversation uuid NOT NULL,
    message uuid NOT NULL,
    person bigint NOT NULL,
    seen_at timestamp with time zone,
    burns_at timestamp with time zone,
    burnt_at timestamp with time zone,
    screenshot_at timestamp with time zone,
    CONSTRAINT secret_reader_check CHECK (((seen_at IS NULL) = (burns_at IS NULL))),
    CONSTRAINT secret_reader_check1 CHECK ((burns_at > seen_at))
);
COMMENT ON TABLE public.secret_reader IS 'Who may read a secret message, since when it was on their screen, and whether it is burnt for them. distribution key: conversation';
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
    CONSTRAINT swap_state_check CHECK ((state = ANY (ARRAY['offered'::text, 'done'::text, 'refused'::text, 'withdrawn'::text, 'gone'::text, 'expired'::text])))
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
CREATE TABLE public.text_message (
    id uuid NOT NULL,
    phone text NOT NULL,
    body text NOT NULL,
    at timestamp with time zone NOT NULL,
    next_try_at timestamp with time zone NOT NULL,
    tries smallint DEFAULT 0 NOT NULL
);
COMMENT ON TABLE public.text_message IS 'Texts on their way to a phone, for minutes. distribution key: id';
CREATE TABLE public.tie (
    person bigint NOT NULL,
    friend bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    cause text NOT NULL,
    CONSTRAINT tie_cause_check CHECK ((cause = ANY (ARRAY['asked'::text, 'imported'::text, 'invited'::text, 'name'::text, 'code'::text, 'phone'::text, 'suggestion'::text, 'group'::text]))),
    CONSTRAINT tie_check CHECK ((person <> friend))
);
COMMENT ON TABLE public.tie IS 'One direction of a friendship; the other direction is a row too. distribution key: person';
CREATE TABLE public.tie_act (
    a bigint NOT NULL,
    b bigint NOT NULL,
    day date NOT NULL,
    kind smallint NOT NULL,
    ab integer NOT NULL,
    ba integer NOT NULL,
    campaign_ab integer NOT NULL,
    campaign_ba integer NOT NULL,
    CONSTRAINT tie_act_ab_check CHECK (((ab >= 0) AND (ab <= 1000000))),
    CONSTRAINT tie_act_ba_check CHECK (((ba >= 0) AND (ba <= 1000000))),
    CONSTRAINT tie_act_campaign_ab_check CHECK (((campaign_ab >= 0) AND (campaign_ab <= 1000000))),
    CONSTRAINT tie_act_campaign_ba_check CHECK (((campaign_ba >= 0) AND (campaign_ba <= 1000000))),
    CONSTRAINT tie_act_check CHECK ((a < b)),
    CONSTRAINT tie_act_kind_check CHECK (((kind >= 1) AND (kind <= 20)))
)
WITH (fillfactor='80');
COMMENT ON TABLE public.tie_act IS 'How often two people did what on a day in China, what a campaign triggered apart. distribution key: a';
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
CREATE TABLE public.tie_dismissal (
    person bigint NOT NULL,
    other bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT tie_dismissal_check CHECK ((person <> other))
);
COMMENT ON TABLE public.tie_dismissal IS 'Whom a person does not want suggested for 90 days. distribution key: person';
CREATE TABLE public.tie_former (
    person bigint NOT NULL,
    friend bigint NOT NULL,
    parted_at timestamp with time zone NOT NULL,
    CONSTRAINT tie_former_check CHECK ((person <> friend))
);
COMMENT ON TABLE public.tie_former IS 'Who were friends once and parted, so that making it up again is no new tie. distribution key: person';
CREATE TABLE public.tie_group (
    person bigint NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    CONSTRAINT tie_group_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 24)))
);
COMMENT ON TABLE public.tie_group IS 'Lists into which a person sorts friends; nobody else sees them. distribution key: person';
CREATE TABLE public.tie_group_member (
    person bigint NOT NULL,
    group_id uuid NOT NULL,
    friend bigint NOT NULL
);
COMMENT ON TABLE public.tie_group_member IS 'Which friends are in such a list. distribution key: person';
CREATE TABLE public.tie_guess (
    key text NOT NULL,
    wrong integer NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT tie_guess_key_check CHECK ((char_length(key) <= 100)),
    CONSTRAINT tie_guess_wrong_check CHECK ((wrong > 0))
);
COMMENT ON TABLE public.tie_guess IS 'Codes nobody made, tried by a person or from an address, in the hour that began at `since`. distribution key: key';
CREATE TABLE public.tie_invitation (
    inviter bigint NOT NULL,
    id uuid NOT NULL,
    code_hash bytea NOT NULL,
    salt bytea NOT NULL,
    note text NOT NULL,
    uses integer NOT NULL,
    used integer NOT NULL,
    made_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT tie_invitation_check CHECK (((used >= 0) AND (used <= uses))),
    CONSTRAINT tie_invitation_check1 CHECK ((expires_at > made_at)),
    CONSTRAINT tie_invitation_code_hash_check CHECK ((octet_length(code_hash) = 32)),
    CONSTRAINT tie_invitation_note_check CHECK ((char_length(note) <= 24)),
    CONSTRAINT tie_invitation_salt_check CHECK ((octet_length(salt) = 16)),
    CONSTRAINT tie_invitation_uses_check CHECK (((uses >= 1) AND (uses <= 500)))
);
COMMENT ON TABLE public.tie_invitation IS 'Codes that make their user a friend of the inviter; only their hashes are kept. distribution key: inviter';
CREATE TABLE public.tie_invitation_use (
    inviter bigint NOT NULL,
    invitation uuid NOT NULL,
    person bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT tie_invitation_use_check CHECK ((inviter <> person))
);
COMMENT ON TABLE public.tie_invitation_use IS 'Who used an invitation, and when. distribution key: inviter';
CREATE TABLE public.tie_label (
    person bigint NOT NULL,
    friend bigint NOT NULL,
    remark text NOT NULL,
    starred boolean NOT NULL,
    tags text[] NOT NULL,
    CONSTRAINT tie_label_remark_check CHECK ((char_length(remark) <= 24)),
    CONSTRAINT tie_label_tags_check CHECK ((cardinality(tags) <= 10))
);
COMMENT ON TABLE public.tie_label IS 'What a person calls a friend; nobody else sees it. distribution key: person';
CREATE TABLE public.tie_list (
    person bigint NOT NULL,
    friends bytea NOT NULL,
    CONSTRAINT tie_list_friends_check CHECK (((octet_length(friends) % 8) = 0))
);
ALTER TABLE ONLY public.tie_list ALTER COLUMN friends SET STORAGE EXTERNAL;
COMMENT ON TABLE public.tie_list IS 'The friends of a person in one value, for walking; follows from tie. distribution key: person';
CREATE TABLE public.tie_person (
    person bigint NOT NULL,
    friends integer NOT NULL,
    asks_on date NOT NULL,
    asks integer NOT NULL,
    by_name boolean DEFAULT true NOT NULL,
    by_code boolean DEFAULT true NOT NULL,
    by_phone boolean DEFAULT true NOT NULL,
    suggested boolean DEFAULT true NOT NULL,
    friends_seen text DEFAULT 'friends'::text NOT NULL,
    CONSTRAINT tie_person_asks_check CHECK ((asks >= 0)),
    CONSTRAINT tie_person_friends_check CHECK (((friends >= 0) AND (friends <= 5000))),
    CONSTRAINT tie_person_friends_seen_check CHECK ((friends_seen = ANY (ARRAY['nobody'::text, 'friends'::text, 'everyone'::text])))
);
COMMENT ON TABLE public.tie_person IS 'Counters of a person''s ties, what they let others find and see, and the row every change of them locks. distribution key: person';
CREATE TABLE public.tie_request (
    asked bigint NOT NULL,
    asker bigint NOT NULL,
    cause text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT tie_request_cause_check CHECK ((cause = ANY (ARRAY['asked'::text, 'imported'::text, 'name'::text, 'code'::text, 'phone'::text, 'suggestion'::text, 'group'::text]))),
    CONSTRAINT tie_request_check CHECK ((asked <> asker))
);
COMMENT ON TABLE public.tie_request IS 'What waits for an answer by the one asked; hidden once refused. distribution key: asked';
CREATE TABLE public.tie_strength (
    a bigint NOT NULL,
    b bigint NOT NULL,
    days integer NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    squares bigint NOT NULL,
    gap integer NOT NULL,
    pace integer NOT NULL,
    run smallint NOT NULL,
    before text NOT NULL,
    ab bigint NOT NULL,
    ba bigint NOT NULL,
    CONSTRAINT tie_strength_ab_check CHECK ((ab >= 0)),
    CONSTRAINT tie_strength_ba_check CHECK ((ba >= 0)),
    CONSTRAINT tie_strength_before_check CHECK ((before = ANY (ARRAY['growing'::text, 'steady'::text, 'fading'::text, 'silent'::text]))),
    CONSTRAINT tie_strength_check CHECK ((last_day >= first_day)),
    CONSTRAINT tie_strength_check1 CHECK ((a < b)),
    CONSTRAINT tie_strength_days_check CHECK ((days >= 0)),
    CONSTRAINT tie_strength_gap_check CHECK ((gap >= 256)),
    CONSTRAINT tie_strength_pace_check CHECK ((pace >= 256)),
    CONSTRAINT tie_strength_run_check CHECK (((run >= 0) AND (run <= 1000))),
    CONSTRAINT tie_strength_squares_check CHECK ((squares >= 0))
)
WITH (fillfactor='70');
COMMENT ON TABLE public.tie_strength IS 'What follows from the acts of a pair as of its last active day; days 0: none counts. distribution key: a';
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
CREATE TABLE public.trust_act (
    person bigint NOT NULL,
    what text NOT NULL,
    target text NOT NULL,
    slot bigint NOT NULL,
    CONSTRAINT trust_act_target_check CHECK ((char_length(target) <= 100)),
    CONSTRAINT trust_act_what_check CHECK ((what = ANY (ARRAY['ask'::text, 'join'::text, 'open'::text, 'give'::text])))
);
COMMENT ON TABLE public.trust_act IS 'What people did to what, and in which five minutes, for finding accounts in lockstep; kept three days. distribution key: person';
CREATE TABLE public.trust_ask (
    asker bigint NOT NULL,
    asked bigint NOT NULL,
    cause text NOT NULL,
    at timestamp with time zone NOT NULL,
    answer text,
    answered_at timestamp with time zone,
    CONSTRAINT trust_ask_answer_check CHECK ((answer = ANY (ARRAY['accepted'::text, 'refused'::text]))),
    CONSTRAINT trust_ask_cause_check CHECK ((cause = ANY (ARRAY['asked'::text, 'invited'::text]))),
    CONSTRAINT trust_ask_check CHECK (((answer IS NULL) = (answered_at IS NULL)))
);
COMMENT ON TABLE public.trust_ask IS 'Who asked whom to be friends and what became of it, for the graph score; kept 60 days. distribution key: asker';
CREATE TABLE public.trust_case (
    id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    evidence jsonb NOT NULL,
    state text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    grown_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    CONSTRAINT trust_case_check CHECK (((decided_at IS NULL) = (state = 'open'::text))),
    CONSTRAINT trust_case_kind_check CHECK ((kind = ANY (ARRAY['device'::text, 'lockstep'::text, 'graph'::text, 'pace'::text, 'circle'::text, 'hand'::text]))),
    CONSTRAINT trust_case_state_check CHECK ((state = ANY (ARRAY['open'::text, 'confirmed'::text, 'cleared'::text])))
);
COMMENT ON TABLE public.trust_case IS 'A suspicion about one or more accounts, its evidence in numbers, and what was decided. distribution key: id';
CREATE TABLE public.trust_decision (
    "case" uuid NOT NULL,
    number integer NOT NULL,
    verb text NOT NULL,
    actor text NOT NULL,
    why text NOT NULL,
    people bigint[] NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT trust_decision_actor_check CHECK ((actor <> ''::text)),
    CONSTRAINT trust_decision_number_check CHECK ((number > 0)),
    CONSTRAINT trust_decision_verb_check CHECK ((verb = ANY (ARRAY['clear'::text, 'confirm'::text, 'lift'::text]))),
    CONSTRAINT trust_decision_why_check CHECK ((char_length(why) <= 500))
);
COMMENT ON TABLE public.trust_decision IS 'What the operator decided about a case, when and why; append only. distribution key: case';
CREATE TABLE public.trust_made (
    mark bytea NOT NULL,
    kind text NOT NULL,
    made_on date NOT NULL,
    accounts integer NOT NULL,
    CONSTRAINT trust_made_accounts_check CHECK ((accounts > 0)),
    CONSTRAINT trust_made_kind_check CHECK ((kind = ANY (ARRAY['device'::text, 'network'::text]))),
    CONSTRAINT trust_made_mark_check CHECK ((octet_length(mark) = 16))
);
COMMENT ON TABLE public.trust_made IS 'How many accounts a device or network made in a day, whoever they are; kept 30 days. distribution key: mark';
CREATE TABLE public.trust_mark (
    person bigint NOT NULL,
    kind text NOT NULL,
    mark bytea NOT NULL,
    made_here boolean NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT trust_mark_check CHECK ((first_at <= last_at)),
    CONSTRAINT trust_mark_kind_check CHECK ((kind = ANY (ARRAY['device'::text, 'network'::text]))),
    CONSTRAINT trust_mark_mark_check CHECK ((octet_length(mark) = 16))
);
COMMENT ON TABLE public.trust_mark IS 'The keyed hash of a device or network prefix a person signed in from; kept 30 days after its last use. distribution key: person';
CREATE TABLE public.trust_pardon (
    person bigint NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.trust_pardon IS 'Until when evidence of a kind no longer counts against a person, by an operator''s clearing. distribution key: person';
CREATE TABLE public.trust_person (
    person bigint NOT NULL,
    known_at timestamp with time zone NOT NULL,
    registered boolean NOT NULL
);
COMMENT ON TABLE public.trust_person IS 'Since when a person is known here, and whether they registered themselves. distribution key: person';
CREATE TABLE public.trust_score (
    person bigint NOT NULL,
    log_odds double precision NOT NULL,
    asks integer NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT trust_score_asks_check CHECK ((asks > 0))
);
COMMENT ON TABLE public.trust_score IS 'The graph score of a new account: log-odds of being fake by whom they ask and how these answer. distribution key: person';
CREATE TABLE public.trust_suspect (
    person bigint NOT NULL,
    "case" uuid NOT NULL,
    held_at timestamp with time zone NOT NULL,
    released_at timestamp with time zone,
    asked_at timestamp with time zone,
    words text,
    CONSTRAINT trust_suspect_check CHECK (((asked_at IS NULL) = (words IS NULL))),
    CONSTRAINT trust_suspect_words_check CHECK ((char_length(words) <= 500))
);
COMMENT ON TABLE public.trust_suspect IS 'Whom a case is about; their rewards are held until released. distribution key: person';
CREATE TABLE public.trust_target (
    person bigint NOT NULL,
    fake_asks integer NOT NULL,
    fake_accepts integer NOT NULL,
    real_asks integer NOT NULL,
    real_accepts integer NOT NULL,
    CONSTRAINT trust_target_check CHECK (((fake_accepts >= 0) AND (fake_accepts <= fake_asks))),
    CONSTRAINT trust_target_check1 CHECK (((real_accepts >= 0) AND (real_accepts <= real_asks))),
    CONSTRAINT trust_target_fake_asks_check CHECK ((fake_asks >= 0)),
    CONSTRAINT trust_target_real_asks_check CHECK ((real_asks >= 0))
);
COMMENT ON TABLE public.trust_target IS 'How often labelled fakes and real people asked a person, and how they were answered. distribution key: person';
CREATE TABLE public.trust_total (
    one boolean DEFAULT true NOT NULL,
    fake_asks bigint NOT NULL,
    real_asks bigint NOT NULL,
    fake_told bigint NOT NULL,
    fake_accepts bigint NOT NULL,
    fake_expected double precision NOT NULL,
    real_told bigint NOT NULL,
    real_accepts bigint NOT NULL,
    real_expected double precision NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    CONSTRAINT trust_total_one_check CHECK (one)
);
COMMENT ON TABLE public.trust_total IS 'The sums of trust_target when it was last counted. reference table';
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
ALTER TABLE ONLY public.chat_invite
    ADD CONSTRAINT chat_invite_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.chat_join
    ADD CONSTRAINT chat_join_pkey PRIMARY KEY (conversation, person);
ALTER TABLE ONLY public.chat_member
    ADD CONSTRAINT chat_member_pkey PRIMARY KEY (conversation, person);
ALTER TABLE ONLY public.chat_moderation
    ADD CONSTRAINT chat_moderation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.chat_pace
    ADD CONSTRAINT chat_pace_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.chat_person
    ADD CONSTRAINT chat_person_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.chat_presence
    ADD CONSTRAINT chat_presence_pkey PRIMARY KEY (conversation, person);
ALTER TABLE ONLY public.chat_read
    ADD CONSTRAINT chat_read_pkey PRIMARY KEY (conversation, person, through);
ALTER TABLE ONLY public.chat_report_media
    ADD CONSTRAINT chat_report_media_pkey PRIMARY KEY (reporter, report, media);
ALTER TABLE ONLY public.chat_report
    ADD CONSTRAINT chat_report_pkey PRIMARY KEY (reporter, id);
ALTER TABLE ONLY public.chat_report_shown
    ADD CONSTRAINT chat_report_shown_pkey PRIMARY KEY (reporter, report, number);
ALTER TABLE ONLY public.chat_ruling
    ADD CONSTRAINT chat_ruling_pkey PRIMARY KEY (reporter, report);
ALTER TABLE ONLY public.chat_silence
    ADD CONSTRAINT chat_silence_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.chat_talk
    ADD CONSTRAINT chat_talk_pkey PRIMARY KEY (conversation);
ALTER TABLE ONLY public.claim_offer
    ADD CONSTRAINT claim_offer_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.fact_parked
    ADD CONSTRAINT fact_parked_pkey PRIMARY KEY (id, listener);
ALTER TABLE ONLY public.friend_reward
    ADD CONSTRAINT friend_reward_pkey PRIMARY KEY (person, campaign, first);
ALTER TABLE ONLY public.gift
    ADD CONSTRAINT gift_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inbox_head
    ADD CONSTRAINT inbox_head_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (person, number);
ALTER TABLE ONLY public.insight_fact
    ADD CONSTRAINT insight_fact_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.insight_file
    ADD CONSTRAINT insight_file_pkey PRIMARY KEY (path);
ALTER TABLE ONLY public.insight_forgotten
    ADD CONSTRAINT insight_forgotten_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.insight_forgotten
    ADD CONSTRAINT insight_forgotten_stand_in_key UNIQUE (stand_in);
ALTER TABLE ONLY public.insight_import
    ADD CONSTRAINT insight_import_pkey PRIMARY KEY (at);
ALTER TABLE ONLY public.insight_progress
    ADD CONSTRAINT insight_progress_pkey PRIMARY KEY (what);
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.late_share
    ADD CONSTRAINT late_share_pkey PRIMARY KEY (person, campaign);
ALTER TABLE ONLY public.law_check
    ADD CONSTRAINT law_check_pkey PRIMARY KEY (at);
ALTER TABLE ONLY public.leaving
    ADD CONSTRAINT leaving_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.login
    ADD CONSTRAINT login_pkey PRIMARY KEY (login);
ALTER TABLE ONLY public.media
    ADD CONSTRAINT media_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.media_use
    ADD CONSTRAINT media_use_pkey PRIMARY KEY (media, conversation, message);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_conversation_change_key UNIQUE (conversation, change);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_id_conversation_key UNIQUE (id, conversation);
ALTER TABLE ONLY public.message_mention
    ADD CONSTRAINT message_mention_pkey PRIMARY KEY (conversation, person, number);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (conversation, number);
ALTER TABLE ONLY public.message_words
    ADD CONSTRAINT message_words_pkey PRIMARY KEY (conversation, number);
ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.new_friend
    ADD CONSTRAINT new_friend_pkey PRIMARY KEY (person, campaign, friend);
ALTER TABLE ONLY public.night_forecast
    ADD CONSTRAINT night_forecast_pkey PRIMARY KEY (campaign);
ALTER TABLE ONLY public.night_sample
    ADD CONSTRAINT night_sample_pkey PRIMARY KEY (campaign, at);
ALTER TABLE ONLY public.object
    ADD CONSTRAINT object_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.object_sweep
    ADD CONSTRAINT object_sweep_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.operator_act
    ADD CONSTRAINT operator_act_pkey PRIMARY KEY (person, id);
ALTER TABLE ONLY public.operator
    ADD CONSTRAINT operator_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.packet_ask
    ADD CONSTRAINT packet_ask_pkey PRIMARY KEY (asker, id);
ALTER TABLE ONLY public.packet_limit
    ADD CONSTRAINT packet_limit_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.packet_opening
    ADD CONSTRAINT packet_opening_packet_place_key UNIQUE (packet, place);
ALTER TABLE ONLY public.packet_opening
    ADD CONSTRAINT packet_opening_pkey PRIMARY KEY (person, packet);
ALTER TABLE ONLY public.packet_person
    ADD CONSTRAINT packet_person_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.packet
    ADD CONSTRAINT packet_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.packet_scope
    ADD CONSTRAINT packet_scope_pkey PRIMARY KEY (packet, conversation);
ALTER TABLE ONLY public.packet_sending
    ADD CONSTRAINT packet_sending_pkey PRIMARY KEY (sender, id);
ALTER TABLE ONLY public.packet_try
    ADD CONSTRAINT packet_try_pkey PRIMARY KEY (packet, person);
ALTER TABLE ONLY public.password
    ADD CONSTRAINT password_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.person_external
    ADD CONSTRAINT person_external_pkey PRIMARY KEY (external);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.phone_key
    ADD CONSTRAINT phone_key_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.phone_number
    ADD CONSTRAINT phone_number_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.phone_proof
    ADD CONSTRAINT phone_proof_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.phone_use
    ADD CONSTRAINT phone_use_pkey PRIMARY KEY (key, day);
ALTER TABLE ONLY public.photo_comment
    ADD CONSTRAINT photo_comment_pkey PRIMARY KEY (photo, id);
ALTER TABLE ONLY public.photo_person
    ADD CONSTRAINT photo_person_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.photo
    ADD CONSTRAINT photo_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.photo_report
    ADD CONSTRAINT photo_report_pkey PRIMARY KEY (photo, reporter);
ALTER TABLE ONLY public.photo_review
    ADD CONSTRAINT photo_review_pkey PRIMARY KEY (photo, at);
ALTER TABLE ONLY public.photo_secret
    ADD CONSTRAINT photo_secret_pkey PRIMARY KEY (photo);
ALTER TABLE ONLY public.photo_setting
    ADD CONSTRAINT photo_setting_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.photo_view
    ADD CONSTRAINT photo_view_pkey PRIMARY KEY (photo, viewer);
ALTER TABLE ONLY public.pin
    ADD CONSTRAINT pin_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.player
    ADD CONSTRAINT player_pkey PRIMARY KEY (person, campaign);
ALTER TABLE ONLY public.push_due
    ADD CONSTRAINT push_due_pkey PRIMARY KEY (person, session, conversation);
ALTER TABLE ONLY public.push_key
    ADD CONSTRAINT push_key_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.push_mark
    ADD CONSTRAINT push_mark_pkey PRIMARY KEY (person, conversation);
ALTER TABLE ONLY public.push_person
    ADD CONSTRAINT push_person_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.push_subscription
    ADD CONSTRAINT push_subscription_pkey PRIMARY KEY (person, session);
ALTER TABLE ONLY public.reward_hold
    ADD CONSTRAINT reward_hold_pkey PRIMARY KEY (person, campaign, first);
ALTER TABLE ONLY public.round_secret
    ADD CONSTRAINT round_secret_pkey PRIMARY KEY (campaign, number);
ALTER TABLE ONLY public.seal_block
    ADD CONSTRAINT seal_block_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.secret_device
    ADD CONSTRAINT secret_device_person_session_key UNIQUE (person, session);
ALTER TABLE ONLY public.secret_device
    ADD CONSTRAINT secret_device_pkey PRIMARY KEY (person, device);
ALTER TABLE ONLY public.secret_held
    ADD CONSTRAINT secret_held_pkey PRIMARY KEY (conversation, message);
ALTER TABLE ONLY public.secret_message
    ADD CONSTRAINT secret_message_pkey PRIMARY KEY (conversation, message);
ALTER TABLE ONLY public.secret_policy
    ADD CONSTRAINT secret_policy_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.secret_reader
    ADD CONSTRAINT secret_reader_pkey PRIMARY KEY (conversation, message, person);
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
ALTER TABLE ONLY public.text_message
    ADD CONSTRAINT text_message_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tie_act
    ADD CONSTRAINT tie_act_pkey PRIMARY KEY (a, b, day, kind);
ALTER TABLE ONLY public.tie_ask
    ADD CONSTRAINT tie_ask_pkey PRIMARY KEY (asker, asked);
ALTER TABLE ONLY public.tie_block
    ADD CONSTRAINT tie_block_pkey PRIMARY KEY (person, blocked);
ALTER TABLE ONLY public.tie_dismissal
    ADD CONSTRAINT tie_dismissal_pkey PRIMARY KEY (person, other);
ALTER TABLE ONLY public.tie_former
    ADD CONSTRAINT tie_former_pkey PRIMARY KEY (person, friend);
ALTER TABLE ONLY public.tie_group_member
    ADD CONSTRAINT tie_group_member_pkey PRIMARY KEY (person, group_id, friend);
ALTER TABLE ONLY public.tie_group
    ADD CONSTRAINT tie_group_pkey PRIMARY KEY (person, id);
ALTER TABLE ONLY public.tie_guess
    ADD CONSTRAINT tie_guess_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.tie_invitation
    ADD CONSTRAINT tie_invitation_inviter_code_hash_key UNIQUE (inviter, code_hash);
ALTER TABLE ONLY public.tie_invitation
    ADD CONSTRAINT tie_invitation_pkey PRIMARY KEY (inviter, id);
ALTER TABLE ONLY public.tie_invitation_use
    ADD CONSTRAINT tie_invitation_use_pkey PRIMARY KEY (inviter, invitation, person);
ALTER TABLE ONLY public.tie_label
    ADD CONSTRAINT tie_label_pkey PRIMARY KEY (person, friend);
ALTER TABLE ONLY public.tie_list
    ADD CONSTRAINT tie_list_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.tie_person
    ADD CONSTRAINT tie_person_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.tie
    ADD CONSTRAINT tie_pkey PRIMARY KEY (person, friend);
ALTER TABLE ONLY public.tie_request
    ADD CONSTRAINT tie_request_pkey PRIMARY KEY (asked, asker);
ALTER TABLE ONLY public.tie_strength
    ADD CONSTRAINT tie_strength_pkey PRIMARY KEY (a, b);
ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT transfer_pkey PRIMARY KEY (group_id, ordinal);
ALTER TABLE ONLY public.trust_act
    ADD CONSTRAINT trust_act_pkey PRIMARY KEY (person, what, target, slot);
ALTER TABLE ONLY public.trust_ask
    ADD CONSTRAINT trust_ask_pkey PRIMARY KEY (asker, asked);
ALTER TABLE ONLY public.trust_case
    ADD CONSTRAINT trust_case_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.trust_decision
    ADD CONSTRAINT trust_decision_pkey PRIMARY KEY ("case", number);
ALTER TABLE ONLY public.trust_made
    ADD CONSTRAINT trust_made_pkey PRIMARY KEY (mark, kind, made_on);
ALTER TABLE ONLY public.trust_mark
    ADD CONSTRAINT trust_mark_pkey PRIMARY KEY (person, kind, mark);
ALTER TABLE ONLY public.trust_pardon
    ADD CONSTRAINT trust_pardon_pkey PRIMARY KEY (person, kind);
ALTER TABLE ONLY public.trust_person
    ADD CONSTRAINT trust_person_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.trust_score
    ADD CONSTRAINT trust_score_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.trust_suspect
    ADD CONSTRAINT trust_suspect_pkey PRIMARY KEY (person, "case");
ALTER TABLE ONLY public.trust_target
    ADD CONSTRAINT trust_target_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.trust_total
    ADD CONSTRAINT trust_total_pkey PRIMARY KEY (one);
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
CREATE INDEX card_request_open ON public.card_request USING btree (campaign) WHERE (state = 'open'::text);
CREATE INDEX card_request_to ON public.card_request USING btree (asked_of, campaign) WHERE (asked_of IS NOT NULL);
CREATE INDEX cash_packet_waiting ON public.cash_packet USING btree (campaign, id) WHERE ((passed_to IS NULL) AND (returned_at IS NULL));
CREATE INDEX chat_invite_conversation ON public.chat_invite USING btree (conversation);
CREATE INDEX chat_member_person ON public.chat_member USING btree (person);
CREATE INDEX chat_moderation_at ON public.chat_moderation USING btree (at);
CREATE INDEX chat_report_conversation ON public.chat_report USING btree (conversation);
CREATE INDEX chat_report_id ON public.chat_report USING btree (id);
CREATE INDEX fact_parked_open ON public.fact_parked USING btree (id) WHERE (state <> 'dropped'::text);
CREATE INDEX hold_open_by_expiry ON public.hold USING btree (expires_at) WHERE (ended_at IS NULL);
CREATE INDEX hold_open_by_source ON public.hold USING btree (source) WHERE (ended_at IS NULL);
CREATE INDEX insight_fact_day ON public.insight_fact USING btree (kind, day, number);
CREATE INDEX insight_file_state ON public.insight_file USING btree (state, kind, day);
CREATE INDEX late_share_unpaid ON public.late_share USING btree (due_at, person) WHERE (paid_at IS NULL);
CREATE INDEX leaving_due ON public.leaving USING btree (leaves_at) WHERE (done_at IS NULL);
CREATE INDEX media_person ON public.media USING btree (person, uploaded_at);
CREATE INDEX media_unsent ON public.media USING btree (uploaded_at) WHERE (uses = 0);
CREATE INDEX media_use_message ON public.media_use USING btree (conversation, message);
CREATE INDEX message_sent ON public.message USING brin (sent_at) WITH (autosummarize='on');
CREATE INDEX message_words_gin ON public.message_words USING gin (words);
CREATE INDEX object_dies ON public.object USING btree (dies_at) WHERE ((dropped_at IS NULL) AND (dies_at IS NOT NULL));
CREATE INDEX object_dropped ON public.object USING btree (dropped_at, id) WHERE (dropped_at IS NOT NULL);
CREATE INDEX object_owner ON public.object USING btree (owner);
CREATE INDEX object_shelf ON public.object USING btree (shelf, id);
CREATE INDEX operator_act_age ON public.operator_act USING btree (at);
CREATE INDEX packet_ask_of ON public.packet_ask USING btree (asked, at) WHERE (heard AND (NOT refused) AND (packet IS NULL));
CREATE INDEX packet_by_sender ON public.packet USING btree (sender, sent_at);
CREATE INDEX packet_open_by_end ON public.packet USING btree (ends_at) WHERE (state = 'open'::text);
CREATE INDEX person_by_name ON public.person USING btree (name) WHERE findable;
CREATE INDEX person_external_person ON public.person_external USING btree (person);
CREATE INDEX person_personas ON public.person USING btree (id) WHERE (origin = 'persona'::text);
CREATE INDEX phone_number_person ON public.phone_number USING btree (person);
CREATE INDEX photo_author ON public.photo USING btree (author, posted_at);
CREATE INDEX photo_credit ON public.photo USING btree (credit_at) WHERE ((credit_at IS NOT NULL) AND (credited_at IS NULL));
CREATE INDEX photo_dies ON public.photo USING btree (dies_at) WHERE (ended IS NULL);
CREATE INDEX photo_report_open ON public.photo_report USING btree (at) WHERE (reviewed_at IS NULL);
CREATE INDEX photo_view_viewer ON public.photo_view USING btree (viewer, photo);
CREATE INDEX player_number ON public.player USING btree (campaign, number);
CREATE INDEX push_due_next ON public.push_due USING btree (next_at);
CREATE INDEX reward_hold_open ON public.reward_hold USING btree (campaign, person) WHERE (state = 'held'::text);
CREATE INDEX secret_held_until ON public.secret_held USING btree (until);
CREATE INDEX secret_message_expiry ON public.secret_message USING btree (expires_at);
CREATE INDEX secret_reader_burns ON public.secret_reader USING btree (burns_at) WHERE ((burnt_at IS NULL) AND (burns_at IS NOT NULL));
CREATE INDEX session_expiry ON public.session USING btree (expires_at);
CREATE INDEX settlement_winner_place ON public.settlement_winner USING btree (campaign, place);
CREATE INDEX sign_in_try_age ON public.sign_in_try USING btree (last_at);
CREATE INDEX swap_by_partner ON public.swap USING btree (partner, campaign);
CREATE INDEX swap_by_proposer ON public.swap USING btree (proposer, campaign);
CREATE INDEX swap_offered ON public.swap USING btree (campaign) WHERE (state = 'offered'::text);
CREATE INDEX text_message_due ON public.text_message USING btree (next_try_at);
CREATE INDEX tie_dismissal_age ON public.tie_dismissal USING btree (at);
CREATE INDEX tie_guess_age ON public.tie_guess USING btree (since);
CREATE INDEX tie_invitation_age ON public.tie_invitation USING btree (expires_at);
CREATE INDEX tie_strength_b ON public.tie_strength USING btree (b, a);
CREATE INDEX transfer_by_seq ON public.transfer USING btree (seq);
CREATE INDEX transfer_by_source ON public.transfer USING btree (source, seq);
CREATE INDEX transfer_by_target ON public.transfer USING btree (target, seq);
CREATE INDEX trust_act_age ON public.trust_act USING btree (slot);
CREATE INDEX trust_ask_age ON public.trust_ask USING btree (at);
CREATE INDEX trust_ask_answer_age ON public.trust_ask USING btree (answered_at) WHERE (answered_at IS NOT NULL);
CREATE INDEX trust_ask_by_asked ON public.trust_ask USING btree (asked);
CREATE INDEX trust_case_open ON public.trust_case USING btree (opened_at) WHERE (state = 'open'::text);
CREATE INDEX trust_case_subject ON public.trust_case USING btree (kind, subject) WHERE (state <> 'cleared'::text);
CREATE INDEX trust_made_age ON public.trust_made USING btree (made_on);
CREATE INDEX trust_mark_age ON public.trust_mark USING btree (last_at);
CREATE INDEX trust_mark_by_mark ON public.trust_mark USING btree (kind, mark);
CREATE INDEX trust_person_age ON public.trust_person USING btree (known_at);
CREATE INDEX trust_score_high ON public.trust_score USING btree (log_odds DESC);
CREATE INDEX trust_suspect_by_case ON public.trust_suspect USING btree ("case");
CREATE INDEX wallet_order_open ON public.wallet_order USING btree (next_look_at) WHERE (state = 'asked'::text);
CREATE INDEX wallet_transfer_note ON public.wallet_transfer USING btree (person, group_id) WHERE (note <> ''::text);
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
ALTER TABLE ONLY public.secret_reader
    ADD CONSTRAINT secret_reader_conversation_message_fkey FOREIGN KEY (conversation, message) REFERENCES public.secret_message(conversation, message) ON DELETE CASCADE;
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
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_invite TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.chat_join TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_member TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.chat_moderation TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_pace TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_person TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_presence TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_read TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.chat_report TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.chat_report_media TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.chat_report_shown TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.chat_ruling TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_silence TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_talk TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.claim_offer TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.conversation TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.fact_parked TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.friend_reward TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.gift TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.hold TO wufu_app;
GRANT UPDATE(ended_at) ON TABLE public.hold TO wufu_app;
GRANT UPDATE(outcome) ON TABLE public.hold TO wufu_app;
GRANT UPDATE(posted_minor) ON TABLE public.hold TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.inbox TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inbox_head TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.insight_fact TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.insight_file TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.insight_forgotten TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.insight_import TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.insight_progress TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.job TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.late_share TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.law_check TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.leaving TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.login TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.media TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.media_use TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.message TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.message_mention TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_words TO wufu_app;
GRANT SELECT ON TABLE public.migration TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.new_friend TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.night_forecast TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.night_sample TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.object TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.object_sweep TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.operator TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.operator_act TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.outbox TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.packet TO wufu_app;
GRANT UPDATE(message) ON TABLE public.packet TO wufu_app;
GRANT UPDATE(opened) ON TABLE public.packet TO wufu_app;
GRANT UPDATE(left_minor) ON TABLE public.packet TO wufu_app;
GRANT UPDATE(best_minor) ON TABLE public.packet TO wufu_app;
GRANT UPDATE(best_place) ON TABLE public.packet TO wufu_app;
GRANT UPDATE(best_person) ON TABLE public.packet TO wufu_app;
GRANT UPDATE(state) ON TABLE public.packet TO wufu_app;
GRANT UPDATE(ended_at) ON TABLE public.packet TO wufu_app;
GRANT UPDATE(refund_minor) ON TABLE public.packet TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.packet_ask TO wufu_app;
GRANT UPDATE(refused) ON TABLE public.packet_ask TO wufu_app;
GRANT UPDATE(packet) ON TABLE public.packet_ask TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.packet_limit TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.packet_opening TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.packet_person TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.packet_scope TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.packet_sending TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.packet_try TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.password TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.person TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.person_external TO wufu_app;
GRANT USAGE ON SEQUENCE public.person_id_seq TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.phone_key TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.phone_number TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.phone_proof TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.phone_use TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.photo TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.photo_comment TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.photo_person TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.photo_report TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.photo_review TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.photo_secret TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.photo_setting TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.photo_view TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.pin TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.player TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.push_due TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.push_key TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.push_mark TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.push_person TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.push_subscription TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.reward_hold TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.round_secret TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.seal_block TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.secret_device TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.secret_held TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.secret_message TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.secret_policy TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.secret_reader TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.session TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.settlement TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.settlement_lane TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.settlement_winner TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_try TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.stock TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.swap TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tapping TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.text_message TO wufu_app;
GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE public.tie TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_act TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_ask TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.tie_block TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_dismissal TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_former TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_group TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.tie_group_member TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_guess TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_invitation TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.tie_invitation_use TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_label TO wufu_app;
GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE public.tie_list TO wufu_app;
GRANT SELECT,INSERT,DELETE,MAINTAIN,UPDATE ON TABLE public.tie_person TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_request TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tie_strength TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.transfer TO wufu_app;
GRANT SELECT ON SEQUENCE public.transfer_seq_seq TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.trust_act TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.trust_ask TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.trust_case TO wufu_app;
GRANT UPDATE(evidence) ON TABLE public.trust_case TO wufu_app;
GRANT UPDATE(state) ON TABLE public.trust_case TO wufu_app;
GRANT UPDATE(grown_at) ON TABLE public.trust_case TO wufu_app;
GRANT UPDATE(decided_at) ON TABLE public.trust_case TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.trust_decision TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.trust_made TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.trust_mark TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.trust_pardon TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.trust_person TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.trust_score TO wufu_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.trust_suspect TO wufu_app;
GRANT UPDATE(released_at) ON TABLE public.trust_suspect TO wufu_app;
GRANT UPDATE(asked_at) ON TABLE public.trust_suspect TO wufu_app;
GRANT UPDATE(words) ON TABLE public.trust_suspect TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.trust_target TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.trust_total TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.wallet_limit TO wufu_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.wallet_order TO wufu_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.wallet_person TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.wallet_transfer TO wufu_app;
GRANT UPDATE(note) ON TABLE public.wallet_transfer TO wufu_app;
GRANT SELECT,INSERT ON TABLE public.win TO wufu_app;
