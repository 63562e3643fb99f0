"""What the activities share: partner clients, heartbeats, failures, event streams, notices to orders."""
