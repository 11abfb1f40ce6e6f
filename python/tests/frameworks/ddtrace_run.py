# packages: ddtrace
# children
"""`ddtrace-run` has a `sitecustomize` of its own: both are loaded."""
import os
import subprocess
import sys

for name in ("DD_TRACE_ENABLED", "DD_INSTRUMENTATION_TELEMETRY_ENABLED"):
    os.environ[name] = "false"
os.environ["DD_REMOTE_CONFIGURATION_ENABLED"] = "false"
CODE = """
import asyncio, sys
async def main():
    await asyncio.sleep(0.001)
    print("ddtrace" in sys.modules)
asyncio.run(main())
"""
command = os.path.join(os.path.dirname(sys.executable), "ddtrace-run")
sys.exit(subprocess.run([command, sys.executable, "-c", CODE]).returncode)
