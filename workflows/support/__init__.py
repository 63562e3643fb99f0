"""What the workflows share: activity calls, the inbox, the monitor, the poller, the publisher, the timer."""
