"""Deposits on Spark, read from its public explorer."""
