"""The calls of the partner API, one file per concern; `orchestra.client` puts them together."""
