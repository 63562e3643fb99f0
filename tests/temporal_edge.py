"""An edge in front of a Temporal server that demands certificates and API keys, as Temporal Cloud does: nginx."""

import asyncio
import datetime
import ipaddress
import os
import shutil
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from baton.local.nodes.ports import free_port
from tests.eventually import eventually

_CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
worker_shutdown_timeout 1s;
{user}
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    log_format shown '$status $ssl_client_s_dn $http_authorization';
    access_log {folder}/access.log shown;
    client_max_body_size 0;
    map $http_authorization $is_known {{ default 0; {keys} }}
    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {folder}/server.crt;
        ssl_certificate_key {folder}/server.key;
        ssl_verify_client on;
        ssl_client_certificate {folder}/accepted.crt;
        if ($is_known = 0) {{ return 401; }}
        location / {{
            grpc_pass grpc://{upstream};
            grpc_read_timeout 120s;
            grpc_send_timeout 120s;
        }}
    }}
}}
"""


_Key = ec.EllipticCurvePrivateKey


class Identity(NamedTuple):
    """A certificate and its key, in PEM."""

    certificate: bytes
    key: bytes


@dataclass
class Authority:
    """Signs certificates; each authority has a name of its own."""

    name: str

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = _signed(self.name, self._key, self._key, self.name, is_authority=True)

    def identity(self, name: str) -> Identity:
        """Return a certificate for a name, with its new key."""
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Identity(_signed(name, key, self._key, self.name, is_authority=False), private)


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    issuer: str,
    *,
    is_authority: bool,
) -> bytes:
    now = datetime.datetime.now(datetime.UTC)
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


class TemporalEdge:
    """The running edge.

    Attributes:
        address: Where clients reach it.
        authority: The authority of its own certificate, in a file.
    """

    def __init__(self, folder: Path, upstream: str) -> None:
        self._folder = folder
        self._upstream = upstream
        self._port = free_port()
        self.address = f"localhost:{self._port}"
        self.authority = folder / "authority.crt"
        folder.mkdir()
        own = Authority("edge")
        server = own.identity("localhost")
        for name, content in (("authority.crt", own.certificate), ("server.crt", server[0]), ("server.key", server[1])):
            (folder / name).write_bytes(content)

    def accept(self, authorities: Collection[Authority], keys: Collection[str]) -> None:
        """Write which clients it lets in from its next start or `reload` on."""
        (self._folder / "accepted.crt").write_bytes(b"".join(each.certificate for each in authorities))
        known = " ".join(f'"Bearer {key}" 1;' for key in keys)
        root = "user root;" if Path("/proc/self").owner() == "root" else ""
        text = _CONFIGURATION.format(
            folder=self._folder, port=self._port, keys=known, upstream=self._upstream, user=root
        )
        (self._folder / "nginx.conf").write_text(text)

    async def reload(self, authorities: Collection[Authority], keys: Collection[str]) -> None:
        """Let in these clients alone, and cut the connections of the others and of everybody else."""
        self.accept(authorities, keys)
        process = await asyncio.create_subprocess_exec(*self.command, "-s", "reload")
        assert await process.wait() == 0

    @property
    def command(self) -> list[str]:
        """The command of nginx."""
        return [
            str(shutil.which("nginx")),
            "-c",
            str(self._folder / "nginx.conf"),
            "-e",
            str(self._folder / "error.log"),
        ]

    def calls(self) -> list[str]:
        """Return the calls that have ended: status, name of the certificate, and authorization."""
        log = self._folder / "access.log"
        return log.read_text().splitlines() if log.exists() else []

    def last_caller(self) -> str:
        """Return the certificate and the authorization of the last call that ended."""
        calls = self.calls()
        return calls[-1].partition(" ")[2] if calls else ""


@asynccontextmanager
async def temporal_edge(
    folder: Path, upstream: str, authorities: Collection[Authority], keys: Collection[str]
) -> AsyncIterator[TemporalEdge]:
    """Run an edge until the block ends; skip the test on a machine without nginx."""
    if not shutil.which("nginx"):
        assert not os.environ.get("BATON_REQUIRE_PROXY"), "nginx is not installed"
        pytest.skip("nginx is not installed")
    edge = TemporalEdge(folder, upstream)
    edge.accept(authorities, keys)
    process = await asyncio.create_subprocess_exec(*edge.command)
    try:
        await eventually((folder / "nginx.pid").exists)
        yield edge
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
