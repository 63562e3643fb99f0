"""Orders from workflows of other Temporal namespaces, over Nexus: the service, its handlers and its endpoint."""
