"""An index and a read model of orders in SQL; never the truth, which is Temporal."""
