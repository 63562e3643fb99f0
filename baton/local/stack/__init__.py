"""All of Baton on one machine: Temporal, sandbox, worker and gateway as supervised processes."""
