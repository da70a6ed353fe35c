"""What fuzzing begins with, and what it found worth keeping, once more; `make fuzz` looks for what is new."""

import json
from random import Random

import pytest

from fuzz.mutations import mutate_json
from fuzz.seeds import CORPUS, seeds
from fuzz.targets import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_what_was_found_breaks_no_promise(target: str) -> None:
    found = list(seeds(target))
    assert len(found) > len(list((CORPUS / target).iterdir())) > 0
    for number, content in enumerate(found):
        try:
            TARGETS[target](content)
        except BaseException as error:
            error.add_note(f"input {number}: {content!r}")
            raise


def test_json_is_changed_and_stays_json() -> None:
    content = b"\x01" + json.dumps({"a": [1, {"b": "c"}], "d": None}).encode() + b"\0name\0PNG"
    changed = [one for one in (mutate_json(content, Random(seed)) for seed in range(200)) if one]
    assert len(set(changed)) > 100
    for one in changed:
        assert one.startswith(b"\x01")
        assert one.endswith(b"\0name\0PNG")
        json.loads(one[1:].partition(b"\0")[0])
    assert mutate_json(b"\x01no JSON", Random(1)) is None
