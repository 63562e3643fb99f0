"""The file that lists running nodes, so that another process can pay on them: a table for each chain.

    [base]
    node = "anvil"
    url = "http://127.0.0.1:8545"
    tokens = { USDC = "0x5FbDB2315678afecb367f032d93F642f64180aa3" }

The file is TOML if its name ends in `.toml`, otherwise JSON. It may contain passwords and keys.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter, ValidationError, field_validator, model_validator

from baton.local.nodes.anvil import Anvil
from baton.local.nodes.bitcoind import WALLET, Bitcoind
from baton.local.nodes.local_node import LocalNode
from baton.local.nodes.surfnet import Surfnet

_KEY = re.compile(r"[0-9a-fA-F]{128}")


class NodeFileError(Exception):
    """The file of nodes cannot be read or is invalid; the text names file and field, and contains no secret."""


class NodeEntry(BaseModel):
    """A running node.

    Attributes:
        node: Which program it is.
        url: Its RPC; bitcoind's with user and password.
        tokens: Contract or mint on this node, by the token's symbol in the API.
        wallet: The wallet that pays; for bitcoind only.
        payer: Secret key of the account that pays, 64 bytes in hexadecimal; for Surfnet only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    node: Literal["anvil", "surfnet", "bitcoind"]
    url: SecretStr
    tokens: dict[str, str] = {}
    wallet: str = WALLET
    payer: SecretStr = SecretStr("")

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url

    @model_validator(mode="after")
    def _can_pay(self) -> Self:
        if self.node == "surfnet" and not _KEY.fullmatch(self.payer.get_secret_value()):
            raise ValueError("payer must be a secret key of 64 bytes in hexadecimal")
        return self

    @property
    def key(self) -> bytes:
        """The payer's secret key; empty if there is none."""
        return bytes.fromhex(self.payer.get_secret_value())

    def open(self) -> LocalNode:
        """Return the node, without calling it yet."""
        url = self.url.get_secret_value()
        match self.node:
            case "anvil":
                return Anvil(url)
            case "surfnet":
                return Surfnet(url, self.key)
            case "bitcoind":
                return Bitcoind(url, self.wallet)


_FILE = TypeAdapter(dict[str, NodeEntry])


def read_nodes(path: Path) -> dict[str, NodeEntry]:
    """Read a file of nodes and return them by chain.

    Raises:
        NodeFileError: It cannot be read or is invalid.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        return _FILE.validate_python(tomllib.loads(text) if path.suffix == ".toml" else json.loads(text))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        reason = f"{field}: {first['msg']}" if field else first["msg"]
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
    except ValueError as error:
        reason = f"it cannot be read: {error}"
    # Raised outside the handler: the error above may quote the file's content.
    raise NodeFileError(f"{path}: {reason}")


def write_nodes(path: Path, nodes: Mapping[str, NodeEntry]) -> None:
    """Write a file of nodes as JSON, readable only by its owner."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({chain: _revealed(entry) for chain, entry in nodes.items()}, file, indent=2)


def _revealed(entry: NodeEntry) -> dict[str, Any]:
    secrets = {"url": entry.url.get_secret_value(), "payer": entry.payer.get_secret_value()}
    return {**entry.model_dump(exclude={"url", "payer"}), **secrets}
