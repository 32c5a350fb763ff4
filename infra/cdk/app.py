"""Synthesises every stack: `python app.py` into CDK_OUTDIR, or the cdk command. Wires; decides nothing."""

import os
import sys
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the registry is the project's, and stdlib only

from learninghub_infra.config import EnvConfig
from learninghub_infra.stacks import build

DOCUMENTED_ACCOUNT = "111122223333"  # the account of AWS's own examples: synthesis needs one, and no real one


def chosen(app: cdk.App) -> EnvConfig:
    """`-c replica_count=2 -c second_region=eu-west-1`: any field of EnvConfig that is text, number or flag."""
    given = {"account": os.environ.get("CDK_DEFAULT_ACCOUNT", DOCUMENTED_ACCOUNT)}
    for field, kind in EnvConfig.__annotations__.items():
        value = app.node.try_get_context(field)
        if value is not None:
            given[field] = value == "true" if kind is bool else kind(value)
    return EnvConfig(**given)


if __name__ == "__main__":
    application = cdk.App()
    build(application, config=chosen(application))
    Validations.of(application).add_plugins(AwsSolutionsChecks(application))
    application.synth()
