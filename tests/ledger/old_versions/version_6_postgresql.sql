CREATE TABLE public.baton_asked_payments (
    account text NOT NULL,
    workflow_id text NOT NULL,
    payer text NOT NULL,
    cents bigint NOT NULL,
    asked_at timestamp with time zone NOT NULL
);
CREATE TABLE public.baton_credits (
    account text NOT NULL,
    offer_id text NOT NULL,
    workflow_id text NOT NULL,
    order_id text NOT NULL,
    sats bigint NOT NULL,
    credited_at timestamp with time zone NOT NULL
);
CREATE TABLE public.baton_cursors (
    chain text NOT NULL,
    cursor text NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
CREATE TABLE public.baton_deliveries (
    id bigint NOT NULL,
    account text NOT NULL,
    workflow_id text,
    order_id text,
    quote_id text,
    event text NOT NULL,
    status text,
    event_timestamp timestamp with time zone,
    received_at timestamp with time zone NOT NULL,
    disposition text NOT NULL,
    detail text,
    body bytea
);
CREATE SEQUENCE public.baton_deliveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.baton_deliveries_id_seq OWNED BY public.baton_deliveries.id;
CREATE TABLE public.baton_deposits (
    chain text NOT NULL,
    tx_id text NOT NULL,
    "position" text NOT NULL,
    address text NOT NULL,
    asset text NOT NULL,
    amount text NOT NULL,
    state text NOT NULL,
    document json NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
CREATE TABLE public.baton_events (
    seq bigint NOT NULL,
    id text NOT NULL,
    workflow_id text NOT NULL,
    account text NOT NULL,
    reference text NOT NULL,
    type text NOT NULL,
    "position" integer,
    occurred_at timestamp with time zone NOT NULL,
    written_at timestamp with time zone NOT NULL,
    data json NOT NULL
);
CREATE SEQUENCE public.baton_events_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.baton_events_seq_seq OWNED BY public.baton_events.seq;
CREATE TABLE public.baton_fee_payouts (
    account text NOT NULL,
    order_id text NOT NULL,
    payout text NOT NULL,
    workflow_id text NOT NULL,
    affiliate_id text,
    chain text,
    asset text,
    amount text,
    recipient_amount text,
    tx_hash text,
    recorded_at timestamp with time zone
);
CREATE TABLE public.baton_order_index (
    account text NOT NULL,
    order_id text NOT NULL,
    workflow_id text NOT NULL
);
CREATE TABLE public.baton_order_keys (
    account text NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    workflow_id text NOT NULL,
    opened_at timestamp with time zone NOT NULL
);
CREATE TABLE public.baton_orders (
    workflow_id text NOT NULL,
    account text NOT NULL,
    reference text NOT NULL,
    phase text NOT NULL,
    status text,
    outcome text,
    order_id text,
    quote_id text,
    deposit_address text,
    source_chain text,
    source_asset text,
    destination_chain text,
    destination_asset text,
    amount_in text,
    amount_out text,
    attention text,
    waiting_for json,
    next_deadline timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    revision bigint NOT NULL,
    snapshot json NOT NULL,
    published_at timestamp with time zone,
    source text
);
CREATE TABLE public.baton_properties (
    name text NOT NULL,
    value text
);
CREATE TABLE public.baton_quote_index (
    account text NOT NULL,
    quote_id text NOT NULL,
    workflow_id text NOT NULL,
    deposit_address text,
    deposit_memo text,
    source_chain text,
    created_at timestamp with time zone NOT NULL,
    address_key text
);
CREATE TABLE public.baton_schema_version (
    version integer NOT NULL,
    applied_at timestamp with time zone NOT NULL
);
CREATE TABLE public.baton_source_addresses (
    account text NOT NULL,
    chain text NOT NULL,
    address_key text NOT NULL,
    address text NOT NULL,
    kind text NOT NULL,
    reference text NOT NULL,
    since timestamp with time zone NOT NULL
);
CREATE TABLE public.baton_sources (
    account text NOT NULL,
    kind text NOT NULL,
    reference text NOT NULL,
    workflow_id text NOT NULL,
    orchestra_id text,
    label text,
    request json NOT NULL,
    metadata json NOT NULL,
    policy json NOT NULL,
    enabled boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    reason text,
    attention text,
    revision bigint NOT NULL,
    snapshot json NOT NULL
);
CREATE TABLE public.baton_transitions (
    id bigint NOT NULL,
    workflow_id text NOT NULL,
    order_id text,
    "position" integer,
    status text NOT NULL,
    at timestamp with time zone,
    source text NOT NULL
);
CREATE SEQUENCE public.baton_transitions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.baton_transitions_id_seq OWNED BY public.baton_transitions.id;
CREATE TABLE public.baton_watches (
    account text NOT NULL,
    quote_id text NOT NULL,
    workflow_id text NOT NULL,
    chain text NOT NULL,
    address text NOT NULL,
    since timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.baton_deliveries ALTER COLUMN id SET DEFAULT nextval('public.baton_deliveries_id_seq'::regclass);
ALTER TABLE ONLY public.baton_events ALTER COLUMN seq SET DEFAULT nextval('public.baton_events_seq_seq'::regclass);
ALTER TABLE ONLY public.baton_transitions ALTER COLUMN id SET DEFAULT nextval('public.baton_transitions_id_seq'::regclass);
INSERT INTO public.baton_asked_payments VALUES ('default', 'order/default/invoice-1', 'payer-1', 1, '2026-03-01 12:01:00+00');
INSERT INTO public.baton_asked_payments VALUES ('default', 'order/default/invoice-2', 'payer-2', 2, '2026-03-01 12:02:00+00');
INSERT INTO public.baton_credits VALUES ('default', 'offer_id-1', 'order/default/invoice-1', 'order_id-1', 1, '2026-03-01 12:01:00+00');
INSERT INTO public.baton_credits VALUES ('default', 'offer_id-2', 'order/default/invoice-2', 'order_id-2', 2, '2026-03-01 12:02:00+00');
INSERT INTO public.baton_cursors VALUES ('base', 'cursor-1', '2026-03-01 12:01:00+00');
INSERT INTO public.baton_cursors VALUES ('tron', 'cursor-2', '2026-03-01 12:02:00+00');
INSERT INTO public.baton_deliveries VALUES (1, 'default', 'order/default/invoice-1', 'order_id-1', 'quote_id-1', 'event-1', 'status-1', '2026-03-01 12:01:00+00', '2026-03-01 12:01:00+00', 'handed_over', 'detail-1', '\x789c030000000001');
INSERT INTO public.baton_deliveries VALUES (2, 'default', 'order/default/invoice-2', 'order_id-2', 'quote_id-2', 'event-2', 'status-2', '2026-03-01 12:02:00+00', '2026-03-01 12:02:00+00', 'handed_over', 'detail-2', '\x789c030000000001');
INSERT INTO public.baton_deposits VALUES ('base', 'tx_id-1', 'position-1', 'address-1', 'asset-1', '1000000000000000000000001', 'state-1', '{"number": 1}', '2026-03-01 12:01:00+00', '2026-03-01 12:01:00+00');
INSERT INTO public.baton_deposits VALUES ('tron', 'tx_id-2', 'position-2', 'address-2', 'asset-2', '1000000000000000000000002', 'state-2', '{"number": 2}', '2026-03-01 12:02:00+00', '2026-03-01 12:02:00+00');
INSERT INTO public.baton_events VALUES (1, 'id-1', 'order/default/invoice-1', 'default', 'invoice-1', 'order.status_changed', 1, '2026-03-01 12:01:00+00', '2026-03-01 12:01:00+00', '{"number": 1}');
INSERT INTO public.baton_events VALUES (2, 'id-2', 'order/default/invoice-2', 'default', 'invoice-2', 'order.status_changed', 2, '2026-03-01 12:02:00+00', '2026-03-01 12:02:00+00', '{"number": 2}');
INSERT INTO public.baton_fee_payouts VALUES ('default', 'order_id-1', 'payout-1', 'order/default/invoice-1', 'affiliate_id-1', 'base', 'asset-1', '1000000000000000000000001', '1000000000000000000000001', 'tx_hash-1', '2026-03-01 12:01:00+00');
INSERT INTO public.baton_fee_payouts VALUES ('default', 'order_id-2', 'payout-2', 'order/default/invoice-2', 'affiliate_id-2', 'tron', 'asset-2', '1000000000000000000000002', '1000000000000000000000002', 'tx_hash-2', '2026-03-01 12:02:00+00');
INSERT INTO public.baton_order_index VALUES ('default', 'order_id-1', 'order/default/invoice-1');
INSERT INTO public.baton_order_index VALUES ('default', 'order_id-2', 'order/default/invoice-2');
INSERT INTO public.baton_order_keys VALUES ('default', 'reference', 'value-1', 'order/default/invoice-1', '2026-03-01 12:01:00+00');
INSERT INTO public.baton_order_keys VALUES ('default', 'reference', 'value-2', 'order/default/invoice-2', '2026-03-01 12:02:00+00');
INSERT INTO public.baton_orders VALUES ('order/default/invoice-1', 'default', 'invoice-1', 'tracking', 'status-1', 'outcome-1', 'order_id-1', 'quote_id-1', '0xABC1', 'base', 'source_asset-1', 'destination_chain-1', 'destination_asset-1', '1000000000000000000000001', '1000000000000000000000001', NULL, '{"number": 1}', '2026-03-01 12:01:00+00', '2026-03-01 12:01:00+00', '2026-03-01 12:01:00+00', NULL, 1, '{"number": 1}', '2026-03-01 12:01:00+00', 'address/shop-1');
INSERT INTO public.baton_orders VALUES ('order/default/invoice-2', 'default', 'invoice-2', 'tracking', 'status-2', 'outcome-2', 'order_id-2', 'quote_id-2', '0xABC2', 'tron', 'source_asset-2', 'destination_chain-2', 'destination_asset-2', '1000000000000000000000002', '1000000000000000000000002', NULL, '{"number": 2}', '2026-03-01 12:02:00+00', '2026-03-01 12:02:00+00', '2026-03-01 12:02:00+00', NULL, 2, '{"number": 2}', '2026-03-01 12:02:00+00', 'address/shop-2');
INSERT INTO public.baton_properties VALUES ('complete_since', '2026-03-01T12:00:00+00:00');
INSERT INTO public.baton_quote_index VALUES ('default', 'quote_id-1', 'order/default/invoice-1', '0xABC1', 'deposit_memo-1', 'base', '2026-03-01 12:01:00+00', 'address_key-1');
INSERT INTO public.baton_quote_index VALUES ('default', 'quote_id-2', 'order/default/invoice-2', '0xABC2', 'deposit_memo-2', 'tron', '2026-03-01 12:02:00+00', 'address_key-2');
INSERT INTO public.baton_schema_version VALUES (6, '2026-03-01 12:00:00+00');
INSERT INTO public.baton_source_addresses VALUES ('default', 'base', 'address_key-1', 'address-1', 'address', 'invoice-1', '2026-03-01 12:01:00+00');
INSERT INTO public.baton_source_addresses VALUES ('default', 'tron', 'address_key-2', 'address-2', 'address', 'invoice-2', '2026-03-01 12:02:00+00');
INSERT INTO public.baton_sources VALUES ('default', 'address', 'invoice-1', 'order/default/invoice-1', 'orchestra_id-1', 'label-1', '{"recipientSparkAddress": "spark1payee1"}', '{"shop": "1"}', '{"number": 1}', true, '2026-03-01 12:01:00+00', '2026-03-01 12:01:00+00', 'reason-1', 'attention-1', 1, '{"number": 1}');
INSERT INTO public.baton_sources VALUES ('default', 'address', 'invoice-2', 'order/default/invoice-2', 'orchestra_id-2', 'label-2', '{"recipientSparkAddress": "spark1payee2"}', '{"shop": "2"}', '{"number": 2}', true, '2026-03-01 12:02:00+00', '2026-03-01 12:02:00+00', 'reason-2', 'attention-2', 2, '{"number": 2}');
INSERT INTO public.baton_transitions VALUES (1, 'order/default/invoice-1', 'order_id-1', 1, 'status-1', '2026-03-01 12:01:00+00', 'address/shop-1');
INSERT INTO public.baton_transitions VALUES (2, 'order/default/invoice-2', 'order_id-2', 2, 'status-2', '2026-03-01 12:02:00+00', 'address/shop-2');
INSERT INTO public.baton_watches VALUES ('default', 'quote_id-1', 'order/default/invoice-1', 'base', 'address-1', '2026-03-01 12:01:00+00');
INSERT INTO public.baton_watches VALUES ('default', 'quote_id-2', 'order/default/invoice-2', 'tron', 'address-2', '2026-03-01 12:02:00+00');
SELECT pg_catalog.setval('public.baton_deliveries_id_seq', 2, true);
SELECT pg_catalog.setval('public.baton_events_seq_seq', 2, true);
SELECT pg_catalog.setval('public.baton_transitions_id_seq', 2, true);
ALTER TABLE ONLY public.baton_asked_payments
    ADD CONSTRAINT baton_asked_payments_pkey PRIMARY KEY (account, workflow_id);
ALTER TABLE ONLY public.baton_credits
    ADD CONSTRAINT baton_credits_pkey PRIMARY KEY (account, offer_id);
ALTER TABLE ONLY public.baton_cursors
    ADD CONSTRAINT baton_cursors_pkey PRIMARY KEY (chain);
ALTER TABLE ONLY public.baton_deliveries
    ADD CONSTRAINT baton_deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.baton_deposits
    ADD CONSTRAINT baton_deposits_pkey PRIMARY KEY (chain, tx_id, "position");
ALTER TABLE ONLY public.baton_events
    ADD CONSTRAINT baton_events_id_key UNIQUE (id);
ALTER TABLE ONLY public.baton_events
    ADD CONSTRAINT baton_events_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.baton_fee_payouts
    ADD CONSTRAINT baton_fee_payouts_pkey PRIMARY KEY (account, order_id, payout);
ALTER TABLE ONLY public.baton_order_index
    ADD CONSTRAINT baton_order_index_pkey PRIMARY KEY (account, order_id);
ALTER TABLE ONLY public.baton_order_keys
    ADD CONSTRAINT baton_order_keys_pkey PRIMARY KEY (account, kind, value, workflow_id);
ALTER TABLE ONLY public.baton_orders
    ADD CONSTRAINT baton_orders_pkey PRIMARY KEY (workflow_id);
ALTER TABLE ONLY public.baton_properties
    ADD CONSTRAINT baton_properties_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.baton_quote_index
    ADD CONSTRAINT baton_quote_index_pkey PRIMARY KEY (account, quote_id);
ALTER TABLE ONLY public.baton_schema_version
    ADD CONSTRAINT baton_schema_version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.baton_source_addresses
    ADD CONSTRAINT baton_source_addresses_pkey PRIMARY KEY (account, chain, address_key);
ALTER TABLE ONLY public.baton_sources
    ADD CONSTRAINT baton_sources_pkey PRIMARY KEY (account, kind, reference);
ALTER TABLE ONLY public.baton_transitions
    ADD CONSTRAINT baton_transitions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.baton_watches
    ADD CONSTRAINT baton_watches_pkey PRIMARY KEY (account, quote_id);
CREATE INDEX baton_asked_payments_by_payer ON public.baton_asked_payments USING btree (account, payer, asked_at);
CREATE INDEX baton_credits_by_time ON public.baton_credits USING btree (account, credited_at);
CREATE INDEX baton_deliveries_by_workflow ON public.baton_deliveries USING btree (workflow_id, id);
CREATE INDEX baton_deposits_by_address ON public.baton_deposits USING btree (chain, address);
CREATE INDEX baton_deposits_by_state ON public.baton_deposits USING btree (chain, state);
CREATE INDEX baton_events_by_workflow ON public.baton_events USING btree (workflow_id, seq);
CREATE INDEX baton_fee_payouts_by_affiliate ON public.baton_fee_payouts USING btree (account, affiliate_id, order_id, payout);
CREATE INDEX baton_order_keys_by_workflow ON public.baton_order_keys USING btree (workflow_id);
CREATE INDEX baton_orders_by_account ON public.baton_orders USING btree (account, created_at, workflow_id);
CREATE INDEX baton_orders_by_age ON public.baton_orders USING btree (created_at, workflow_id);
CREATE INDEX baton_orders_by_phase ON public.baton_orders USING btree (phase, created_at, workflow_id);
CREATE INDEX baton_orders_by_source ON public.baton_orders USING btree (account, source, created_at, workflow_id);
CREATE INDEX baton_quote_index_by_address ON public.baton_quote_index USING btree (source_chain, deposit_address);
CREATE INDEX baton_quote_index_by_address_key ON public.baton_quote_index USING btree (account, address_key);
CREATE INDEX baton_quote_index_by_workflow ON public.baton_quote_index USING btree (workflow_id, created_at);
CREATE INDEX baton_source_addresses_by_chain ON public.baton_source_addresses USING btree (chain, address_key);
CREATE INDEX baton_source_addresses_by_source ON public.baton_source_addresses USING btree (account, kind, reference);
CREATE INDEX baton_sources_by_age ON public.baton_sources USING btree (created_at, workflow_id);
CREATE INDEX baton_sources_by_orchestra_id ON public.baton_sources USING btree (account, orchestra_id);
CREATE INDEX baton_transitions_by_workflow ON public.baton_transitions USING btree (workflow_id);
CREATE INDEX baton_watches_by_chain ON public.baton_watches USING btree (chain, address);
