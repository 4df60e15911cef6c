"""How an answer is compared with a recorded one: fields may be added, and nothing else may differ."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

ID = re.compile(r"\d+|[a-z ]+ \d+")
"""A key that is an id, as it is or masked: such an object holds things, and one more of them is no field."""
WIDTH = 120
OFTEN = 3
SMALL = 70
"""Characters of what stands on a line with others, though it holds something itself."""


def differences(recorded: Any, seen: Any, where: str = "") -> Iterator[str]:
    """One line for each difference that the contract does not allow."""
    if isinstance(recorded, dict) and isinstance(seen, dict):
        for name in recorded:
            if name not in seen:
                yield f"{where}.{name}: recorded {short(recorded[name])}, now it is gone"
            else:
                yield from differences(recorded[name], seen[name], f"{where}.{name}")
        if not recorded or any(map(ID.fullmatch, [*recorded, *seen])):
            for name in seen:
                if name not in recorded:
                    yield f"{where}.{name}: nothing recorded, now {short(seen[name])}"
    elif isinstance(recorded, list) and isinstance(seen, list):
        for number, (one, other) in enumerate(zip(recorded, seen, strict=False)):
            yield from differences(one, other, f"{where}[{number}]")
        for number in range(len(recorded), len(seen)):
            yield f"{where}[{number}]: nothing recorded, now {short(seen[number])}"
        for number in range(len(seen), len(recorded)):
            yield f"{where}[{number}]: recorded {short(recorded[number])}, now it is gone"
    elif type(recorded) is not type(seen) or recorded != seen:
        yield f"{where}: recorded {short(recorded)}, now {short(seen)}"


def short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def pretty(value: Any, indent: int = 0, before: int = 0) -> str:
    """JSON for people to read: what fits is on one line. ``before``: characters that stand on the line already."""
    line = json.dumps(value, ensure_ascii=False)
    if indent and (not isinstance(value, dict | list) or not value or indent + before + len(line) < WIDTH):
        return line
    inner, outer = " " * (indent + 2), " " * indent
    if indent and not any(isinstance(item, dict | list) and len(json.dumps(item)) > SMALL for item in _items(value)):
        return _filled(value, inner, outer)
    if isinstance(value, list):
        items = [pretty(item, indent + 2) for item in value]
        return "[\n" + ",\n".join(inner + item for item in items) + f"\n{outer}]"
    names = {json.dumps(name, ensure_ascii=False): item for name, item in value.items()}
    fields = [f"{name}: {pretty(item, indent + 2, len(name) + 2)}" for name, item in names.items()]
    return "{\n" + ",\n".join(inner + field for field in fields) + f"\n{outer}}}"


def _items(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _filled(value: dict[str, Any] | list[Any], inner: str, outer: str) -> str:
    """What holds small things: as many on each line as fit."""
    begin, end = ("{", "}") if isinstance(value, dict) else ("[", "]")
    whole = [json.dumps(item, ensure_ascii=False) for item in _items(value)]
    if isinstance(value, dict):
        whole = [f"{json.dumps(name, ensure_ascii=False)}: {item}" for name, item in zip(value, whole, strict=True)]
    lines = [inner]
    for number, item in enumerate(whole):
        item += "," if number + 1 < len(whole) else ""
        if lines[-1].strip() and len(lines[-1]) + len(item) >= WIDTH:
            lines.append(inner)
        lines[-1] += item + " "
    return "\n".join([begin, *(line.rstrip() for line in lines), outer + end])


def folded(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers for a file: heads that come often have a name there, and stand in it once."""
    often = Counter(json.dumps(answer["headers"]) for answer in answers.values() if "headers" in answer)
    heads: dict[str, Any] = {}
    names: dict[str, str] = {}
    for answer in answers.values():
        head = json.dumps(answer.get("headers"))
        if often[head] >= OFTEN and head not in names:
            names[head] = f"head {len(names) + 1}"
            heads[names[head]] = answer["headers"]
    return {
        "heads": heads,
        "answers": {
            name: answer | ({"headers": names[head]} if (head := json.dumps(answer.get("headers"))) in names else {})
            for name, answer in answers.items()
        },
    }


def unfolded(file: dict[str, Any]) -> dict[str, Any]:
    """The answers of a file."""
    heads = file["heads"]
    return {
        name: answer | {"headers": heads[answer["headers"]]} if isinstance(answer.get("headers"), str) else answer
        for name, answer in file["answers"].items()
    }
