"""The partner API of Flashnet Orchestra as a small library, independent of Temporal."""
