"""SQLAlchemy's dialect for Spark's Thrift server: PyHive's, mended where Spark differs.

* Parameters are written into the statement by the driver. A float is cast to a double there,
  because a plain literal is a decimal to Spark; a dollar sign is written by its code, because
  Spark would put the server's environment in place of ``${env:...}``.
* Every session is set to refuse overflow and bad casts, to put no variables into statements, and
  to end statements after a time limit.
* Tables and columns are read from the catalogue with their names quoted.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from pyhive import hive
from pyhive.sqlalchemy_hive import (
    HiveCompiler,
    HiveDialect,
    HiveIdentifierPreparer,
    HiveTypeCompiler,
)
from sqlalchemy.dialects import registry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport
from thrift_sasl import TSaslClientTransport

DRIVER_NAME = "hive+headroom"
SESSION: tuple[tuple[str, str], ...] = (
    ("spark.sql.variable.substitute", "false"),
    ("spark.sql.parser.escapedStringLiterals", "false"),
    ("spark.sql.ansi.enabled", "true"),
    ("spark.sql.session.timeZone", "UTC"),
)
_TYPES: dict[str, TypeEngine[Any]] = {
    "boolean": sa.Boolean(),
    "tinyint": sa.SmallInteger(),
    "smallint": sa.SmallInteger(),
    "int": sa.Integer(),
    "bigint": sa.BigInteger(),
    "float": sa.REAL(),
    "double": sa.Double(),
    "string": sa.String(),
    "varchar": sa.String(),
    "char": sa.String(),
    "date": sa.Date(),
    "timestamp": sa.TIMESTAMP(),
    "timestamp_ntz": sa.TIMESTAMP(),
}
_AFTER_COLUMNS = frozenset(
    {"", "# Partition Information", "# Partitioning", "# Clustering Information"}
)
TException: type[Exception] = hive.thrift.Thrift.TException
LOST = (TException, OSError, EOFError, hive.Error)
"""What a session that is gone raises."""
LOST_SESSION = "connection is lost"
STOPPED = "statement was stopped"
_State = hive.ttypes.TOperationState
_UNFINISHED = (_State.INITIALIZED_STATE, _State.PENDING_STATE, _State.RUNNING_STATE)


class _Ended:
    """What a statement ended with, in the form in which the driver keeps a refusal."""

    def __init__(self, found: Any) -> None:
        self.status = found
        name = _State._VALUES_TO_NAMES[found.operationState]  # noqa: SLF001 - thrift's own table
        self._text = f"but found {name.removesuffix('_STATE')}: {found.errorMessage}"

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


@contextlib.contextmanager
def _over(connection: SparkConnection) -> Iterator[None]:
    """Turn errors of the way to the server into the driver's own, which SQLAlchemy knows.

    Who was silent once is not asked again: goodbyes would wait as long each.
    """
    try:
        yield
    except (TException, OSError, EOFError):
        connection.lost = True
        raise hive.OperationalError(LOST_SESSION) from None


class SparkEscaper(hive.HiveParamEscaper):  # type: ignore[misc]  # PyHive has no types
    """Writes parameters as Spark's literals."""

    def escape_string(self, item: str) -> str:
        """Return a text literal; no part of it can be taken for a variable."""
        escaped: str = super().escape_string(item)
        return escaped.replace("$", "\\u0024")

    def escape_number(self, item: float) -> Any:
        """Return a whole number as it is; a float with an exponent, which makes it a double."""
        return f"{item!r}" if isinstance(item, int) else f"{item:.17e}"


class SparkCursor(hive.Cursor):  # type: ignore[misc]  # PyHive has no types
    """A cursor that waits for a statement, can be told to stop, and writes Spark's literals."""

    def __init__(self, connection: SparkConnection, *args: Any, **options: Any) -> None:
        super().__init__(connection, *args, **options)
        self._asked_by = connection

    def execute(self, operation: str, parameters: Any = None, **options: Any) -> Any:
        """Run a statement with its parameters written into it, and wait for its end."""
        if parameters is not None:
            operation = operation % SparkEscaper().escape_args(parameters)
        with _over(self._asked_by):
            super().execute(operation, None, **{**options, "async_": True})
            self._wait()

    def _wait(self) -> None:
        """Ask for the state until it is final: the server answers when it is, or in seconds.

        One connection carries one call at a time; so it is here that a statement is stopped.
        """
        while (found := self.poll()).operationState in _UNFINISHED:
            if self._asked_by.stopped:
                self.cancel()
                raise hive.OperationalError(STOPPED)
        if found.operationState != _State.FINISHED_STATE:
            raise hive.OperationalError(_Ended(found))

    def close(self) -> None:
        """End the statement; where the session is gone, so is the statement."""
        if self._asked_by.lost:
            self._operationHandle = None
        with contextlib.suppress(*LOST):
            super().close()

    def _fetch_more(self) -> None:
        with _over(self._asked_by):
            super()._fetch_more()


class SparkConnection(hive.Connection):  # type: ignore[misc]  # PyHive has no types
    """A session whose statements are safe to write parameters into, and can be stopped."""

    stopped = False
    lost = False
    """Whether the server no longer answers on it."""

    def stop(self) -> None:
        """Let the statement that runs end; another may follow once it has."""
        self.stopped = True

    def cursor(self, *args: Any, **options: Any) -> SparkCursor:
        """Return a new cursor; what was stopped on an earlier one is over."""
        self.stopped = False
        return SparkCursor(self, *args, **options)

    def close(self) -> None:
        """End the session, if it is still there, and the connection."""
        try:
            if not self.lost:
                with contextlib.suppress(*LOST):
                    super().close()
        finally:
            self._transport.close()


