"""The partner API's own rules as pure functions: prices, limits, routes, ZeroConf, repricing."""
