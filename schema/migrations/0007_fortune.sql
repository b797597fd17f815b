-- A pool is paid out in lanes: each pays its own stretch of places from its own account, so that they need
-- not wait for one another. Lane 0 pays from the pool itself; what was being paid before goes on in it.

CREATE TABLE settlement_lane (
    campaign text NOT NULL,
    lane smallint NOT NULL CHECK (lane >= 0),
    after_place bigint NOT NULL CHECK (after_place >= 0),
    last_place bigint NOT NULL,
    paid_through bigint NOT NULL,
    PRIMARY KEY (campaign, lane),
    CHECK (after_place <= paid_through AND paid_through <= last_place)
);
COMMENT ON TABLE settlement_lane IS
    'Stretches of winners, places after_place + 1 to last_place, and how far each is paid. reference table';

INSERT INTO settlement_lane (campaign, lane, after_place, last_place, paid_through)
SELECT campaign, 0, 0, winners, paid_through FROM settlement;

ALTER TABLE settlement DROP COLUMN paid_through;

GRANT SELECT, INSERT, UPDATE ON settlement_lane TO wufu_app;
