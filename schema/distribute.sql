-- Makes a Citus cluster of a migrated, empty database: run once on the coordinator, as the owner.
-- Each table's key is the one its comment names; a tidy test holds the two together.
-- Tables that share the key `person` are placed together, so that a person's rows meet on one node.

CREATE EXTENSION IF NOT EXISTS citus;

SELECT create_reference_table('migration');
SELECT create_reference_table('job');
SELECT create_reference_table('wallet_limit');
SELECT create_reference_table('bank_key');
SELECT create_reference_table('campaign');
SELECT create_reference_table('campaign_round');
SELECT create_reference_table('round_secret');
SELECT create_reference_table('campaign_count');
SELECT create_reference_table('stock');
SELECT create_reference_table('settlement');
SELECT create_reference_table('settlement_lane');

SELECT create_distributed_table('outbox', 'id');
SELECT create_distributed_table('inbox_head', 'person');
SELECT create_distributed_table('inbox', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('account', 'id');
SELECT create_distributed_table('transfer', 'group_id');
SELECT create_distributed_table('hold', 'id');
SELECT create_distributed_table('seal_block', 'number');
SELECT create_distributed_table('person', 'id');
SELECT create_distributed_table('person_external', 'external');
SELECT create_distributed_table('login', 'login');
SELECT create_distributed_table('password', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('pin', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('session', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('claim_offer', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('sign_in_try', 'key');
SELECT create_distributed_table('tie', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('tie_request', 'asked');
SELECT create_distributed_table('tie_ask', 'asker');
SELECT create_distributed_table('tie_block', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('tie_former', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('tie_person', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('wallet_person', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('wallet_transfer', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('wallet_order', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('bank_order', 'reference');
SELECT create_distributed_table('player', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('tapping', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('win', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('cash_packet', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('gift', 'id');
SELECT create_distributed_table('card_request', 'id');
SELECT create_distributed_table('swap', 'id');
SELECT create_distributed_table('new_friend', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('friend_reward', 'person', colocate_with => 'inbox_head');
SELECT create_distributed_table('settlement_winner', 'person', colocate_with => 'inbox_head');
