"""Whether the OpenAPI document is sound: valid, the same as YAML, and its examples of the shape that it says.

Usage: openapi_document.py openapi.json openapi.yaml
"""

import json
import sys

import yaml
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator
from openapi_spec_validator import validate


def main(json_path, yaml_path):
    with open(json_path) as file:
        document = json.load(file)
    with open(yaml_path) as file:
        assert yaml.safe_load(file) == document, "openapi.yaml says something else than openapi.json"
    validate(document)
    examples = list(bodies(document))
    for where, media, validator in examples:
        if "schema" in media and "json" in where:
            named = media.get("examples", {}).values()
            values = [media["example"]] if "example" in media else [it["value"] for it in named]
            assert values, f"{where} has no example"
            for example in values:
                check(document, where, media, example, validator)
    print(f"{len(examples)} bodies")


def bodies(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for kind, media in operation.get("requestBody", {}).get("content", {}).items():
                yield f"{method} {path} {kind}", media, OAS30WriteValidator
            for status, answer in operation["responses"].items():
                if "$ref" in answer:
                    answer = document["components"]["responses"][answer["$ref"].split("/")[-1]]
                for kind, media in answer.get("content", {}).items():
                    yield f"{method} {path} {status} {kind}", media, OAS30ReadValidator


def check(document, where, media, example, validator):
    schema = {**media["schema"], "components": document["components"]}
    errors = list(validator(schema).iter_errors(example))
    assert not errors, f"{where}: {errors[0].message}"


main(*sys.argv[1:])
