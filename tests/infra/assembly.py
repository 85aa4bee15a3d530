"""A synthesized stack, read as plain JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def unbuilt(folder: Path, **context: object) -> Assembly:
    """The same without bundles: fast, for what depends on parameters only."""
    return synthesize(folder, nag="false", **{"aws:cdk:bundling-stacks": [], **context})
