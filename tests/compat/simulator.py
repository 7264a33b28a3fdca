"""The simulator as a process of its own, and what it says is true."""

import contextlib
import json
import subprocess
import urllib.request

import pointing

#: Where it is, for as long as it runs, and what runs.
base = None
program = None
#: By other means than those of the client that is looked at, and past any proxy.
browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PASSWORD = "not-a-real-password"


@contextlib.contextmanager
def running(it):
    """Starts it on a free port, points juriscraper at it, and ends it."""
    global base, program
    program = it
    command = [program, "--listen", "127.0.0.1:0", "--cases", "15", "--entries", "30"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        base = json.loads(process.stdout.readline())["listening"]
        pointing.point_at(base)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def admin(path, body=None, method=None):
    """Asks the administration."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{base}/admin/{path}", data, headers, method=method)
    with browser.open(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def cases(court):
    """All cases of a court, as its list has them."""
    return admin(f"courts/{court}/cases")


def find(court, peculiarity="none", kind=None):
    """The truth about the first case of that kind."""
    return the_first(court, lambda row: row["peculiarity"] == peculiarity and kind in (None, row["kind"]))


def numbered(court, serial):
    """The truth about the well-known case with that serial, `90009` for example."""
    return the_first(court, lambda row: row["lookup_number"].endswith(str(serial)))


def the_first(court, fits):
    row = next(filter(fits, cases(court)))
    return admin(f"courts/{court}/cases/{row['pacer_case_id']}") | {"lookup_number": row["lookup_number"]}


def document(court, pacer_doc_id):
    """The truth about a document, with its words."""
    return admin(f"courts/{court}/documents/{pacer_doc_id}")


def sales():
    return admin("ledger")["sales"]


def forget():
    """No sales, no faults, no attempts to log in."""
    for what in ("ledger", "faults", "accounts"):
        admin(what, method="DELETE")


def order(**fault):
    admin("faults", fault)
