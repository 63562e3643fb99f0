"""The operator page: what people who run Baton see and do in a browser, under `/ops`."""
