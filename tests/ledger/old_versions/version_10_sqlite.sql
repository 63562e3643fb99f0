BEGIN TRANSACTION;
CREATE TABLE baton_acts (
	id TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	"by" TEXT NOT NULL, 
	act TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	account TEXT, 
	reference TEXT, 
	note TEXT, 
	outcome TEXT NOT NULL, 
	detail TEXT, 
	bulk TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "baton_acts" VALUES('id-1','2026-03-01 12:01:00.000000','by-1','act-1','reference','default','invoice-1','note-1','outcome-1','detail-1','bulk-1');
INSERT INTO "baton_acts" VALUES('id-2','2026-03-01 12:02:00.000000','by-2','act-2','reference','default','invoice-2','note-2','outcome-2','detail-2','bulk-2');
CREATE TABLE baton_asked_payments (
	account TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	payer TEXT NOT NULL, 
	cents BIGINT NOT NULL, 
	asked_at DATETIME NOT NULL, 
	PRIMARY KEY (account, workflow_id)
);
INSERT INTO "baton_asked_payments" VALUES('default','order/default/invoice-1','payer-1',1,'2026-03-01 12:01:00.000000');
INSERT INTO "baton_asked_payments" VALUES('default','order/default/invoice-2','payer-2',2,'2026-03-01 12:02:00.000000');
CREATE TABLE baton_bulk_orders (
	bulk TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	workflow_id TEXT NOT NULL, 
	account TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	state TEXT NOT NULL, 
	code TEXT, 
	message TEXT, 
	at DATETIME, 
	PRIMARY KEY (bulk, position)
);
INSERT INTO "baton_bulk_orders" VALUES('bulk-1',1,'order/default/invoice-1','default','invoice-1','state-1','code-1','message-1','2026-03-01 12:01:00.000000');
INSERT INTO "baton_bulk_orders" VALUES('bulk-2',2,'order/default/invoice-2','default','invoice-2','state-2','code-2','message-2','2026-03-01 12:02:00.000000');
CREATE TABLE baton_bulks (
	id TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	"by" TEXT NOT NULL, 
	request JSON NOT NULL, 
	accounts JSON, 
	orders INTEGER NOT NULL, 
	stopped_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "baton_bulks" VALUES('id-1','2026-03-01 12:01:00.000000','by-1','{"recipientSparkAddress": "spark1payee1"}','["default"]',1,'2026-03-01 12:01:00.000000');
INSERT INTO "baton_bulks" VALUES('id-2','2026-03-01 12:02:00.000000','by-2','{"recipientSparkAddress": "spark1payee2"}','["default"]',2,'2026-03-01 12:02:00.000000');
CREATE TABLE baton_credits (
	account TEXT NOT NULL, 
	offer_id TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	order_id TEXT NOT NULL, 
	sats BIGINT NOT NULL, 
	credited_at DATETIME NOT NULL, 
	PRIMARY KEY (account, offer_id)
);
INSERT INTO "baton_credits" VALUES('default','offer_id-1','order/default/invoice-1','order_id-1',1,'2026-03-01 12:01:00.000000');
INSERT INTO "baton_credits" VALUES('default','offer_id-2','order/default/invoice-2','order_id-2',2,'2026-03-01 12:02:00.000000');
CREATE TABLE baton_cursors (
	chain TEXT NOT NULL, 
	cursor TEXT NOT NULL, 
	updated_at DATETIME NOT NULL, 
	PRIMARY KEY (chain)
);
INSERT INTO "baton_cursors" VALUES('base','cursor-1','2026-03-01 12:01:00.000000');
INSERT INTO "baton_cursors" VALUES('tron','cursor-2','2026-03-01 12:02:00.000000');
CREATE TABLE baton_deliveries (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	workflow_id TEXT, 
	order_id TEXT, 
	quote_id TEXT, 
	event TEXT NOT NULL, 
	status TEXT, 
	event_timestamp DATETIME, 
	received_at DATETIME NOT NULL, 
	disposition TEXT NOT NULL, 
	detail TEXT, 
	body BLOB, 
	PRIMARY KEY (id)
);
INSERT INTO "baton_deliveries" VALUES(1,'default','order/default/invoice-1','order_id-1','quote_id-1','event-1','status-1','2026-03-01 12:01:00.000000','2026-03-01 12:01:00.000000','handed_over','detail-1',X'789C030000000001');
INSERT INTO "baton_deliveries" VALUES(2,'default','order/default/invoice-2','order_id-2','quote_id-2','event-2','status-2','2026-03-01 12:02:00.000000','2026-03-01 12:02:00.000000','handed_over','detail-2',X'789C030000000001');
CREATE TABLE baton_deposits (
	chain TEXT NOT NULL, 
	tx_id TEXT NOT NULL, 
	position TEXT NOT NULL, 
	address TEXT NOT NULL, 
	asset TEXT NOT NULL, 
	amount TEXT NOT NULL, 
	state TEXT NOT NULL, 
	document JSON NOT NULL, 
	first_seen_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	PRIMARY KEY (chain, tx_id, position)
);
INSERT INTO "baton_deposits" VALUES('base','tx_id-1','position-1','address-1','asset-1','1000000000000000000000001','state-1','{"number": 1}','2026-03-01 12:01:00.000000','2026-03-01 12:01:00.000000');
INSERT INTO "baton_deposits" VALUES('tron','tx_id-2','position-2','address-2','asset-2','1000000000000000000000002','state-2','{"number": 2}','2026-03-01 12:02:00.000000','2026-03-01 12:02:00.000000');
CREATE TABLE baton_endpoint_states (
	endpoint TEXT NOT NULL, 
	cursor BIGINT NOT NULL, 
	failing_since DATETIME, 
	last_error TEXT, 
	disabled_at DATETIME, 
	disabled_because TEXT, 
	PRIMARY KEY (endpoint)
);
INSERT INTO "baton_endpoint_states" VALUES('endpoint-1',1,'2026-03-01 12:01:00.000000','last_error-1','2026-03-01 12:01:00.000000','disabled_because-1');
INSERT INTO "baton_endpoint_states" VALUES('endpoint-2',2,'2026-03-01 12:02:00.000000','last_error-2','2026-03-01 12:02:00.000000','disabled_because-2');
CREATE TABLE baton_endpoints (
	name TEXT NOT NULL, 
	url TEXT NOT NULL, 
	events JSON NOT NULL, 
	accounts JSON NOT NULL, 
	secrets JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "baton_endpoints" VALUES('name-1','url-1','["order.closed"]','["default"]','["zK1vQ"]','2026-03-01 12:01:00.000000','created_by-1');
INSERT INTO "baton_endpoints" VALUES('name-2','url-2','["order.closed"]','["default"]','["zK2vQ"]','2026-03-01 12:02:00.000000','created_by-2');
CREATE TABLE baton_events (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	account TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	type TEXT NOT NULL, 
	position INTEGER, 
	occurred_at DATETIME NOT NULL, 
	written_at DATETIME NOT NULL, 
	data JSON NOT NULL, 
	UNIQUE (id)
);
INSERT INTO "baton_events" VALUES(1,'id-1','order/default/invoice-1','default','invoice-1','order.status_changed',1,'2026-03-01 12:01:00.000000','2026-03-01 12:01:00.000000','{"number": 1}');
INSERT INTO "baton_events" VALUES(2,'id-2','order/default/invoice-2','default','invoice-2','order.status_changed',2,'2026-03-01 12:02:00.000000','2026-03-01 12:02:00.000000','{"number": 2}');
CREATE TABLE baton_fee_payouts (
	account TEXT NOT NULL, 
	order_id TEXT NOT NULL, 
	payout TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	affiliate_id TEXT, 
	chain TEXT, 
	asset TEXT, 
	amount TEXT, 
	recipient_amount TEXT, 
	tx_hash TEXT, 
	recorded_at DATETIME, 
	PRIMARY KEY (account, order_id, payout)
);
INSERT INTO "baton_fee_payouts" VALUES('default','order_id-1','payout-1','order/default/invoice-1','affiliate_id-1','base','asset-1','1000000000000000000000001','1000000000000000000000001','tx_hash-1','2026-03-01 12:01:00.000000');
INSERT INTO "baton_fee_payouts" VALUES('default','order_id-2','payout-2','order/default/invoice-2','affiliate_id-2','tron','asset-2','1000000000000000000000002','1000000000000000000000002','tx_hash-2','2026-03-01 12:02:00.000000');
CREATE TABLE baton_notification_attempts (
	id INTEGER NOT NULL, 
	endpoint TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	event_type TEXT NOT NULL, 
	attempted_at DATETIME NOT NULL, 
	milliseconds INTEGER NOT NULL, 
	outcome TEXT NOT NULL, 
	status_code INTEGER, 
	detail TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "baton_notification_attempts" VALUES(1,'endpoint-1','order/default/invoice-1','event_id-1','event_type-1','2026-03-01 12:01:00.000000',1,'outcome-1',1,'detail-1');
INSERT INTO "baton_notification_attempts" VALUES(2,'endpoint-2','order/default/invoice-2','event_id-2','event_type-2','2026-03-01 12:02:00.000000',2,'outcome-2',2,'detail-2');
CREATE TABLE baton_notifications (
	endpoint TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	wanted BIGINT NOT NULL, 
	done BIGINT NOT NULL, 
	failures INTEGER NOT NULL, 
	failing_since DATETIME, 
	due_at DATETIME, 
	waking BOOLEAN NOT NULL, 
	PRIMARY KEY (endpoint, workflow_id)
);
INSERT INTO "baton_notifications" VALUES('endpoint-1','order/default/invoice-1',1,1,1,'2026-03-01 12:01:00.000000','2026-03-01 12:01:00.000000',1);
INSERT INTO "baton_notifications" VALUES('endpoint-2','order/default/invoice-2',2,2,2,'2026-03-01 12:02:00.000000','2026-03-01 12:02:00.000000',1);
CREATE TABLE baton_order_index (
	account TEXT NOT NULL, 
	order_id TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	PRIMARY KEY (account, order_id)
);
INSERT INTO "baton_order_index" VALUES('default','order_id-1','order/default/invoice-1');
INSERT INTO "baton_order_index" VALUES('default','order_id-2','order/default/invoice-2');
CREATE TABLE baton_order_keys (
	account TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	value TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	opened_at DATETIME NOT NULL, 
	PRIMARY KEY (account, kind, value, workflow_id)
);
INSERT INTO "baton_order_keys" VALUES('default','reference','value-1','order/default/invoice-1','2026-03-01 12:01:00.000000');
INSERT INTO "baton_order_keys" VALUES('default','reference','value-2','order/default/invoice-2','2026-03-01 12:02:00.000000');
CREATE TABLE baton_orders (
	workflow_id TEXT NOT NULL, 
	account TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	phase TEXT NOT NULL, 
	status TEXT, 
	outcome TEXT, 
	order_id TEXT, 
	quote_id TEXT, 
	deposit_address TEXT, 
	source_chain TEXT, 
	source_asset TEXT, 
	destination_chain TEXT, 
	destination_asset TEXT, 
	amount_in TEXT, 
	amount_out TEXT, 
	attention TEXT, 
	waiting_for JSON, 
	next_deadline DATETIME, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	revision BIGINT NOT NULL, 
	snapshot JSON NOT NULL, 
	published_at DATETIME, 
	source TEXT, 
	delivery_ms BIGINT, 
	hold TEXT, 
	PRIMARY KEY (workflow_id)
);
INSERT INTO "baton_orders" VALUES('order/default/invoice-1','default','invoice-1','tracking','status-1','outcome-1','order_id-1','quote_id-1','0xABC1','base','source_asset-1','destination_chain-1','destination_asset-1','1000000000000000000000001','1000000000000000000000001',NULL,'{"number": 1}','2026-03-01 12:01:00.000000','2026-03-01 12:01:00.000000','2026-03-01 12:01:00.000000',NULL,1,'{"number": 1}','2026-03-01 12:01:00.000000','address/shop-1',1,NULL);
INSERT INTO "baton_orders" VALUES('order/default/invoice-2','default','invoice-2','tracking','status-2','outcome-2','order_id-2','quote_id-2','0xABC2','tron','source_asset-2','destination_chain-2','destination_asset-2','1000000000000000000000002','1000000000000000000000002',NULL,'{"number": 2}','2026-03-01 12:02:00.000000','2026-03-01 12:02:00.000000','2026-03-01 12:02:00.000000',NULL,2,'{"number": 2}','2026-03-01 12:02:00.000000','address/shop-2',2,NULL);
CREATE TABLE baton_properties (
	name TEXT NOT NULL, 
	value TEXT, 
	PRIMARY KEY (name)
);
INSERT INTO "baton_properties" VALUES('complete_since','2026-03-01T12:00:00+00:00');
CREATE TABLE baton_quote_index (
	account TEXT NOT NULL, 
	quote_id TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	deposit_address TEXT, 
	deposit_memo TEXT, 
	source_chain TEXT, 
	created_at DATETIME NOT NULL, 
	address_key TEXT, 
	PRIMARY KEY (account, quote_id)
);
INSERT INTO "baton_quote_index" VALUES('default','quote_id-1','order/default/invoice-1','0xABC1','deposit_memo-1','base','2026-03-01 12:01:00.000000','address_key-1');
INSERT INTO "baton_quote_index" VALUES('default','quote_id-2','order/default/invoice-2','0xABC2','deposit_memo-2','tron','2026-03-01 12:02:00.000000','address_key-2');
CREATE TABLE baton_schema_version (
	version INTEGER NOT NULL, 
	applied_at DATETIME NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "baton_schema_version" VALUES(10,'2026-03-01 12:00:00.000000');
CREATE TABLE baton_source_addresses (
	account TEXT NOT NULL, 
	chain TEXT NOT NULL, 
	address_key TEXT NOT NULL, 
	address TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	since DATETIME NOT NULL, 
	PRIMARY KEY (account, chain, address_key)
);
INSERT INTO "baton_source_addresses" VALUES('default','base','address_key-1','address-1','address','invoice-1','2026-03-01 12:01:00.000000');
INSERT INTO "baton_source_addresses" VALUES('default','tron','address_key-2','address-2','address','invoice-2','2026-03-01 12:02:00.000000');
CREATE TABLE baton_sources (
	account TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	orchestra_id TEXT, 
	recipient TEXT, 
	label TEXT, 
	request JSON NOT NULL, 
	metadata JSON NOT NULL, 
	policy JSON NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	disabled_at DATETIME, 
	reason TEXT, 
	attention TEXT, 
	revision BIGINT NOT NULL, 
	snapshot JSON NOT NULL, 
	PRIMARY KEY (account, kind, reference)
);
INSERT INTO "baton_sources" VALUES('default','address','invoice-1','order/default/invoice-1','orchestra_id-1','spark1payee1','label-1','{"recipientSparkAddress": "spark1payee1"}','{"shop": "1"}','{"number": 1}',1,'2026-03-01 12:01:00.000000','2026-03-01 12:01:00.000000','reason-1','attention-1',1,'{"number": 1}');
INSERT INTO "baton_sources" VALUES('default','address','invoice-2','order/default/invoice-2','orchestra_id-2','spark1payee2','label-2','{"recipientSparkAddress": "spark1payee2"}','{"shop": "2"}','{"number": 2}',1,'2026-03-01 12:02:00.000000','2026-03-01 12:02:00.000000','reason-2','attention-2',2,'{"number": 2}');
CREATE TABLE baton_transitions (
	id INTEGER NOT NULL, 
	workflow_id TEXT NOT NULL, 
	order_id TEXT, 
	position INTEGER, 
	status TEXT NOT NULL, 
	at DATETIME, 
	source TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "baton_transitions" VALUES(1,'order/default/invoice-1','order_id-1',1,'status-1','2026-03-01 12:01:00.000000','address/shop-1');
INSERT INTO "baton_transitions" VALUES(2,'order/default/invoice-2','order_id-2',2,'status-2','2026-03-01 12:02:00.000000','address/shop-2');
CREATE TABLE baton_watches (
	account TEXT NOT NULL, 
	quote_id TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	chain TEXT NOT NULL, 
	address TEXT NOT NULL, 
	since DATETIME NOT NULL, 
	PRIMARY KEY (account, quote_id)
);
INSERT INTO "baton_watches" VALUES('default','quote_id-1','order/default/invoice-1','base','address-1','2026-03-01 12:01:00.000000');
INSERT INTO "baton_watches" VALUES('default','quote_id-2','order/default/invoice-2','tron','address-2','2026-03-01 12:02:00.000000');
CREATE TABLE baton_webhook_counts (
	hour DATETIME NOT NULL, 
	account TEXT NOT NULL, 
	result TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	last_at DATETIME NOT NULL, 
	PRIMARY KEY (hour, account, result)
);
INSERT INTO "baton_webhook_counts" VALUES('2026-03-01 12:01:00.000000','default','result-1',1,'2026-03-01 12:01:00.000000');
INSERT INTO "baton_webhook_counts" VALUES('2026-03-01 12:02:00.000000','default','result-2',2,'2026-03-01 12:02:00.000000');
CREATE INDEX baton_quote_index_by_address_key ON baton_quote_index (account, address_key);
CREATE INDEX baton_quote_index_by_address ON baton_quote_index (source_chain, deposit_address);
CREATE INDEX baton_quote_index_by_workflow ON baton_quote_index (workflow_id, created_at);
CREATE INDEX baton_orders_by_account ON baton_orders (account, created_at, workflow_id);
CREATE INDEX baton_orders_by_hold ON baton_orders (hold, created_at, workflow_id) WHERE hold IS NOT NULL;
CREATE INDEX baton_orders_by_phase ON baton_orders (phase, created_at, workflow_id);
CREATE INDEX baton_orders_by_change ON baton_orders (phase, status, updated_at, account, workflow_id) WHERE closed_at IS NULL;
CREATE INDEX baton_orders_by_age ON baton_orders (created_at, workflow_id);
CREATE INDEX baton_orders_by_source ON baton_orders (account, source, created_at, workflow_id);
CREATE INDEX baton_orders_by_end ON baton_orders (closed_at, account, outcome, source_chain, source_asset, destination_chain, destination_asset, delivery_ms) WHERE closed_at IS NOT NULL;
CREATE INDEX baton_orders_by_attention ON baton_orders (attention, account) WHERE closed_at IS NULL AND attention IS NOT NULL;
CREATE INDEX baton_order_keys_by_workflow ON baton_order_keys (workflow_id);
CREATE INDEX baton_transitions_by_workflow ON baton_transitions (workflow_id);
CREATE INDEX baton_credits_by_time ON baton_credits (account, credited_at);
CREATE INDEX baton_deliveries_by_workflow ON baton_deliveries (workflow_id, id);
CREATE INDEX baton_asked_payments_by_payer ON baton_asked_payments (account, payer, asked_at);
CREATE INDEX baton_watches_by_chain ON baton_watches (chain, address);
CREATE INDEX baton_deposits_by_address ON baton_deposits (chain, address);
CREATE INDEX baton_deposits_by_state ON baton_deposits (chain, state);
CREATE INDEX baton_sources_by_orchestra_id ON baton_sources (account, orchestra_id);
CREATE INDEX baton_sources_by_recipient ON baton_sources (account, recipient, reference);
CREATE INDEX baton_sources_by_age ON baton_sources (created_at, workflow_id);
CREATE INDEX baton_source_addresses_by_chain ON baton_source_addresses (chain, address_key);
CREATE INDEX baton_source_addresses_by_source ON baton_source_addresses (account, kind, reference);
CREATE INDEX baton_fee_payouts_by_affiliate ON baton_fee_payouts (account, affiliate_id, order_id, payout);
CREATE INDEX baton_events_by_attention ON baton_events (occurred_at, account) WHERE type = 'order.attention_raised';
CREATE INDEX baton_events_by_workflow ON baton_events (workflow_id, seq);
CREATE INDEX baton_notifications_by_due ON baton_notifications (due_at);
CREATE INDEX baton_notifications_by_workflow ON baton_notifications (workflow_id);
CREATE INDEX baton_notification_attempts_by_event ON baton_notification_attempts (event_id, endpoint, id);
CREATE INDEX baton_notification_attempts_by_endpoint ON baton_notification_attempts (endpoint, id);
CREATE INDEX baton_notification_attempts_by_workflow ON baton_notification_attempts (workflow_id, id);
CREATE INDEX baton_acts_by_time ON baton_acts (at, id);
CREATE INDEX baton_acts_by_reference ON baton_acts (account, kind, reference, at);
CREATE INDEX baton_bulks_by_time ON baton_bulks (created_at, id);
CREATE INDEX baton_bulk_orders_by_state ON baton_bulk_orders (bulk, state, position);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('baton_events',2);
COMMIT;
