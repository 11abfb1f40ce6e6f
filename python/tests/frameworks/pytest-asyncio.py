# packages: pytest pytest-asyncio
import asyncio, pathlib, pytest, sys

pathlib.Path("test_it.py").write_text('''
import asyncio, pytest

@pytest.mark.asyncio
async def test_sleep():
    await asyncio.sleep(0.01)

@pytest.mark.asyncio
async def test_error():
    async def fail():
        raise ValueError
    with pytest.raises(ValueError):
        await asyncio.gather(fail())
''')
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "--no-header", "-rN", "test_it.py"]))
