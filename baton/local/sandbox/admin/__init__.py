"""The sandbox's admin API: deposits, scenarios, faults and the clock."""
