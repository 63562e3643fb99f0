"""Read deposits from chains: one reader for each family, and what the readers share.

Where a rule lives:

* what a deposit is, how sure it is, what a reader promises: `deposits`
* what counts as a deposit: `evm/transfers`, `evm/native_coin`, `bitcoin/outputs`, `solana/transactions`,
  `spark/transactions`
* how deep confirmed and final are: `evm/depth`, `bitcoin/depth`, `solana/depth`; the numbers in `catalogue.toml`
* which contracts have a name: `spec`, `catalogue.toml`, and `route_tokens` for those of the partner API
* what happens to what cannot be read: `tolerant_list`, `evm/odd_events`, `solana/skipped`
* what asks for fewer calls: `throttling`
* how far a chain was read: `evm/cursor`, `bitcoin/cursor`, `address_cursor` (Solana, Spark)
* which provider is asked next: `failover`
* how many calls run at once, and when a rate limit stops them: `concurrent_reads`
* what changed since the last scan: `changes`
"""
