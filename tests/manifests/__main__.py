"""Holds the manifests against the forms of Kubernetes and of Compose: a field that is misspelt or misplaced is
taken by nobody's parser here, and would be left out in silence there."""

import json
import sys
from pathlib import Path

import kubernetes_validate
import yaml
from compose_spec import PyCompose

ROOT = Path(__file__).resolve().parents[2]

# The oldest version that the manifests are written for.
KUBERNETES = "1.31"

# What Kubernetes itself does not know: applied by kustomize and by KEDA.
OTHERS = ("kustomize.config.k8s.io/", "keda.sh/")


def manifests():
    """Every document of k8s/, with the file that it is in."""
    for path in sorted(ROOT.glob("k8s/**/*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            yield path.relative_to(ROOT), document


def unplaced(path, document):
    """Patches of a kustomization that find nothing to change in base/ or nats/."""
    targets = [found for file, found in manifests() if file.parts[1] in ("base", "nats")]
    for patch in document.get("patches", []):
        wanted = patch["target"]
        found = [
            target
            for target in targets
            if target["kind"] == wanted["kind"] and target["metadata"]["name"] == wanted["name"]
        ]
        if not found:
            yield f"{path}: there is no {wanted}"
        for target in found:
            for change in yaml.safe_load(patch["patch"]):
                place, last = target, change["path"].split("/")[1:]
                try:
                    for step in last[:-1]:
                        place = place[int(step) if isinstance(place, list) else step]
                    if change["op"] != "add":
                        place[int(last[-1]) if isinstance(place, list) else last[-1]]
                    elif isinstance(place, list) != (last[-1] == "-"):
                        raise KeyError(last[-1])
                except (KeyError, IndexError) as error:
                    yield f"{path}: {change['path']} of {wanted['name']}: {error}"


def main():
    """Says what is wrong; the status is 1 if anything is."""
    wrong, seen = [], 0
    for path, document in manifests():
        if document["apiVersion"].startswith(OTHERS):
            wrong.extend(unplaced(path, document))
            continue
        seen += 1
        try:
            kubernetes_validate.validate(document, KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as error:
            said = str(error).splitlines()[0]
            wrong.append(f"{path} {document['kind']}: {said}")
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
    try:
        PyCompose.from_json(json.dumps(compose)).validate()
    except Exception as error:  # pylint: disable=broad-except
        wrong.append(f"deploy/compose.yaml: {error}")
    if seen < 15:
        wrong.append(f"only {seen} manifests were found")
    for one in wrong:
        print(one)
    print(f"{seen} manifests of k8s/ and deploy/compose.yaml: {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


main()
