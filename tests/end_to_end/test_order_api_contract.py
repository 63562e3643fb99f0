"""The order API does what its OpenAPI document says, whatever is sent to it."""

import asyncio
import sys
from pathlib import Path

from tests.end_to_end.world import TOKEN, World

SCHEMATHESIS = Path(sys.executable).parent / "st"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


async def test_no_call_fails_or_answers_against_its_schema(world: World, tmp_path: Path) -> None:
    """Schemathesis makes requests from the document; none gets a 5xx, an unknown status or another schema."""
    run = await asyncio.create_subprocess_exec(
        *(str(SCHEMATHESIS), "run", f"{world.gateway_url}/openapi.json", "--no-color"),
        *("--header", f"Authorization: Bearer {TOKEN}", "--checks", CHECKS),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "2", "--seed", "1", "--max-failures", "5"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(run.communicate(), 115)
    failures = output.decode().partition("= FAILURES =")[2] or output.decode()
    assert run.returncode == 0, failures[:6000]
