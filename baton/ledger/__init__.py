"""Where orders are found and shown: an index and read model in SQL, never the truth."""
