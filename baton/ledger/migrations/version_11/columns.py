"""The kinds of columns of version 11, as the databases know them."""

from sqlalchemy import JSON, BigInteger, DateTime, Integer, MetaData, Text

COUNTER = BigInteger().with_variant(Integer(), "sqlite")
DIGITS = Text()
DOCUMENT = JSON(none_as_null=True)
TEXT = Text()
TIME = DateTime(timezone=True)

metadata = MetaData()
