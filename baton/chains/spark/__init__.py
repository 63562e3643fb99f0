"""Deposits on Spark, as far as its public explorer shows them."""
