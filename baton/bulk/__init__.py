"""Acts in bulk: one act on every order that a filter chooses, with a result for each."""
