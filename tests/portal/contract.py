# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks answers against portal/protocol/openapi.yaml: the part of JSON Schema that it uses, and no more."""

import json
import os
import re

try:
    import yaml
except ImportError:
    yaml = None

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "portal", "protocol", "openapi.yaml")
KNOWN = {"$ref", "type", "properties", "required", "additionalProperties", "enum", "const", "pattern", "items", "oneOf", "minimum", "maximum",
         "minItems", "maxItems", "minLength", "maxLength"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


class Contract:
    def __init__(self):
        with open(FILE, encoding="utf-8") as file:
            self.document = yaml.safe_load(file)
        self.seen = set()
        self.paths = []
        for path, operations in self.document["paths"].items():
            pattern = re.sub(r"\\\{[a-z]+\\\}", "[^/:]+", re.escape(path).replace("\\:", ":"))
            self.paths.append((re.compile(pattern + "$"), path, operations))

    def find(self, method, path):
        for pattern, name, operations in self.paths:
            if pattern.match(path) and method.lower() in operations:
                return name, operations[method.lower()]
        return None, None

    def check(self, method, path, answer):
        name, operation = self.find(method, path.split("?")[0])
        if operation is None:
            if path.startswith(("/p/", "/api/")):
                assert answer.status >= 400, f"{method} {path} is not in openapi.yaml and was answered {answer.status}"
            return
        self.seen.add((method, name))
        documented = operation["responses"].get(str(answer.status))
        if documented is None:
            assert answer.status >= 400, f"{method} {name}: {answer.status} is not documented"
            documented = operation["responses"]["default"]
        content = documented.get("content", {})
        if method == "HEAD":
            return
        kind = (answer.headers["Content-Type"] or "").split(";")[0]
        if not content:
            assert not answer.body, f"{method} {name}: {answer.status} has a body"
            return
        assert kind in content, f"{method} {name}: {answer.status} is {kind}"
        if "schema" in content[kind]:
            self.validate(content[kind]["schema"], json.loads(answer.body), f"{method} {name}")

    def validate(self, schema, value, where):
        problem = self.judge(schema, value)
        assert problem is None, f"{where}: {problem}"

    def judge(self, schema, value, at=""):
        unknown = set(schema) - KNOWN
        assert not unknown, f"this validator does not know {unknown}"
        if "$ref" in schema:
            target = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            return self.judge(target, value, at)
        if "oneOf" in schema:
            good = [one for one in schema["oneOf"] if self.judge(one, value, at) is None]
            return None if len(good) == 1 else f"{at} fits {len(good)} of the alternatives"
        kinds = schema.get("type")
        if kinds is not None:
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if not any(isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool)) for kind in kinds):
                return f"{at} is {type(value).__name__}, not {kinds}"
        if "const" in schema and value != schema["const"]:
            return f"{at} is not {schema['const']}"
        if "enum" in schema and value not in schema["enum"]:
            return f"{at} is none of {schema['enum']}"
        return self.judge_value(schema, value, at)

    def judge_value(self, schema, value, at):
        if isinstance(value, str):
            if "pattern" in schema and not re.search(schema["pattern"], value):
                return f"{at} does not fit {schema['pattern']}"
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
                return f"{at} has {len(value)} characters"
        elif isinstance(value, int) and not isinstance(value, bool):
            if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
                return f"{at} is {value}"
        elif isinstance(value, list):
            if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
                return f"{at} has {len(value)} items"
            for i, item in enumerate(value):
                if problem := self.judge(schema.get("items", {}), item, f"{at}[{i}]"):
                    return problem
        elif isinstance(value, dict):
            return self.judge_object(schema, value, at)
        return None

    def judge_object(self, schema, value, at):
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                return f"{at}.{name} is missing"
        for name, item in value.items():
            if name in properties:
                if problem := self.judge(properties[name], item, f"{at}.{name}"):
                    return problem
            elif schema.get("additionalProperties", True) is False:
                return f"{at}.{name} is not documented"
        return None

    def unseen(self):
        every = {(method.upper(), path) for _, path, operations in self.paths for method in operations}
        return sorted(every - self.seen)


CONTRACT = Contract() if yaml is not None else None
