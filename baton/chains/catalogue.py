"""The chains that Baton knows: the shipped ones, with the operator's additions and changes."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from baton.chains.errors import ChainConfigError
from baton.chains.spec import ChainSpec, Family, Token
from baton.encoding.addresses import address_objection, checksummed
from baton.redaction import remember, remember_url

SHIPPED = Path(__file__).with_name("catalogue.toml")
OVERRIDES = "BATON_CHAINS_FILE"

_ADDRESS_RULES = {Family.EVM: "ethereum", Family.TRON: "tron", Family.SOLANA: "solana"}
_REMEDY = "docs/chains.md says what the field may hold"


def load_chains(overrides: Path | None = None) -> dict[str, ChainSpec]:
    """Return every chain by the API's name for it.

    Args:
        overrides: A TOML file with `[chains.NAME]` tables. A table of a shipped chain changes the fields it names:
            tokens are added or changed by symbol, lists such as `providers` are replaced. Other tables add chains.

    Raises:
        ChainConfigError: The file is unreadable, or chains in it are invalid; the message names file, chain and field
            of every fault.
    """
    chains = _tables(SHIPPED)
    source = dict.fromkeys(chains, SHIPPED)
    if overrides is not None:
        changes = _tables(overrides)
        chains = _merged(chains, changes)
        source |= dict.fromkeys(changes, overrides)
    specs = {name: _spec(name, table, f"{_file_name(source[name])}: chains.{name}") for name, table in chains.items()}
    if faults := [fault for spec in specs.values() if not isinstance(spec, ChainSpec) for fault in spec]:
        raise ChainConfigError("; ".join(faults))
    known = {name: spec for name, spec in specs.items() if isinstance(spec, ChainSpec)}
    _remember_providers(known.values())
    return known


def _remember_providers(specs: Iterable[ChainSpec]) -> None:
    """Keep the keys of providers out of logs and errors, also in processes that never call them."""
    for provider in (provider for spec in specs for provider in spec.providers):
        remember_url(provider.url.get_secret_value())
        remember(*(value.get_secret_value() for value in provider.headers.values()))


def watched_chains(overrides: Path | None, names: Iterable[str] | None) -> dict[str, ChainSpec]:
    """Return the chains to watch.

    Args:
        overrides: As for `load_chains`.
        names: Their names. None means the chains that the file names, and none without a file: public providers are
            only asked if the operator wants it.

    Raises:
        ChainConfigError: As by `load_chains`; or a chain is unknown, or has no provider.
    """
    chains = load_chains(overrides)
    selected = list(names) if names is not None else list(_tables(overrides)) if overrides else []
    for name in selected:
        if name not in chains:
            raise ChainConfigError(f"BATON_WATCH: {name} is not a known chain; known are {', '.join(sorted(chains))}")
        if not chains[name].providers:
            raise ChainConfigError(f"chains.{name}: providers: is empty; name at least one, better two")
    return {name: chains[name] for name in selected}


def _file_name(path: Path) -> str:
    return "baton/chains/catalogue.toml" if path == SHIPPED else f"{OVERRIDES} {path}"


def _tables(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ChainConfigError(f"{_file_name(path)}: cannot be read as TOML: {reason}") from None
    tables = document.pop("chains", None)
    if document or not isinstance(tables, dict) or not tables:
        raise ChainConfigError(f"{_file_name(path)}: must hold [chains.NAME] tables and nothing else")
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ChainConfigError(f"{_file_name(path)}: chains.{name}: must be a table; write [chains.{name}]")
    return tables


def _merged(shipped: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(shipped)
    for name, value in changes.items():
        before = result.get(name)
        result[name] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return result


def _spec(name: str, table: Mapping[str, Any], where: str) -> ChainSpec | list[str]:
    """Return a chain, or all that is wrong with its table."""
    try:
        spec = ChainSpec.model_validate({**table, "name": name})
    except ValidationError as error:
        return [f"{where}: {fault}; {_REMEDY}" for fault in _faults(error)]
    wrong = [f"{where}: {fault}" for fault in (*_wrong_providers(spec), *_wrong_tokens(spec))]
    return wrong or spec.model_copy(
        update={"tokens": {name: _canonical(spec, each) for name, each in spec.tokens.items()}}
    )


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_input=False, include_url=False):
        yield f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"


def _wrong_providers(spec: ChainSpec) -> Iterator[str]:
    for index, provider in enumerate(spec.providers):
        if not provider.url.get_secret_value().startswith(("https://", "http://")):
            yield f"providers.{index}.url: must start with https:// or http://"


def _wrong_tokens(spec: ChainSpec) -> Iterator[str]:
    rules = _ADDRESS_RULES.get(spec.family)
    for symbol, token in spec.tokens.items():
        if objection := address_objection(rules, token.contract) if rules else None:
            yield f"tokens.{symbol}.contract: {objection}"


def _canonical(spec: ChainSpec, token: Token) -> Token:
    # EVM readers compare contracts in checksum spelling, so a lower-case one from a file would never match.
    contract = checksummed(token.contract) if spec.family is Family.EVM else token.contract
    return token.model_copy(update={"contract": contract})
