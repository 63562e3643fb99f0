"""Puts into every line that an activity logs for which order it runs, so that a line is found by the order."""

from typing import Any

import structlog
from temporalio import activity
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput
from temporalio.worker import Interceptor as WorkerInterceptor


class ActivityLogs(ClientInterceptor, WorkerInterceptor):
    """An interceptor for a client; the SDK uses it for every worker of that client."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Return what binds the fields of an activity while it runs."""
        return _LoggedActivity(next)


class _LoggedActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        fields: dict[str, Any] = {"activity": info.activity_type, "attempt": info.attempt}
        # A notification's activity belongs to no workflow; its id names the endpoint and the order.
        own = {"workflow_id": info.workflow_id} if info.workflow_id else {"activity_id": info.activity_id}
        with structlog.contextvars.bound_contextvars(**fields, **own):
            return await super().execute_activity(input)
