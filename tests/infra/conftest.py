"""The stack synthesized once for AWS and once for the local run, read as plain JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.app import build
from infra.bundling import ROOT

Resource = Mapping[str, Any]
Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Assembly:
    """A synthesized stack: the template and the folder with the assets."""

    folder: Path
    template: Mapping[str, Any]

    def of(self, kind: str) -> dict[str, Resource]:
        """Resources of a CloudFormation type, by logical id."""
        resources: Mapping[str, Resource] = self.template["Resources"]
        return {name: resource for name, resource in resources.items() if resource["Type"] == kind}

    def properties(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Their properties."""
        return {name: resource["Properties"] for name, resource in self.of(kind).items()}

    def functions(self) -> dict[str, Mapping[str, Any]]:
        """Functions by the name of their folder."""
        found = self.properties("AWS::Lambda::Function").values()
        return {properties["Handler"].split(".")[0]: properties for properties in found}

    def function_of(self, logical_id: str) -> str:
        """The folder of the function with that logical id."""
        handler: str = self.template["Resources"][logical_id]["Properties"]["Handler"]
        return handler.split(".")[0]

    def asset(self, function: str) -> Path:
        """The folder that is shipped as the function."""
        key: str = self.functions()[function]["Code"]["S3Key"]
        return self.folder / f"asset.{key.removesuffix('.zip')}"

    def target(self, reference: Mapping[str, Any]) -> str:
        """The logical id in `{"Ref": …}` or `{"Fn::GetAtt": [id, …]}`."""
        return str(reference["Ref"] if "Ref" in reference else reference["Fn::GetAtt"][0])

    def grants(self, function: str) -> list[Statement]:
        """Every statement that the function's role holds, wherever it is written."""
        role = self.target(self.functions()[function]["Role"])
        inline = [policy["PolicyDocument"] for policy in self.properties("AWS::IAM::Role")[role].get("Policies", ())]
        attached = [
            policy["PolicyDocument"]
            for policy in self.properties("AWS::IAM::Policy").values()
            if role in [self.target(one) for one in policy.get("Roles", ())]
        ]
        return [statement for document in (*inline, *attached) for statement in document["Statement"]]


def texts(value: Any) -> list[str]:
    """One or several, as a list."""
    return [value] if isinstance(value, str) else list(value)


def synthesize(folder: Path, **context: object) -> Assembly:
    """The stack with this context beside what cdk.json gives."""
    given = json.loads((ROOT / "cdk.json").read_text())["context"]
    assembly = build({**given, **context}, outdir=str(folder)).synth()
    return Assembly(folder, json.loads(Path(assembly.directory, "Renkei.template.json").read_text()))


@pytest.fixture(scope="session", autouse=True)
def own_node() -> Iterator[None]:
    """The node that is locked beside the project comes before any other on this machine."""
    import sys

    before = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    yield
    os.environ["PATH"] = before


@pytest.fixture(scope="session")
def aws(own_node: None, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """As it goes to AWS, with a partner's event source."""
    source = "aws.partner/salesforce.com/00D000000000000AAA/0YL000000000000"
    return synthesize(tmp_path_factory.mktemp("aws"), salesforce_event_sources=[source])


@pytest.fixture(scope="session")
def local(own_node: None, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """As it goes to the emulator, built for this machine."""
    return synthesize(tmp_path_factory.mktemp("local"), local="true", nag="false", local_event_buses="crm-events")
