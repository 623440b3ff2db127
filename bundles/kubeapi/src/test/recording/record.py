#!/usr/bin/env python3
"""Records how a real kube-apiserver answers objects of the built-in kinds, for BuiltInAnswersTest:

    sh itests/control-plane.sh up DIR
    python3 bundles/kubeapi/src/test/recording/record.py DIR/kubeconfig
    sh itests/control-plane.sh down DIR

Takes the cases of cases.py beside this file: {"path", "body"} is posted; "update" is then put over it (with "subresource" there),
"merge" sent as a merge patch instead. What differs from run to run is taken out of the answers.
"""
import cases
import json
import os
import re
import signal
import ssl
import sys
import urllib.error
import urllib.request

from cases import CASES

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "../resources/io/kelp/kubeapi/internal/types/answers.json")
config = open(sys.argv[1], encoding="utf-8").read()
SERVER = re.search(r"server: (\S+)", config).group(1)
TOKEN = re.search(r"token: (\S+)", config).group(1)
CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


def ask(method, path, body=None, kind="application/json", accept="application/json", warnings=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Bearer " + TOKEN, "Content-Type": kind, "Accept": accept}
    request = urllib.request.Request(SERVER + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, context=CONTEXT, timeout=20) as answer:
            if warnings is not None:
                warnings.extend(answer.headers.get_all("Warning") or [])
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as e:
        return e.code, json.loads(e.read())


def table(target):
    """Columns and cells, without ages, which grow."""
    code, answer = ask("GET", target, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    columns = [[c["name"], c["type"], c["format"], c["priority"]] for c in answer["columnDefinitions"]]
    cells = [re.sub(r"[0-9ydhms]+ ago", "N ago", c) if isinstance(c, str) else c for c in answer["rows"][0]["cells"]]
    return {"columns": columns, "cells": ["" if columns[i][0] in ("Age", "Created At") else c for i, c in enumerate(cells)]}


def plain(answer):
    metadata = answer.get("metadata", {})
    for name in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
        metadata.pop(name, None)
    return json.loads(re.sub(r"kube-api-access-[a-z0-9]{5}", "kube-api-access-xxxxx", json.dumps(answer)))


def main():
    recorded = []
    folder = os.path.dirname(os.path.abspath(sys.argv[1]))
    controllers = [int(open(os.path.join(folder, name + ".pid"), encoding="utf-8").read()) for name in ("kube-controller-manager", "kube-scheduler")]
    for pid in controllers:
        os.kill(pid, signal.SIGSTOP)  # only the API server is to answer
    try:
        record(recorded)
    finally:
        for pid in controllers:
            os.kill(pid, signal.SIGCONT)
    with open(OUT, "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in recorded) + "\n]\n")
    print(len(recorded), "answers")


def record(recorded):
    for number, case in enumerate(CASES):
        body = case["body"]
        name = "t%d" % number
        if isinstance(body, dict):
            metadata = body.get("metadata")
            if metadata is None:
                metadata = body["metadata"] = {}
            if isinstance(metadata, dict):
                metadata.setdefault("name", name)
                name = metadata["name"]
        path = case["path"]
        warnings = []
        code, answer = ask("POST", path, body, warnings=warnings)
        entry = dict(case, code=code, answer=plain(answer))
        if warnings:
            entry["warnings"] = warnings
        if code == 201:
            if "update" in case:
                target = path + "/" + name + ("/" + case["subresource"] if "subresource" in case else "")
                code, answer = ask("PATCH", target, case["update"], "application/merge-patch+json")
                entry.update(updateCode=code, updateAnswer=plain(answer))
            entry["table"] = table(path + "/" + name)
            ask("PATCH", path + "/" + name, {"metadata": {"finalizers": None}}, "application/merge-patch+json")
            ask("DELETE", path + "/" + name + "?gracePeriodSeconds=0")
            if path.endswith("/namespaces"):
                ask("PUT", path + "/" + name + "/finalize", {"metadata": {"name": name}, "spec": {"finalizers": []}})
        elif "update" in case:
            print("not created:", json.dumps(case), answer.get("message"))
        recorded.append(entry)



main()
