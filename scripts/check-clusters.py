#!/usr/bin/env python3
"""Validates the examples in docs/clusters.md against published schemas.

    scripts/check-clusters.sh [ray.io_rayjobs.yaml]

The Job of Kubernetes is checked by Kubernetes' schemas, as kubernetes-validate has them; the job definition of
AWS Batch by the service's model, as botocore has it; the RayJob of KubeRay by the definition of that
resource in KubeRay's repository (helm-chart/kuberay-operator/crds), if its file is given. A member that a
schema does not know is an error.
"""

import copy
import json
import re
import sys
from pathlib import Path

import botocore.session
import botocore.validate
import jsonschema
import kubernetes_validate
import yaml

DOCUMENT = Path(__file__).parent.parent / "docs/clusters.md"

# A version of Kubernetes that has indexed Jobs with limits for each index.
KUBERNETES = "1.31"


def examples(language):
    """Returns the code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)


def strict(schema):
    """Returns a schema in which objects have no other members than those it names."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: strict(part) for name, part in schema.items()}
    keeps_others = schema.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(schema.get("properties"), dict) and not keeps_others:
        schema.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        schema.pop("type", None)
    return schema


def check_ray_job(job, definition):
    """Validates a RayJob by the definition of its resource."""
    (version,) = (
        version["schema"]["openAPIV3Schema"]
        for version in definition["spec"]["versions"]
        if job["apiVersion"] == f"{definition['spec']['group']}/{version['name']}"
    )
    schema = strict(version)
    # Every resource has these, which its definition leaves open.
    schema["properties"]["metadata"] = {"type": "object"}
    jsonschema.Draft202012Validator(schema).validate(job)
    # The schema knows a misspelt member when it sees one.
    wrong = copy.deepcopy(job)
    wrong["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]["maxReplica"] = 1
    if jsonschema.Draft202012Validator(schema).is_valid(wrong):
        sys.exit("the schema accepts any member")


def main():
    checked = []
    for text in examples("yaml"):
        document = yaml.safe_load(text)
        kind = document["kind"]
        if kind == "RayJob":
            if len(sys.argv) < 2:
                continue
            check_ray_job(document, yaml.safe_load(Path(sys.argv[1]).read_text()))
        else:
            kubernetes_validate.validate(document, KUBERNETES, strict=True)
        checked.append(kind)
    batch = botocore.session.get_session().get_service_model("batch")
    shape = batch.operation_model("RegisterJobDefinition").input_shape
    for text in examples("json"):
        report = botocore.validate.ParamValidator().validate(json.loads(text), shape)
        if report.has_errors():
            sys.exit(f"{DOCUMENT}: {report.generate_report()}")
        checked.append("AWS Batch job definition")
    print(f"valid: {', '.join(checked)}")


if __name__ == "__main__":
    main()
