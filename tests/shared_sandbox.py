"""Temporal's workflow sandbox for tests, which imports the workflows' modules once and not again for each workflow.

Those imports would be a third of what an order costs in the tests. Every restriction of the sandbox is in force: a
workflow that reads the clock, the environment or a file fails. Only the modules are shared between workflows, as they
are in production, which runs without the sandbox.
"""

import importlib
import threading
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from temporalio.converter import SerializationContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker._command_aware_visitor import CommandInfo
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.worker.workflow_sandbox._importer import Importer
from temporalio.worker.workflow_sandbox._restrictions import RestrictionContext
from temporalio.worker.workflow_sandbox._runner import _Instance

from worker import workflow_runner


class _ContextOfThread(RestrictionContext, threading.local):
    """Whether a workflow runs in this thread: several threads run workflows that share their modules."""


class _SharingInstance(_Instance):
    def __init__(
        self, details: WorkflowInstanceDetails, runner_class: type[WorkflowRunner], importer: Importer
    ) -> None:
        # In place of the parent's, which makes an importer for each instance.
        self.instance_details = details
        self.runner_class = runner_class
        self.importer = importer
        self._current_thread_id = None
        self.globals_and_locals = {"__file__": "workflow_sandbox.py"}
        self._create_instance()

    def _run_code(self, code: str, **extra_globals: Any) -> None:
        super()._run_code(_compiled(code), **extra_globals)

    def get_serialization_context(self, command_info: CommandInfo | None) -> SerializationContext | None:
        # In place of the parent's, which enters the sandbox for each payload although no workflow runs meanwhile.
        context: SerializationContext | None = self.globals_and_locals[
            "__temporal_in_sandbox"
        ].get_serialization_context(command_info)
        return context


@cache
def _compiled(code: str) -> Any:
    return compile(code, "workflow_sandbox.py", "exec")


@cache
def _importer() -> Importer:
    return Importer(_restrictions(), _ContextOfThread())


def _restrictions() -> SandboxRestrictions:
    production = workflow_runner(sandboxed=True)
    assert isinstance(production, SandboxedWorkflowRunner)
    return production.restrictions


@dataclass(frozen=True)
class SharedSandboxRunner(SandboxedWorkflowRunner):
    """Runs workflows in the sandbox with the restrictions that a worker has, and with shared modules."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return an instance whose modules are those of all workflows of this process."""
        return _SharingInstance(det, self.runner_class, _importer())


def shared_module(name: str) -> ModuleType:
    """Return the module that the workflows of the tests share, for instance to shorten one of its timeouts."""
    importer = _importer()
    with importer.applied():
        return importlib.import_module(name)
