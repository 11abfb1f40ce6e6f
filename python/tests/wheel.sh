#!/usr/bin/env bash
# Builds the wheel with maturin, installs it into a fresh environment, and uses it there. Where there is no Python, no pip or
# no network, a line says so. The environments are removed. The wheel is built like the tests (`dev`), so that in a checkout
# that was tested little is compiled; `PROFILE=release` builds the one to publish.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}

skip() {
    echo "wheel: skipped, $1"
    exit 0
}

command -v "$python" >/dev/null || skip "there is no $python"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' || skip "$python is older than 3.9"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$python" -m venv "$folder/build" >/dev/null 2>&1 || skip "$python has no venv"
maturin="$folder/build/bin/maturin"
"$folder/build/bin/pip" install --quiet --disable-pip-version-check "maturin>=1.7,<2" 2>/dev/null ||
    skip "maturin cannot be installed (no network?)"
"$maturin" build --quiet --locked --profile "${PROFILE:-dev}" --out "$folder/wheels"

"$python" -m venv "$folder/fresh"
"$folder/fresh/bin/pip" install --quiet --disable-pip-version-check --no-index "$folder"/wheels/*.whl
export PATH="$folder/fresh/bin:$PATH"
cd "$folder"

cat >app.py <<'PROGRAM'
import asyncio


async def worker(number):
    await asyncio.sleep(0.001 * number)
    return number


async def main():
    print(await asyncio.gather(worker(1), worker(2)))


asyncio.run(main())
PROGRAM

expect() {
    if ! grep -q -- "$1"; then
        echo "wheel: \"$1\" was expected of: $2" >&2
        exit 1
    fi
}
loopscope --version | expect '^loopscope [0-9]' "loopscope --version"
[ "$(LOOPSCOPE=record:run.loopscope python -m loopscope app.py)" = "[1, 2]" ]
loopscope replay run.loopscope --plain | expect '#2 worker' "a recording of python -m loopscope"
status=0
LOOPSCOPE=nonsense python -m loopscope app.py 2>errors || status=$?
[ "$status" = 2 ]
expect 'record:FILE' "a wrong LOOPSCOPE" <errors
python -c 'import _loopscope.hooks, loopscope.adapter'
# The program uses the adapter that pip has compiled, and leaves it there.
cat >which.py <<'PROGRAM'
import asyncio
import os
import sys

asyncio.run(asyncio.sleep(0))
for name in "sitecustomize", "_loopscope.hooks":
    print(os.path.realpath(sys.modules[name].__spec__.cached))
PROGRAM
find fresh/lib -path '*/_loopscope/*' | sort >before
loopscope python --record which.loopscope which.py >cached
[ "$(grep -c '/site-packages/_loopscope/__pycache__/' cached)" = 2 ]
find fresh/lib -path '*/_loopscope/*' | sort | diff before -

if "$folder/fresh/bin/pip" install --quiet --disable-pip-version-check pytest 2>/dev/null; then
    printf 'import asyncio\n\ndef test_it():\n    asyncio.run(asyncio.wait_for(asyncio.sleep(1), 0.01))\n' >test_it.py
    if python -m pytest -q -p no:cacheprovider --loopscope >said; then
        echo "wheel: the test should fail" >&2
        exit 1
    fi
    expect 'loopscope replay .loopscope/test_it.py_test_it.wire' "pytest --loopscope" <said
    loopscope replay .loopscope/test_it.py_test_it.wire --plain | expect 'TimeoutError' "the recording of a test"
else
    echo "wheel: pytest --loopscope skipped, pytest cannot be installed"
fi
echo "wheel: built, installed and used with $("$python" --version)"
