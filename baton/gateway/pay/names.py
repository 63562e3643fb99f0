"""How chains are called on the pages of the gateway."""

from baton.chains.names import chain_name

__all__ = ["chain_name"]
