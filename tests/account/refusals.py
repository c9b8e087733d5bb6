"""What was refused for want of a permission, call or delivery, so that a test can ask.

A delivery that is refused shows nowhere in AWS either, and a function may swallow its AccessDenied.
"""

import threading

from ministack.core import iam_evaluator

lines: list[str] = []
lock = threading.Lock()


def install() -> None:
    iam_evaluator.enforce = noting(iam_evaluator.enforce)


def note(line: str) -> None:
    with lock:
        lines.append(line)


def taken() -> list[str]:
    """All of them since this was asked last."""
    with lock:
        found = lines[:]
        lines.clear()
    return found


def noting(enforce):
    def noting_enforce(caller, action, service, region, resource_arn="*", service_context=None):
        denied = enforce(caller, action, service, region, resource_arn, service_context)
        if denied:
            who = getattr(denied, "principal_arn", "") or caller
            note(f"{who} may not {action} on {resource_arn} in {region}")
        return denied

    return noting_enforce
