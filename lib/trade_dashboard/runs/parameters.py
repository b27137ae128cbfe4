"""The parameters cell is a contract: `name: type = default  # help`, and what is given is held to it.

Types are bool, int, float, str, date (ISO text), list[…], Literal[…], and any of these | None. They may be quoted, as
names that the cell does not import must be.
"""

from __future__ import annotations

import ast
import difflib
import io
import json
import tokenize
import types
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Optional, Union, get_args, get_origin

from pydantic import Field, TypeAdapter, ValidationError

from trade_dashboard.errors import RequestError

__all__ = ["RUN_DATE", "Parameter", "declared", "instant", "iso_date", "resolve"]

RUN_DATE = "run_date"
PLAIN: dict[str, Any] = {"bool": bool, "int": int, "str": str, "date": date, "None": None}
PLAIN["float"] = Annotated[float, Field(allow_inf_nan=False)]
IN_WORDS = {"bool": "true or false", "int": "a whole number", "float": "a number", "str": "text", "date": "an ISO date"}


@dataclass(frozen=True)
class Parameter:
    """One declared parameter."""

    name: str
    type: str
    default: Any
    help: str

    def to_json(self) -> dict[str, Any]:
        """Describe the parameter in plain values."""
        return {"name": self.name, "type": self.type, "default": self.default, "help": self.help}

    def read(self, report: str, text: str) -> Any:
        """Turn text from the command line into a plain value of the declared type.

        Raises
        ------
        RequestError
            If it is not of that type.
        """
        kind = _type(ast.parse(self.type, mode="eval").body)
        try:
            return _plain(TypeAdapter(kind).validate_python(_split(kind, text)))
        except (ValidationError, ValueError) as error:
            wanted = IN_WORDS.get(self.type, self.type)
            raise RequestError(
                f"Report `{report}` takes {wanted} for `{self.name}`, but got {text!r}. "
                f"Try `-p {self.name}={_as_text(self.default)}`: {self.help or 'its default'}."
            ) from error


def declared(report: str, cell: str) -> tuple[Parameter, ...]:
    """Read the declarations of a parameters cell.

    Raises
    ------
    RequestError
        If a line of it is no declaration.
    """
    try:
        tree = ast.parse(cell)
    except SyntaxError as error:
        raise RequestError(f"Report `{report}` has a parameters cell that is no Python: {error}.") from error
    helps = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(cell).readline)
        if token.type == tokenize.COMMENT
    }
    statements = [node for node in tree.body if not isinstance(node, ast.ImportFrom)]
    return tuple(_declaration(report, node, helps) for node in statements)


def _declaration(report: str, node: ast.stmt, helps: dict[int, str]) -> Parameter:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        quoted = isinstance(node.annotation, ast.Constant) and isinstance(node.annotation.value, str)
        annotation = ast.parse(node.annotation.value, mode="eval").body if quoted else node.annotation  # type: ignore[attr-defined]
        try:
            _type(annotation)
            default = ast.literal_eval(node.value)
        except ValueError as error:
            raise RequestError(
                f"Report `{report}` declares `{ast.unparse(node)}` among its parameters, but {error}."
            ) from error
        return Parameter(node.target.id, ast.unparse(annotation), default, helps.get(node.end_lineno or 0, ""))
    raise RequestError(
        f"Report `{report}` should declare its parameters as `name: type = default  # help`, "
        f"but line {node.lineno} of that cell is `{ast.unparse(node)}`."
    )


def resolve(report: str, parameters: Iterable[Parameter], given: Iterable[str]) -> dict[str, Any]:
    """Hold `NAME=VALUE` texts to the declared parameters.

    Returns
    -------
    dict[str, Any]
        Plain values of those given; the others keep their defaults.

    Raises
    ------
    RequestError
        If a name is unknown or given twice, or a value is not of its type.
    """
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise RequestError(f"Expected `-p NAME=VALUE`, but got `-p {text}`.")
        if name == RUN_DATE:
            raise RequestError(f"The run date is given with `--date {value}`, not as a parameter.")
        if name not in known:
            raise RequestError(_unknown(report, name, [other for other in known if other != RUN_DATE]))
        if name in values:
            raise RequestError(f"Parameter `{name}` was given twice. Give it once; a list takes commas.")
        values[name] = known[name].read(report, value)
    return values


def iso_date(text: str, option: str) -> date:
    """Read an ISO date.

    Raises
    ------
    RequestError
        If there is no such day; the message names the nearest one.
    """
    try:
        if len(text) == len("2025-06-30"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise RequestError(f"Expected an ISO date for `{option}`, but got {text!r}. Try `{option} {_nearest_day(text)}`.")


def instant(text: str, option: str) -> datetime:
    """Read an instant: ISO, with its offset from UTC.

    Raises
    ------
    RequestError
        If it is none, or says no offset.
    """
    moment: datetime | None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise RequestError(
            f"Expected an instant with its offset for `{option}`, but got {text!r}. Try `{option} 2025-06-30T21:00:00Z`."
        )
    return moment


def _nearest_day(text: str) -> str:
    try:
        year, month, day = (int(part) for part in text.split("-"))
        lasts = (date(year, month, last) for last in range(min(day, 31), 0, -1) if _exists(year, month, last))
        return next(lasts).isoformat()
    except (ValueError, StopIteration):
        return "2025-06-30"


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _unknown(report: str, name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean `-p {near[0]}=…`?" if near else f"`trade-dashboard show {report}` explains them."
    takes = f"takes {', '.join(f'`{other}`' for other in known)}" if known else "takes no parameters"
    return f"Report `{report}` {takes}, but got `{name}`. {hint}"


def _type(node: ast.expr) -> Any:
    """Build the type that an annotation means; ValueError if it is none of ours."""
    match node:
        case ast.Name(id=name) if name in PLAIN:
            return PLAIN[name]
        case ast.Constant(value=None):
            return None
        case ast.Subscript(value=ast.Name(id="list"), slice=inner):
            return types.GenericAlias(list, (_type(inner),))
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return Optional[_type(inner)]  # noqa: UP045 - built at run time
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            choices = ast.literal_eval(inner)
            return Literal[choices]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return Union[_type(left), _type(right)]  # noqa: UP007 - built at run time
        case _:
            raise ValueError(f"`{ast.unparse(node)}` is no type a parameter can have")


def _split(kind: Any, text: str) -> Any:
    """Part the text of a list; an empty text is None where that is allowed."""
    members = get_args(kind) if get_origin(kind) in {Union, types.UnionType} else (kind,)
    if type(None) in members and text == "":
        return None
    if any(get_origin(member) is list for member in members):
        return json.loads(text) if text.startswith("[") else [part.strip() for part in text.split(",") if part.strip()]
    literal = next((get_args(member) for member in members if get_origin(member) is Literal), ())
    return next((choice for choice in literal if str(choice) == text), text)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _as_text(default: Any) -> str:
    if isinstance(default, list):
        return ",".join(str(one) for one in default)
    return "" if default is None else str(default)
