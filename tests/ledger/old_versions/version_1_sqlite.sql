BEGIN TRANSACTION;
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
	PRIMARY KEY (id)
);
INSERT INTO "baton_deliveries" VALUES(1,'default','order/default/invoice-1','order_id-1','quote_id-1','event-1','status-1','2026-03-01 12:01:00.000000','2026-03-01 12:01:00.000000','handed_over','detail-1');
INSERT INTO "baton_deliveries" VALUES(2,'default','order/default/invoice-2','order_id-2','quote_id-2','event-2','status-2','2026-03-01 12:02:00.000000','2026-03-01 12:02:00.000000','handed_over','detail-2');
CREATE TABLE baton_order_index (
	account TEXT NOT NULL, 
	order_id TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	PRIMARY KEY (account, order_id)
);
INSERT INTO "baton_order_index" VALUES('default','order_id-1','order/default/invoice-1');
INSERT INTO "baton_order_index" VALUES('default','order_id-2','order/default/invoice-2');
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
	PRIMARY KEY (workflow_id)
);
INSERT INTO "baton_orders" VALUES('order/default/invoice-1','default','invoice-1','tracking','status-1','outcome-1','order_id-1','quote_id-1','0xABC1','base','source_asset-1','destination_chain-1','destination_asset-1','1000000000000000000000001','1000000000000000000000001',NULL,'{"number": 1}','2026-03-01 12:01:00.000000','2026-03-01 12:01:00.000000','2026-03-01 12:01:00.000000',NULL,1,'{"number": 1}');
INSERT INTO "baton_orders" VALUES('order/default/invoice-2','default','invoice-2','tracking','status-2','outcome-2','order_id-2','quote_id-2','0xABC2','tron','source_asset-2','destination_chain-2','destination_asset-2','1000000000000000000000002','1000000000000000000000002',NULL,'{"number": 2}','2026-03-01 12:02:00.000000','2026-03-01 12:02:00.000000','2026-03-01 12:02:00.000000',NULL,2,'{"number": 2}');
CREATE TABLE baton_quote_index (
	account TEXT NOT NULL, 
	quote_id TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	deposit_address TEXT, 
	deposit_memo TEXT, 
	source_chain TEXT, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (account, quote_id)
);
INSERT INTO "baton_quote_index" VALUES('default','quote_id-1','order/default/invoice-1','0xABC1','deposit_memo-1','base','2026-03-01 12:01:00.000000');
INSERT INTO "baton_quote_index" VALUES('default','quote_id-2','order/default/invoice-2','0xABC2','deposit_memo-2','tron','2026-03-01 12:02:00.000000');
CREATE TABLE baton_schema_version (
	version INTEGER NOT NULL, 
	applied_at DATETIME NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "baton_schema_version" VALUES(1,'2026-03-01 12:00:00.000000');
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
CREATE INDEX baton_quote_index_by_workflow ON baton_quote_index (workflow_id, created_at);
CREATE INDEX baton_quote_index_by_address ON baton_quote_index (source_chain, deposit_address);
CREATE INDEX baton_orders_by_age ON baton_orders (created_at, workflow_id);
CREATE INDEX baton_orders_by_account ON baton_orders (account, created_at, workflow_id);
CREATE INDEX baton_orders_by_phase ON baton_orders (phase, created_at, workflow_id);
CREATE INDEX baton_transitions_by_workflow ON baton_transitions (workflow_id);
CREATE INDEX baton_credits_by_time ON baton_credits (account, credited_at);
CREATE INDEX baton_deliveries_by_workflow ON baton_deliveries (workflow_id, id);
COMMIT;
