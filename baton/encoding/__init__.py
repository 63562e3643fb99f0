"""How addresses, amounts, invoices and payment links are written as text. Pure."""
