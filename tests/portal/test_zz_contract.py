# SPDX-License-Identifier: GPL-3.0-or-later
"""Last, because it looks at what the other tests have seen."""

import sys

from contract import CONTRACT
from harness import Skip


def test_every_request_of_the_contract_was_answered_and_checked():
    if CONTRACT is None:
        raise Skip("python3-yaml is missing, answers were not checked against openapi.yaml")
    if len(sys.argv) > 1:
        return
    assert not CONTRACT.unseen(), CONTRACT.unseen()


def test_the_checker_sees_what_is_wrong():
    if CONTRACT is None:
        raise Skip("python3-yaml is missing")
    problem = {"type": "about:blank", "title": "t", "status": 404, "code": "not-found", "detail": "d"}
    schema = {"$ref": "#/components/schemas/Problem"}
    assert CONTRACT.judge(schema, problem) is None
    for change in ({"code": "unheard-of"}, {"status": "404"}, {"status": 200}, {"more": 1}, {"title": None}):
        assert CONTRACT.judge(schema, {**problem, **change}) is not None, change
    del problem["detail"]
    assert CONTRACT.judge(schema, problem) is not None
