"""Rules that hold for the whole: cdk-nag, the local run's gaps, parameters, who may import whom."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from infra import local_gaps
from infra.bundling import ROOT
from tests.infra.assembly import Assembly


def _reports(folder: Path) -> dict[str, dict[str, object]]:
    reports = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    return {report["pluginName"]: report for report in reports}


def test_cdk_nag_finds_nothing_that_is_not_acknowledged_with_a_reason(aws: Assembly) -> None:
    reports = _reports(aws.folder)
    assert {"AwsSolutions", "Serverless"} <= set(reports)
    for name, report in reports.items():
        assert report["violations"] == [], name
        assert all(len(one["reason"]) > 20 for one in report["suppressedViolations"])  # type: ignore[attr-defined]


def test_a_finding_that_nobody_acknowledged_fails_the_synthesis(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    s3.Bucket(cdk.Stack(app, "Careless"), "Bucket")
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="AwsSolutions-S10"):
        app.synth()


def test_the_local_stack_lacks_only_what_the_emulator_refuses(aws: Assembly, local: Assembly) -> None:
    kinds = [{one["Type"] for one in assembly.template["Resources"].values()} for assembly in (aws, local)]
    assert kinds[0] - kinds[1] == set(local_gaps.REFUSED)
    assert kinds[1] <= kinds[0]


def test_the_local_functions_reach_the_emulator_and_the_stand_ins_and_those_on_aws_never_do(
    aws: Assembly, local: Assembly
) -> None:
    for name, function in local.functions().items():
        variables = function["Environment"]["Variables"]
        assert variables["AWS_ENDPOINT_URL"] == "http://localhost:4566", name
        assert variables["RENKEI_ALLOW_PRIVATE_HOSTS"] == "1"
    for function in aws.functions().values():
        assert {"AWS_ENDPOINT_URL", "RENKEI_ALLOW_PRIVATE_HOSTS"} & set(function["Environment"]["Variables"]) == set()


def test_the_settings_that_a_function_is_given_are_those_that_it_reads(aws: Assembly) -> None:
    from hub.settings import Settings

    known = {f"RENKEI_{name.upper()}" for name in Settings.__slots__}
    given = set(aws.functions()["sync_crm"]["Environment"]["Variables"])
    assert given <= known
    assert known - given == {"RENKEI_ALLOW_PRIVATE_HOSTS", "RENKEI_ENDPOINT_URL", "RENKEI_REGION"}


def test_an_operator_is_told_every_url_and_name(aws: Assembly) -> None:
    named = {"WebhookBaseUrl", "WebhookUrlCrm", "WebhookUrlWhatsapp", "WebhookUrlTelephony", "ApiUrl", "UserPoolId"}
    named |= {"TokenUrl", "StateTable", "ConnectionsTable", "Bucket", "BusName", "QueuePrefix", "HashKeySecret"}
    named |= {"ConsoleClientId", "MachineClientId"}
    assert set(aws.template["Outputs"]) == named


def test_nobody_imports_what_the_design_forbids() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "0 kept" not in done.stdout
