"""Holds a running server's AsyncAPI document against the official JSON schema: `cargo xtask test services`.

What the document says of payloads is JSON Schema itself, so it is held against that, too, and every
reference has to lead somewhere.
"""

import json
import sys

import jsonschema_rs
import requests


def references(value):
    """Every `$ref` in the document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from references(part)


def target(document, reference):
    """What a reference within the document leads to (RFC 6901); None when it leads nowhere."""
    if not reference.startswith("#/"):
        return None
    for part in reference[2:].split("/"):
        part = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(document, dict) or part not in document:
            return None
        document = document[part]
    return document


def main():
    url, ca, folder = sys.argv[1:]
    reply = requests.get(f"{url}/api/asyncapi.json", verify=ca, timeout=60)
    reply.raise_for_status()
    document = reply.json()
    with open(f"{folder}/{document['asyncapi']}.json", encoding="utf-8") as file:
        official = jsonschema_rs.validator_for(json.load(file))

    faults = [f"{'/'.join(map(str, fault.instance_path))}: {fault.message}" for fault in official.iter_errors(document)]
    faults += [f"{one} leads nowhere" for one in sorted(set(references(document))) if target(document, one) is None]
    for name, schema in document["components"]["schemas"].items():
        try:
            jsonschema_rs.meta.validate(schema)
        except (ValueError, jsonschema_rs.ValidationError) as fault:
            faults.append(f"components/schemas/{name}: {fault}")
    # The schema must be able to find a fault, or it would prove nothing.
    if official.is_valid({**document, "channels": []}):
        faults.append("the official schema takes anything")
    for fault in faults:
        print(fault)
    print(f"{len(document['operations'])} operations, {len(document['components']['messages'])} messages, {len(faults)} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
