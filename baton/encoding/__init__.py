"""Spellings: addresses, amounts, invoices and payment links as text, and what that text means. Pure."""
