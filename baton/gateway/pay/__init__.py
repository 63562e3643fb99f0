"""The payer page: what a payer sees of an order, from the address to pay to until the money has arrived."""
