"""Affiliates: what they earned by orders, and the claims that pay it out."""
