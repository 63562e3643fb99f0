"""The calls of the partner API, one file for each subject; `baton.orchestra.client` combines them."""
