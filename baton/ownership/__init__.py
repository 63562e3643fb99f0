"""Who tracks an Orchestra order: the claims in the index, how workflows ended by Temporal's word, and follow-ups."""
