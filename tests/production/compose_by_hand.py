"""The services of docker-compose.yml as processes of this machine, with what the file gives them.

Commands, environments, secrets, mounts and health checks are those of the file; only names of hosts, ports and paths in
containers are replaced by what stands for them here.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from baton.local.stack.ports import free_ports
from tests.deploy.compose_file import SECRETS, SERVICES, environment_of, interpolated
from tests.paths import ROOT

BIN = Path(sys.executable).parent
_DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
_ENTRY_POINT: list[str] = json.loads(re.findall(r"^ENTRYPOINT (\[.*\])$", _DOCKERFILE, flags=re.MULTILINE)[-1])
_LIMIT = 180.0
"""Seconds that a service may take to become healthy, on a slow machine."""


@dataclass
class Container:
    """One process that stands for a container of a service."""

    service: str
    process: subprocess.Popen[str]
    stands_for: Mapping[str, str]
    environment: Mapping[str, str]
    log: Path

    def is_healthy(self) -> bool:
        """Whether the health check of the service succeeds now."""
        kind, *test = SERVICES[self.service]["healthcheck"]["test"]
        command = [translated(interpolated(part, {}), self.stands_for) for part in test]
        command = ["sh", "-c", *command] if kind == "CMD-SHELL" else [_program(command[0]), *command[1:]]
        done = subprocess.run(command, env=self.environment, capture_output=True, timeout=15, check=False)
        return done.returncode == 0

    def wait_until_healthy(self) -> None:
        """Wait until the health check succeeds; fail with the log if the process ends or takes too long."""
        deadline = time.monotonic() + _LIMIT
        while not self.is_healthy():
            assert self.process.poll() is None, f"{self.service} ended: {self.log.read_text(encoding='utf-8')}"
            assert time.monotonic() < deadline, f"{self.service}: {self.log.read_text(encoding='utf-8')[-3000:]}"
            time.sleep(0.1)

    def stop(self) -> int:
        """End it as `docker compose stop` does; return its exit code."""
        self.process.terminate()
        grace = SERVICES[self.service].get("stop_grace_period", "10s")
        return self.process.wait(timeout=int(grace.removesuffix("s")))


@dataclass
class Hosts:
    """Where the names and ports of the containers are on this machine."""

    postgresql: int
    temporal: int
    temporal_http: int
    gateways: list[int]
    sandbox: int

    def stands_for(self) -> dict[str, str]:
        """Return what stands for each address in the file."""
        return {
            "postgresql:5432": f"127.0.0.1:{self.postgresql}",
            "temporal:7233": f"127.0.0.1:{self.temporal}",
            "127.0.0.1:7243": f"127.0.0.1:{self.temporal_http}",
            "gateway:8080": f"127.0.0.1:{self.gateways[0]}",
            "sandbox:8090": f"127.0.0.1:{self.sandbox}",
            "postgresql": "127.0.0.1",
            "5432": str(self.postgresql),
            "8090": str(self.sandbox),
            "0.0.0.0": "127.0.0.1",
        }


@dataclass
class ByHand:
    """An installation: its folder, its .env, and the processes that run.

    Attributes:
        folder: Its secrets, volumes and logs.
        hosts: Where its services are.
        variables: What stands in .env.
        running: The processes, the first ones first.
    """

    folder: Path
    hosts: Hosts
    variables: Mapping[str, str] = field(default_factory=dict)
    running: list[Container] = field(default_factory=list)

    def start(self, service: str, *, port: int | None = None, **more: str) -> Container:
        """Start one container of a service.

        Args:
            service: Its name.
            port: What stands for its port 8080; a free one by default.
            more: Variables that the file does not set, for what this machine has instead of the image.
        """
        stands_for = self._stands_for(service, port)
        environment = self._environment(service, stands_for) | more
        log = self.folder / f"{service}-{len(self.running)}.log"
        with log.open("w", encoding="utf-8") as output:
            process = self._popen(service, [], stands_for, environment, output)
        self.running.append(Container(service, process, stands_for, environment, log))
        return self.running[-1]

    def run(self, service: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a service to its end, as `docker compose run --rm SERVICE ARGUMENTS`."""
        stands_for = self._stands_for(service, None)
        process = self._popen(service, list(arguments), stands_for, self._environment(service, stands_for) | more)
        output, errors = process.communicate(timeout=_LIMIT)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def execute(self, container: Container, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside a running one, as `docker compose exec`."""
        command = [_program(arguments[0]), *arguments[1:]]
        folder = self.folder / "volumes" / "baton"
        return subprocess.run(
            command, cwd=folder, env=container.environment, capture_output=True, text=True, timeout=_LIMIT, check=False
        )

    def close(self) -> None:
        """End what still runs, the last one first."""
        for container in reversed(self.running):
            container.process.kill()
            container.process.wait()

    def volume(self, name: str) -> Path:
        """Return the folder that stands for a named volume."""
        folder = self.folder / "volumes" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def secret(self, name: str) -> Path:
        """Return the file of a secret."""
        return self.folder / SECRETS[name]["file"]

    def _stands_for(self, service: str, port: int | None) -> dict[str, str]:
        own, metrics = free_ports(2)
        places = {f"/run/secrets/{name}": str(self.secret(name)) for name in SERVICES[service].get("secrets", [])}
        for volume in SERVICES[service].get("volumes", []):
            source, target, *_ = volume.split(":")
            places[target] = str(ROOT / source) if source.startswith(".") else str(self.volume(source))
        private = self.folder / f"tmp-{service}-{len(self.running)}"
        private.mkdir(exist_ok=True)
        ports = {"8080": str(port or own), "9464": str(metrics)}
        return {**self.hosts.stands_for(), **ports, **places, "/tmp": str(private)}

    def _environment(self, service: str, stands_for: Mapping[str, str]) -> dict[str, str]:
        given = environment_of(service, self.variables)
        own = {name: translated(value, stands_for) for name, value in given.items()}
        return {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(self.folder), **own}

    def _popen(
        self,
        service: str,
        arguments: list[str],
        stands_for: Mapping[str, str],
        environment: Mapping[str, str],
        output: IO[str] | int = subprocess.PIPE,
    ) -> subprocess.Popen[str]:
        definition: dict[str, Any] = SERVICES[service]
        entry = definition.get("entrypoint") or _ENTRY_POINT
        words = [*entry, *(arguments or definition.get("command", []))]
        program, *rest = [translated(interpolated(word, self.variables), stands_for) for word in words]
        errors = subprocess.STDOUT if output != subprocess.PIPE else subprocess.PIPE
        return subprocess.Popen(
            [_program(program), *rest],
            cwd=self.volume("baton"),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            text=True,
        )


def translated(text: str, stands_for: Mapping[str, str]) -> str:
    """Return a text of the file with every name, port and path replaced by what stands for it, longest first."""
    names = "|".join(re.escape(name) for name in sorted(stands_for, key=len, reverse=True))
    return re.sub(rf"(?<![\w.-])(?:{names})(?![\w.-]|://)", lambda found: stands_for[found[0]], text)


def _program(name: str) -> str:
    """Return a program of the image as it is called here."""
    return str(BIN / name) if name in ("baton", "python") else name
