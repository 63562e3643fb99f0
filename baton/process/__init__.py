"""What every process shares: settings, the Temporal connection, logs, start and stop."""
