"""Watch the event loop of an asyncio program: `python -m loopscope app.py`."""
