"""Replaces functions of asyncio by ones that also record."""

import functools

from .recorder import give_up


def _replace(owner, name, wrapper):
    setattr(owner, name, functools.wraps(getattr(owner, name))(wrapper))


def wrap(owner, name):
    """Decorates a function that takes the place of a method, and gets the original first."""

    def replace(function):
        original = getattr(owner, name)
        _replace(owner, name, lambda *args, **kwargs: function(original, *args, **kwargs))
        return function

    return replace


def after(owner, name):
    """Decorates a function that gets what a method has returned, and the arguments of the call."""

    def observe(function):
        original = getattr(owner, name)

        def wrapper(*args, **kwargs):
            result = original(*args, **kwargs)
            try:
                function(result, *args, **kwargs)
            except Exception as error:
                give_up(error)
            return result

        _replace(owner, name, wrapper)
        return function

    return observe
