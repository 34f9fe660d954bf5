#!/usr/bin/env bash
# Validates the examples in docs/clusters.md against published schemas. The RayJob is checked if the
# definition of its resource is given: helm-chart/kuberay-operator/crds/ray.io_rayjobs.yaml of KubeRay.
#
#     scripts/check-clusters.sh [ray.io_rayjobs.yaml]
set -euo pipefail
definition=${1:+$(realpath "$1")}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/python-env.sh target/clusters-env \
    kubernetes-validate==1.37.0 botocore==1.44.8 jsonschema==4.26.0 PyYAML==6.0.4
target/clusters-env/bin/python scripts/check-clusters.py ${definition:+"$definition"}