class SparkCompiler(HiveCompiler):  # type: ignore[misc]  # PyHive has no types
    """Writes statements for Spark."""

    def visit_column(self, *args: Any, **options: Any) -> str:
        """Return a column's name: quoted dots in it are its own."""
        return SQLCompiler.visit_column(self, *args, **options)

    def visit_concat_op_binary(self, binary: Any, operator: Any, **options: Any) -> str:  # noqa: ARG002
        """Return a concatenation."""
        left, right = (self.process(side, **options) for side in (binary.left, binary.right))
        return f"concat({left}, {right})"


class SparkIdentifierPreparer(HiveIdentifierPreparer):  # type: ignore[misc]  # PyHive has no types
    """Quotes names; a backtick in a name is doubled, which PyHive's own leaves as it is."""

    def __init__(self, dialect: Any) -> None:
        super().__init__(dialect)
        self.escape_quote = "`"
        self.escape_to_quote = "``"


class SparkTypeCompiler(HiveTypeCompiler):  # type: ignore[misc]  # PyHive has no types
    """Writes types for Spark."""

    def visit_INTEGER(self, *_: Any, **__: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        """Return the type of 32 bits."""
        return "INT"

    def visit_VARCHAR(self, *_: Any, **__: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        """Return the type of texts."""
        return "STRING"

    def visit_NUMERIC(self, type_: Any, **_: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        """Return the type of decimals with its precision, which Spark else takes for 10."""
        return f"DECIMAL({type_.precision or 38}, {type_.scale or 0})"


class SparkDialect(HiveDialect):  # type: ignore[misc]  # PyHive has no types
    """Spark behind its Thrift server."""

    driver = "headroom"
    statement_compiler = SparkCompiler
    preparer = SparkIdentifierPreparer
    type_compiler = SparkTypeCompiler  # the name by which PyHive sets its own
    supports_statement_cache = True
    statement_timeout_seconds = 600

    @classmethod
    def import_dbapi(cls) -> Any:
        """Return the driver."""
        return hive

    def on_connect(self) -> Any:
        """Return what prepares a new session."""

        def prepare(connection: SparkConnection) -> None:
            limit = ("spark.sql.thriftServer.queryTimeout", f"{self.statement_timeout_seconds}s")
            for key, value in (*SESSION, limit):
                connection.cursor().execute(f"SET {key}={value}")

        return prepare

    def connect(
        self, *, username: str | None, database: str, patience: float, **where: Any
    ) -> SparkConnection:
        """Return a new session, whose server may be silent for so many seconds."""
        transport = _transport(username=username, patience=patience, **where)
        return SparkConnection(username=username, database=database, thrift_transport=transport)

    def is_disconnect(self, error: Any, connection: Any, cursor: Any) -> bool:
        """Whether an error means that the session is gone."""
        lost = (LOST_SESSION, "Invalid SessionHandle")
        return any(words in str(error) for words in lost) or bool(
            super().is_disconnect(error, connection, cursor)
        )

    def get_schema_names(self, connection: Any, **_: Any) -> list[str]:
        """Return the names of the databases."""
        return [row[0] for row in connection.exec_driver_sql("SHOW SCHEMAS")]

    def get_table_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """Return the names of tables and views."""
        where = f" IN {self._quoted(schema)}" if schema else ""
        return [row.tableName for row in connection.exec_driver_sql(f"SHOW TABLES{where}")]

    def get_view_names(self, *_: Any, **__: Any) -> list[str]:
        """Return nothing: Spark lists views among its tables."""
        return []

    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        """Return the columns of a table or view in order."""
        names = (schema, table_name) if schema else (table_name,)
        place = ".".join(self._quoted(name) for name in names)
        columns: list[dict[str, Any]] = []
        for name, kind, *_rest in connection.exec_driver_sql(f"DESCRIBE TABLE {place}"):
            if name in _AFTER_COLUMNS:
                break
            columns.append({"name": name, "type": _type(kind), "nullable": True, "default": None})
        return columns

    def _quoted(self, name: str) -> str:
        quoted: str = self.identifier_preparer.quote_identifier(name)
        return quoted


def _transport(
    *,
    host: str,
    port: int,
    username: str | None,
    password: str | None,
    patience: float,
    auth: str | None = None,
    kerberos_service_name: str | None = None,
) -> Any:
    """Return the way to a server: PyHive's own would wait without end for a silent one."""
    socket = TSocket(host, port, socket_keepalive=True)
    socket.setTimeout(patience * 1000)
    if auth == "NOSASL":
        return TBufferedTransport(socket)
    mechanism = "GSSAPI" if auth == "KERBEROS" else "PLAIN"

    def client() -> Any:
        return hive.get_installed_sasl(
            host=host,
            sasl_auth=mechanism,
            service=kerberos_service_name,
            username=username or "headroom",
            password=password or "x",  # the server looks at it in LDAP and CUSTOM mode alone
        )

    return TSaslClientTransport(client, mechanism, socket)


def _type(text: str) -> TypeEngine[Any]:
    decimal = re.fullmatch(r"decimal\((\d+),(\d+)\)", text)
    if decimal:
        return sa.Numeric(int(decimal[1]), int(decimal[2]))
    return _TYPES.get(text.split("(", maxsplit=1)[0], sa.types.NullType())


registry.register("hive.headroom", __name__, "SparkDialect")
