"""The partner API of Flashnet Orchestra as a small library; knows nothing of Temporal."""
