"""Runs statements that are built once, and compiles each of them once.

SQLAlchemy works out at every run which statement it is and how each value is converted for the driver. For the small
writes of an order that takes longer than the writes themselves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, CursorResult, Dialect, Select, UpdateBase
from sqlalchemy.exc import StatementError
from sqlalchemy.sql.compiler import SQLCompiler

Statement = Select[Any] | UpdateBase
Values = Mapping[str, Any]
_Convert = Callable[[Any], Any] | None


class _Prepared(NamedTuple):
    sql: str
    positional: bool
    converters: Sequence[tuple[str, _Convert]]


_prepared: dict[tuple[Statement, type[Dialect]], _Prepared] = {}
"""By statement and dialect: every engine of a dialect has the same settings."""


def run(connection: Connection, statement: Statement, values: Values) -> CursorResult[Any]:
    """Run a statement that is built once; every run names the same values, and no value is part of the statement.

    The rows of a query come as the driver has them.

    Raises:
        StatementError: The database refused it, or a value cannot be converted.
    """
    prepared = _of(connection.dialect, statement, values)
    return connection.exec_driver_sql(prepared.sql, _converted(prepared, values))


def run_all(connection: Connection, statement: Statement, rows: Sequence[Values]) -> None:
    """Run a statement that is built once for each row; without rows nothing runs.

    Raises:
        StatementError: The database refused it, or a value cannot be converted.
    """
    if not rows:
        return
    prepared = _of(connection.dialect, statement, rows[0])
    if len(rows) > 1 and not prepared.positional:
        connection.execute(statement, rows)  # to a server SQLAlchemy sends many rows at a time
    else:
        connection.exec_driver_sql(prepared.sql, [_converted(prepared, values) for values in rows])


def _of(dialect: Dialect, statement: Statement, values: Values) -> _Prepared:
    key = statement, type(dialect)
    if key not in _prepared:
        _prepared[key] = _prepare(dialect, statement, values)
    return _prepared[key]


def _prepare(dialect: Dialect, statement: Statement, columns: Iterable[str]) -> _Prepared:
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    assert isinstance(compiled, SQLCompiler)
    names = compiled.positiontup if compiled.positional else list(compiled.binds)
    assert names is not None
    assert all(compiled.binds[name].required for name in names)
    types = {name: compiled.binds[name].type.dialect_impl(dialect) for name in names}
    converters = [(name, types[name].bind_processor(dialect)) for name in names]
    return _Prepared(str(compiled), compiled.positional, converters)


def _converted(prepared: _Prepared, values: Values) -> tuple[Any, ...] | dict[str, Any]:
    try:
        converted = [convert(values[name]) if convert else values[name] for name, convert in prepared.converters]
    except Exception as error:
        raise StatementError(str(error), prepared.sql, None, error, hide_parameters=True) from error
    if prepared.positional:
        return tuple(converted)
    return {name: value for (name, _), value in zip(prepared.converters, converted, strict=True)}
