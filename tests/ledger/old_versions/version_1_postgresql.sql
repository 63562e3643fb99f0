CREATE TABLE public.baton_credits (
    account text NOT NULL,
    offer_id text NOT NULL,
    workflow_id text NOT NULL,
    order_id text NOT NULL,
    sats bigint NOT NULL,
    credited_at timestamp with time zone NOT NULL
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
    detail text
);
CREATE SEQUENCE public.baton_deliveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.baton_deliveries_id_seq OWNED BY public.baton_deliveries.id;
CREATE TABLE public.baton_order_index (
    account text NOT NULL,
    order_id text NOT NULL,
    workflow_id text NOT NULL
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
    snapshot json NOT NULL
);
CREATE TABLE public.baton_quote_index (
    account text NOT NULL,
    quote_id text NOT NULL,
    workflow_id text NOT NULL,
    deposit_address text,
    deposit_memo text,
    source_chain text,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.baton_schema_version (
    version integer NOT NULL,
    applied_at timestamp with time zone NOT NULL
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
ALTER TABLE ONLY public.baton_deliveries ALTER COLUMN id SET DEFAULT nextval('public.baton_deliveries_id_seq'::regclass);
ALTER TABLE ONLY public.baton_transitions ALTER COLUMN id SET DEFAULT nextval('public.baton_transitions_id_seq'::regclass);
INSERT INTO public.baton_credits VALUES ('default', 'offer_id-1', 'order/default/invoice-1', 'order_id-1', 1, '2026-03-01 12:01:00+00');
INSERT INTO public.baton_credits VALUES ('default', 'offer_id-2', 'order/default/invoice-2', 'order_id-2', 2, '2026-03-01 12:02:00+00');
INSERT INTO public.baton_deliveries VALUES (1, 'default', 'order/default/invoice-1', 'order_id-1', 'quote_id-1', 'event-1', 'status-1', '2026-03-01 12:01:00+00', '2026-03-01 12:01:00+00', 'handed_over', 'detail-1');
INSERT INTO public.baton_deliveries VALUES (2, 'default', 'order/default/invoice-2', 'order_id-2', 'quote_id-2', 'event-2', 'status-2', '2026-03-01 12:02:00+00', '2026-03-01 12:02:00+00', 'handed_over', 'detail-2');
INSERT INTO public.baton_order_index VALUES ('default', 'order_id-1', 'order/default/invoice-1');
INSERT INTO public.baton_order_index VALUES ('default', 'order_id-2', 'order/default/invoice-2');
INSERT INTO public.baton_orders VALUES ('order/default/invoice-1', 'default', 'invoice-1', 'tracking', 'status-1', 'outcome-1', 'order_id-1', 'quote_id-1', '0xABC1', 'base', 'source_asset-1', 'destination_chain-1', 'destination_asset-1', '1000000000000000000000001', '1000000000000000000000001', NULL, '{"number": 1}', '2026-03-01 12:01:00+00', '2026-03-01 12:01:00+00', '2026-03-01 12:01:00+00', NULL, 1, '{"number": 1}');
INSERT INTO public.baton_orders VALUES ('order/default/invoice-2', 'default', 'invoice-2', 'tracking', 'status-2', 'outcome-2', 'order_id-2', 'quote_id-2', '0xABC2', 'tron', 'source_asset-2', 'destination_chain-2', 'destination_asset-2', '1000000000000000000000002', '1000000000000000000000002', NULL, '{"number": 2}', '2026-03-01 12:02:00+00', '2026-03-01 12:02:00+00', '2026-03-01 12:02:00+00', NULL, 2, '{"number": 2}');
INSERT INTO public.baton_quote_index VALUES ('default', 'quote_id-1', 'order/default/invoice-1', '0xABC1', 'deposit_memo-1', 'base', '2026-03-01 12:01:00+00');
INSERT INTO public.baton_quote_index VALUES ('default', 'quote_id-2', 'order/default/invoice-2', '0xABC2', 'deposit_memo-2', 'tron', '2026-03-01 12:02:00+00');
INSERT INTO public.baton_schema_version VALUES (1, '2026-03-01 12:00:00+00');
INSERT INTO public.baton_transitions VALUES (1, 'order/default/invoice-1', 'order_id-1', 1, 'status-1', '2026-03-01 12:01:00+00', 'address/shop-1');
INSERT INTO public.baton_transitions VALUES (2, 'order/default/invoice-2', 'order_id-2', 2, 'status-2', '2026-03-01 12:02:00+00', 'address/shop-2');
SELECT pg_catalog.setval('public.baton_deliveries_id_seq', 2, true);
SELECT pg_catalog.setval('public.baton_transitions_id_seq', 2, true);
ALTER TABLE ONLY public.baton_credits
    ADD CONSTRAINT baton_credits_pkey PRIMARY KEY (account, offer_id);
ALTER TABLE ONLY public.baton_deliveries
    ADD CONSTRAINT baton_deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.baton_order_index
    ADD CONSTRAINT baton_order_index_pkey PRIMARY KEY (account, order_id);
ALTER TABLE ONLY public.baton_orders
    ADD CONSTRAINT baton_orders_pkey PRIMARY KEY (workflow_id);
ALTER TABLE ONLY public.baton_quote_index
    ADD CONSTRAINT baton_quote_index_pkey PRIMARY KEY (account, quote_id);
ALTER TABLE ONLY public.baton_schema_version
    ADD CONSTRAINT baton_schema_version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.baton_transitions
    ADD CONSTRAINT baton_transitions_pkey PRIMARY KEY (id);
CREATE INDEX baton_credits_by_time ON public.baton_credits USING btree (account, credited_at);
CREATE INDEX baton_deliveries_by_workflow ON public.baton_deliveries USING btree (workflow_id, id);
CREATE INDEX baton_orders_by_account ON public.baton_orders USING btree (account, created_at, workflow_id);
CREATE INDEX baton_orders_by_age ON public.baton_orders USING btree (created_at, workflow_id);
CREATE INDEX baton_orders_by_phase ON public.baton_orders USING btree (phase, created_at, workflow_id);
CREATE INDEX baton_quote_index_by_address ON public.baton_quote_index USING btree (source_chain, deposit_address);
CREATE INDEX baton_quote_index_by_workflow ON public.baton_quote_index USING btree (workflow_id, created_at);
CREATE INDEX baton_transitions_by_workflow ON public.baton_transitions USING btree (workflow_id);
