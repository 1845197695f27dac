"""Runs python-dxf's command again and again for tests, without starting an interpreter each time.

A request is a line of JSON on descriptor 3: words, environment, and the files for standard input, output and error.
The answer is a line with the exit status on standard output.
"""
import json
import os
import sys
import traceback

import dxf.main
import requests  # loaded once, for all
import tqdm  # noqa: F401


def run(request):
    os.environ.clear()
    os.environ.update(request["environment"])
    for number, name in enumerate(["stdin", "stdout", "stderr"]):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY
        os.dup2(os.open(request[name], flags), number)
    sys.stdin = open(0)
    sys.argv = ["dxf", *request["words"]]
    status = 0
    try:
        dxf.main.main()
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


for line in os.fdopen(3):
    child = os.fork()
    if child == 0:
        run(json.loads(line))
    _, ended = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(ended), flush=True)
