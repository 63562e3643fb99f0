"""Scenarios beyond the documentation: unknown statuses, events and fields, and webhooks late or out of order."""

from baton.local.sandbox.scenarios.faults import WebhookFaultSpec
from baton.local.sandbox.scenarios.scenario import MoveStep, Scenario
from baton.local.sandbox.scenarios.steps import END, move
from baton.orchestra.lifecycle import Status

SURPRISES: tuple[Scenario, ...] = (
    Scenario(
        name="unknown_status",
        description="The order is shown as the undocumented status `reconciling`, then resumes and completes.",
        steps=(MoveStep(status=Status.PAUSED, shown_as="reconciling"), move(Status.PROCESSING, after=1.0), END),
    ),
    Scenario(
        name="unknown_status_stays",
        description="The order is shown as the undocumented status `reconciling` until an admin call moves it.",
        steps=(
            MoveStep(status=Status.PAUSED, shown_as="reconciling"),
            MoveStep(status=Status.PROCESSING, by_hand=True),
            END,
        ),
    ),
    Scenario(
        name="unknown_event",
        description="The order sends the undocumented event `order.audited` midway, and completes.",
        steps=(MoveStep(status=Status.PAUSED, also=("order.audited",)), move(Status.PROCESSING), END),
    ),
    Scenario(
        name="recovery_required",
        description="The order is held and recovery subscriptions get an event; an admin call resumes or fails it.",
        steps=(
            MoveStep(
                status=Status.PAUSED,
                fields={"reviewStatus": "pending_review"},
                also=("order.recovery_required",),
            ),
            MoveStep(status=Status.PROCESSING, fields={"reviewStatus": None}, by_hand=True),
            END,
        ),
    ),
    Scenario(
        name="missed_deposit",
        description="Deposits to reusable addresses are missed until somebody has the address indexed again.",
        held="not_indexed",
    ),
    Scenario(
        name="held_deposit",
        description="Deposits to reusable addresses are held, as if their route were not available.",
        held="standing_route_unavailable",
    ),
    Scenario(
        name="extra_fields",
        description="The order completes; its records and webhooks carry undocumented fields of every type.",
        extra_fields={
            "riskScore": 7,
            "labels": ["new", None, 3],
            "compliance": {"level": {"value": True, "notes": []}},
            "futureAmount": "123456789012345678901234567890",
        },
    ),
    Scenario(
        name="webhooks_shuffled",
        description="The order completes; each of its webhooks arrives up to two seconds late, in any order.",
        webhooks=(WebhookFaultSpec(kind="reorder", seconds=2.0),),
    ),
    Scenario(
        name="webhooks_late",
        description="The order completes; each of its webhooks arrives ten seconds late.",
        webhooks=(WebhookFaultSpec(kind="delay", seconds=10.0),),
    ),
)
