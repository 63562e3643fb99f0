"""The migrations, one for each schema version since 11."""
