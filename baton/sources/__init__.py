"""What makes orders without being an order: reusable deposit addresses and pay links. Pure, except for `schedule`."""
