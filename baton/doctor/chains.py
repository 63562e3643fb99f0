"""Checks of the providers of each watched chain: reachable, and of the right chain."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing

from baton.chains.errors import ChainError
from baton.chains.factory import open_reader
from baton.chains.spec import ChainSpec, Family, ProviderSpec
from baton.health.findings import CheckFinding, ok, problem, skipped, warning

TIMEOUT = 15.0
"""Seconds that a provider may take."""

_BLIND = "deposits there are noticed only when the business or Orchestra reports them"


async def check_chains(chains: Mapping[str, ChainSpec]) -> AsyncIterator[CheckFinding]:
    """Ask each provider of each watched chain for the chain's newest block."""
    for name, spec in chains.items():
        if spec.family is Family.SPARK:
            yield skipped(
                "chain.provider", "Spark has no newest block; its provider is asked about addresses only", name
            )
            continue
        complaints = await asyncio.gather(*(_complaint(spec, provider) for provider in spec.providers))
        yield _judged(name, complaints)


async def _complaint(spec: ChainSpec, provider: ProviderSpec) -> str | None:
    """Return why a provider cannot be used, or None."""
    async with aclosing(open_reader(spec, provider)) as reader:
        try:
            async with asyncio.timeout(TIMEOUT):
                await reader.scan((), None)
        except ChainError as error:
            return str(error)
        except TimeoutError:
            return f"no answer within {TIMEOUT:g} s"
    return None


def _judged(chain: str, complaints: list[str | None]) -> CheckFinding:
    check, failed = "chain.provider", [complaint for complaint in complaints if complaint]
    remedy = f"correct providers of [chains.{chain}] in BATON_CHAINS_FILE, or wait for the provider"
    if failed and len(failed) == len(complaints):
        return problem(check, "; ".join(failed), _BLIND, remedy, chain)
    if failed:
        return warning(check, "; ".join(failed), "the chain is read through its other providers only", remedy, chain)
    return ok(
        check, f"{len(complaints)} of its providers answer" if len(complaints) > 1 else "its provider answers", chain
    )
