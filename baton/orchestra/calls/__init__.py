"""The calls of the partner API, one file per concern; `baton.orchestra.client` puts them together."""
