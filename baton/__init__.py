"""Baton: durable orders for partners of Flashnet Orchestra."""
